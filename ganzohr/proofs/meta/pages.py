"""Two pages to play with: the network's page with its comments and private talks, and a phone with its chats.

Plain forms; a script only looks now and then whether something is new. `serve(port, platform)` starts them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.template import Context, Engine

from ganzohr.proofs.meta import samples
from ganzohr.proofs.meta.platform import Platform
from ganzohr.proofs.meta.web import Request, Response, Server
from ganzohr.proofs.meta.world import Comment, Letter, Media, Number, Page, Person, Post, Talk

FOLDER = Path(__file__).with_name("page_files")
FILES = {
    "pages.css": "text/css; charset=utf-8",
    "pages.js": "text/javascript; charset=utf-8",
    "pages.svg": "image/svg+xml",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: {}; "
    "media-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
HERE = ZoneInfo("Europe/Berlin")
TICKS = {"sent": ("✓", "gesendet"), "delivered": ("✓✓", "zugestellt"), "read": ("✓✓", "gelesen")}


def serve(port: int, platform: Platform) -> Server:
    """Serve both on loopback: `/` the network, `/telefon` the phone."""
    return Server(port, Pages(platform).answer)


class Pages:
    """Draws what the platform holds; does what a form says through the people's side of it."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def answer(self, request: Request) -> Response:
        """One request."""
        name = request.path.removeprefix("/")
        if name in FILES:
            return Response((FOLDER / name).read_bytes(), kind=FILES[name])
        if name.startswith("datei/"):
            return self._file(name.removeprefix("datei/"))
        draw = {"": self._network, "telefon": self._phone}.get(name)
        if draw is None:
            return Response(b"Not found\n", 404, "text/plain; charset=utf-8")
        with self.platform.lock:
            if request.method == "POST":
                problem = self._do(request)
                kept = {one: str(request.values.get(one, "")) for one in ("als", "privat") if one in request.values}
                place = str(request.values.get("stelle", ""))
                mark = f"#{place}" if place.replace("_", "").replace("-", "").isalnum() else ""
                there = f"/{name}?{urlencode(kept | ({'fehlt': problem} if problem else {}))}{mark}"
                return Response(status=303, headers={"Location": there})
            return _page(f"{name or 'netzwerk'}.html", draw(request), POLICY.format(self.platform.url))

    def _file(self, id_: str) -> Response:
        media = self.platform.world.things.get(id_)
        if not isinstance(media, Media):
            return Response(b"Not found\n", 404, "text/plain; charset=utf-8")
        is_shown = media.content_type.startswith(("image/", "audio/", "video/"))
        kind = media.content_type if is_shown else "application/octet-stream"
        return Response(media.content, kind=kind, headers={"Content-Security-Policy": FILE_POLICY})

    # The network

    def _network(self, request: Request) -> dict[str, Any]:
        world = self.platform.world
        people = [one for one in world.each(Person) if not one.phone or self._writes(one)]
        person = self._chosen(request, people)
        posts = [post for post in world.each(Post) if not post.is_removed]
        posts.sort(key=lambda post: post.at, reverse=True)
        page = next(world.each(Page), None)
        talk = world.talks.get((page.id, person.id)) if page and person else None
        if talk and "privat" in request.query:
            self.platform.people.read(talk)
        return {
            "people": [(one, self._unread(page, one)) for one in people],
            "person": person,
            "page": page,
            "posts": [_post(post, person) for post in posts],
            "letters": _letters(talk),
            "is_private": "privat" in request.query,
            "problem": request.query.get("fehlt", ""),
        }

    def _writes(self, person: Person) -> bool:
        mine = {one.by.id for one in self.platform.world.each(Comment) if one.by}
        return person.id in mine

    def _unread(self, place: Page | Number | None, person: Person) -> int:
        talk = self.platform.world.talks.get((place.id, person.id)) if place else None
        return sum(one.by_us and one.progress == "delivered" for one in talk.letters) if talk else 0

    # The phone

    def _phone(self, request: Request) -> dict[str, Any]:
        world = self.platform.world
        number = next(world.each(Number), None)
        people = [one for one in world.each(Person) if one.phone]
        people.sort(key=lambda one: self._last(number, one), reverse=True)
        person = self._chosen(request, people)
        talk = world.talks.get((number.id, person.id)) if number and person else None
        if talk and "als" in request.query:
            self.platform.people.read(talk)
        return {
            "people": [(one, self._unread(number, one), self._says(number, one)) for one in people],
            "person": person,
            "number": number,
            "letters": _letters(talk),
            "is_open": "als" in request.query,
            "problem": request.query.get("fehlt", ""),
        }

    def _last(self, number: Number | None, person: Person) -> float:
        talk = self.platform.world.talks.get((number.id, person.id)) if number else None
        return talk.letters[-1].at.timestamp() if talk and talk.letters else 0.0

    def _says(self, number: Number | None, person: Person) -> str:
        talk = self.platform.world.talks.get((number.id, person.id)) if number else None
        return _letters(talk)[-1]["words"][:60] if talk and talk.letters else ""

    @staticmethod
    def _chosen(request: Request, people: list[Person]) -> Person | None:
        wanted = request.query.get("als", "")
        return next((one for one in people if one.id == wanted), people[0] if people else None)

    # What a form does

    def _do(self, request: Request) -> str:
        things, values = self.platform.world.things, request.values
        person, what = things.get(str(values.get("als", ""))), things.get(str(values.get("an", "")))
        text = str(values.get("text", "")).strip()
        do = DOES.get(str(values.get("tu", "")))
        if not isinstance(person, Person) or do is None:
            return "wer"
        letter = self.platform.world.talk_of(str(values.get("an", "")))
        about = what or (letter[1] if letter else None)
        if str(values["tu"]) in NEED_TEXT and not text:
            return "text"
        return do(self.platform, person, about, text, request)


Does = Callable[[Platform, Person, Any, str, Request], str]


def _comment(platform: Platform, person: Person, what: Any, text: str, request: Request) -> str:
    if isinstance(what, Post):
        platform.people.comment(what, person, text)
    elif isinstance(what, Comment):
        platform.people.reply(what, person, text)
    return ""


def _own(platform: Platform, person: Person, what: Any, text: str, request: Request) -> str:
    if isinstance(what, Comment) and what.by is person and not what.is_removed:
        if request.values["tu"] == "weg":
            platform.people.remove(what)
        else:
            platform.people.edit(what, text)
    return ""


def _like(platform: Platform, person: Person, what: Any, text: str, request: Request) -> str:
    if isinstance(what, Post | Comment):
        has = any(who == person.id for who, _ in what.likes)
        platform.people.react(what, person, "" if has else "like")
    return ""


def _write(platform: Platform, person: Person, what: Any, text: str, request: Request) -> str:
    if isinstance(what, Page):
        platform.people.write(what, person, text)
    elif isinstance(what, Number):
        platform.people.whatsapp(what, person, text)
    return ""


def _send_file(platform: Platform, person: Person, what: Any, text: str, request: Request) -> str:
    upload = request.files.get("datei")
    if not isinstance(what, Number):
        return "wer"
    if upload and upload.content:
        platform.people.media(what, person, upload.content, upload.content_type, upload.name, text)
    else:
        platform.people.media(what, person, samples.picture(), "image/png", "Zeugnis.png", text)
    return ""


def _speak(platform: Platform, person: Person, what: Any, text: str, request: Request) -> str:
    if isinstance(what, Number):
        platform.people.voice(what, person, samples.voice())
    return ""


def _call(platform: Platform, person: Person, what: Any, text: str, request: Request) -> str:
    if isinstance(what, Number):
        platform.people.call(what, person)
    return ""


def _react(platform: Platform, person: Person, what: Any, text: str, request: Request) -> str:
    if isinstance(what, Letter):
        platform.people.react_to(what, "" if what.reactions.get(person.id) else text or "love")
    return ""


DOES: Mapping[str, Does] = {
    "kommentieren": _comment, "aendern": _own, "weg": _own, "gefaellt": _like, "schreiben": _write,
    "bild": _send_file, "sprechen": _speak, "anrufen": _call, "herz": _react,
}  # fmt: skip
NEED_TEXT = {"kommentieren", "aendern", "schreiben"}


# How things are shown


def _post(post: Post, person: Person | None) -> dict[str, Any]:
    return {
        "post": post,
        "author": post.by.name if post.by else post.page.name,
        "when": _when(post.at),
        "likes": len(post.likes),
        "is_liked": bool(person) and any(who == person.id for who, _ in post.likes) if person else False,
        "comments": [_row(one, depth, person) for one, depth in _tree(post, None, 0)],
    }


def _tree(post: Post, parent: Comment | None, depth: int) -> list[tuple[Comment, int]]:
    found: list[tuple[Comment, int]] = []
    for one in post.comments:
        if one.parent is parent and not one.is_removed:
            found += [(one, min(depth, 2)), *_tree(post, one, depth + 1)]
    return found


def _row(one: Comment, depth: int, person: Person | None) -> dict[str, Any]:
    return {
        "comment": one,
        "depth": depth,
        "author": one.by.name if one.by else one.post.page.name,
        "is_page": one.by is None,
        "is_mine": person is not None and one.by is person,
        "when": _when(one.at),
        "likes": len(one.likes),
        "is_liked": person is not None and any(who == person.id for who, _ in one.likes),
    }


def _letters(talk: Talk | None) -> list[dict[str, Any]]:
    return [_letter(one) for one in talk.letters] if talk else []


def _letter(one: Letter) -> dict[str, Any]:
    kind = "audio" if one.kind == "audio" else "image" if one.kind in ("image", "sticker") else ""
    words = one.text or {
        "audio": "Sprachnachricht", "image": "Bild", "document": "Dokument", "call": "Anruf", "location": "Standort",
    }.get(one.kind, "Nachricht")  # fmt: skip
    sign, said = TICKS.get(one.progress, ("", ""))
    return {
        "letter": one,
        "words": "Zurückgenommen" if one.is_removed else words,
        "kind": kind,
        "when": _when(one.at),
        "ticks": "" if one.by_us else sign,
        "progress": said,
        "reactions": [emoji for emoji in one.reactions.values() if emoji],
    }


def _when(at: Any) -> str:
    local = at.astimezone(HERE)
    return f"{local:%d.%m. %H:%M}"


@cache
def _engine() -> Engine:
    return Engine(dirs=[str(FOLDER)], autoescape=True)


def _page(name: str, context: dict[str, Any], policy: str) -> Response:
    html = _engine().get_template(name).render(Context(context))
    revision = hashlib.sha256(html.encode()).hexdigest()[:12]
    body = html.replace("REVISION", revision, 1).encode()
    return Response(body, kind="text/html; charset=utf-8", headers={"Content-Security-Policy": policy})
