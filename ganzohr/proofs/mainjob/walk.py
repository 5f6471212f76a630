"""The walk itself: everybody asks at once, experts answer in their ways, a manager approves, everybody receives."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import formataddr, make_msgid
from typing import TypeVar
from urllib.parse import urlsplit

from ganzohr.proofs.forms import Browser, Form, Page
from ganzohr.proofs.mainjob.questions import Asked
from ganzohr.proofs.mainjob.scene import Scene

T = TypeVar("T")
PATIENCE = 90.0
SETTLE = 3.0  # a second copy would have come by now
QUICKEST = 2.1  # the form must have been open that long


class NotInTime(Exception):
    """Something that should have happened did not."""


@dataclass
class Walk:
    """One question on its way."""

    asked: Asked
    address: str = ""
    token: str = ""
    link: str = ""
    conversation: int = 0
    topic: str = ""
    was_sure: bool = False
    expert: str = ""
    how: str = ""
    received: bytes = b""
    words: str = ""
    troubles: list[str] = field(default_factory=list)


def wait_for(what: str, look: Callable[[], T | None], patience: float = PATIENCE) -> T:
    """The first thing that `look` finds."""
    until = time.monotonic() + patience
    while (found := look()) is None:
        if time.monotonic() > until:
            raise NotInTime(what)
        time.sleep(0.15)
    return found


def ask_all(scene: Scene, walks: list[Walk]) -> None:
    """Everybody asks at the same time."""
    with ThreadPoolExecutor(max_workers=8) as people:
        list(people.map(lambda walk: ASKING[walk.asked.way](scene, walk), walks))


def _by_website(scene: Scene, walk: Walk) -> None:
    """Every second visitor writes in the widget, by the calls its script makes; the others on the plain page."""
    (_in_the_widget if walk.asked.number % 2 else _on_the_plain_page)(scene, walk)


def _in_the_widget(scene: Scene, walk: Walk) -> None:
    client, base = scene.visitor(walk.asked.number).client, f"{scene.base}/w/{scene.widget_key}"
    config = client.get(f"{base}/config?lang=de").json()
    walk.token = secrets.token_urlsafe(32)
    time.sleep(QUICKEST)
    letter = {
        "token": walk.token, "id": secrets.token_hex(12), "text": walk.asked.question, "name": walk.asked.name,
        "stamp": config["stamp"], "source": f"proof-{walk.asked.number}", "page": scene.base, "homepage": "",
        "mail_address": "", "consent": "on", "consent_version": config["words"]["consent"]["version"],
    }  # fmt: skip
    answer = client.post(f"{base}/letters?lang=de", data=letter, headers={"Origin": scene.base})
    if answer.status_code != 200:
        raise NotInTime(f"{walk.asked.label}: the widget's letter was not taken: {answer.text[:200]}")
    walk.link = urlsplit(answer.json()["link"]).path


def _on_the_plain_page(scene: Scene, walk: Walk) -> None:
    browser = scene.visitor(walk.asked.number)
    page = browser.get(f"/w/{scene.widget_key}/?lang=de&src=proof-{walk.asked.number}")
    form = page.form(field="text")
    time.sleep(QUICKEST)
    box = {"consent": "on"} if "consent" in page.body else {}
    page = browser.submit(page, form, {"text": walk.asked.question, "name": walk.asked.name, **box})
    found = re.search(r"/v/[^/]+/", page.url)
    if not found:
        raise NotInTime(f"{walk.asked.label}: the form was not taken ({page.status}): {page.text[:200]}")
    walk.link = found.group()


def mail_address(asked: Asked) -> str:
    """Where this candidate reads mail."""
    local = re.sub(r"[^a-z]", "", asked.name.lower()) or "nobody"
    return f"{local}.{asked.number}@candidates.example"


def _by_mail(scene: Scene, walk: Walk) -> None:
    walk.address = mail_address(walk.asked)
    mail = EmailMessage()
    mail["From"] = formataddr((walk.asked.name, walk.address))
    mail["To"] = scene.desk_address
    mail["Subject"] = "Frage"
    mail["Message-ID"] = make_msgid(domain="candidates.example")
    mail.set_content(walk.asked.question)
    scene.mail.send(mail, walk.address, scene.desk_address)


def _by_hand(scene: Scene, walk: Walk) -> None:
    manager = scene.manager()
    page = manager.get("/channels/by-hand/")
    link = f"https://www.instagram.com/p/proof-{walk.asked.number}/"
    form = page.form(field="text", action="by-hand")
    changes = {"text": walk.asked.question, "name": walk.asked.name, "link": link, "network": "instagram"}
    if "visibility" in form.fields:
        changes["visibility"] = "public"
    page = manager.submit(page, form, changes)
    walk.address = link
    if page.status != 200:
        raise NotInTime(f"{walk.asked.label}: the entry was not taken ({page.status}): {page.text[:200]}")


def _on_the_network(scene: Scene, walk: Walk) -> None:
    assert scene.network
    walk.address = scene.network.ask(walk.asked)


NETWORKS = ("comment", "comment_private", "whatsapp")
ASKING: dict[str, Callable[[Scene, Walk], None]] = {
    "website": _by_website, "mail": _by_mail, "hand": _by_hand, **dict.fromkeys(NETWORKS, _on_the_network),
}  # fmt: skip


def find_conversations(scene: Scene, walks: list[Walk]) -> None:
    """Each question stands in a conversation of its own and is understood."""

    def understood() -> bool | None:
        for walk, found in zip(walks, scene.conversations(walks), strict=True):
            if found is None:
                return None
            walk.conversation, walk.topic, walk.was_sure = found.id, found.topic, found.is_sure
        return True

    wait_for("every question in the inbox, understood", understood)


def choose_topics(scene: Scene, walks: list[Walk]) -> tuple[int, int, int]:
    """Where the desk is unsure or wrong a manager chooses the expected topic; (sure, unsure, sure and wrong)."""
    sure = wrong = 0
    for walk in walks:
        expected = scene.slug(walk.asked.topic)
        if walk.was_sure and walk.topic == expected and _was_asked(scene, walk):
            sure += 1
            continue
        if walk.was_sure and walk.topic != expected:
            wrong += 1
            print(f"        {walk.asked.label}: sure of {walk.topic}, expected {expected}", flush=True)
        scene.choose_topic_and_ask(walk.conversation, expected)
        walk.topic = expected
    return sure, len(walks) - sure - wrong, wrong


def _was_asked(scene: Scene, walk: Walk) -> bool:
    """A sure question is asked by the desk itself, within moments."""
    try:
        return wait_for("asked", lambda: scene.is_asked(walk.conversation), 5.0)
    except NotInTime:
        return False


def answer_all(scene: Scene, walks: list[Walk]) -> None:
    """Each expert reads one mail and answers in one of the ways there are."""
    for number, walk in enumerate(walks):
        mail, expert = wait_for(f"{walk.asked.label}: a mail to an expert", lambda walk=walk: scene.asked_by_mail(walk))  # type: ignore[misc]
        walk.expert = expert
        walk.how = ("page", "mail")[number % 2]
        ANSWERING[walk.how](scene, walk, mail)
        if number == 1:
            scene.auto_reply(mail, expert)


def _on_the_page(scene: Scene, walk: Walk, mail: bytes) -> None:
    """The button of the mail, a scanner that opens it first, the form."""
    link = scene.ask_link(mail)
    browser = scene.visitor(0)
    browser.get(link)
    page = browser.get(link)
    form = page.form(field="answer")
    who = {"name": "Kim"} if "name" in form.fields else {}  # a shared mailbox asks who answers
    page = browser.submit(page, form, {"answer": walk.asked.answer, **who}, ("do", "answer"))
    if page.status >= 400:
        raise NotInTime(f"{walk.asked.label}: the expert's page said {page.status}: {page.text[:200]}")


def _first_button(buttons: list[tuple[str, str]]) -> tuple[str, str] | None:
    return next((button for button in buttons if button[0]), None)


def _by_reply(scene: Scene, walk: Walk, mail: bytes) -> None:
    """A reply above the quoted mail, with a signature, as mail programs write it."""
    asked = message_from_bytes(mail, policy=policy.default)
    body = asked.get_body(("plain",))
    quoted = "\n".join(f"> {line}" for line in (body.get_content() if body else "").splitlines())
    reply = EmailMessage()
    reply["From"] = formataddr((walk.expert.split("@")[0], walk.expert))
    reply["To"] = str(asked["Reply-To"] or asked["From"])
    reply["Subject"] = f"AW: {asked['Subject']}"
    reply["In-Reply-To"] = reply["References"] = str(asked["Message-ID"])
    reply["Message-ID"] = make_msgid(domain="colleagues.example")
    reply.set_content(f"{walk.asked.answer}\n\nAm {asked['Date']} schrieb Karriere:\n{quoted}\n")
    scene.mail.send(reply, walk.expert, scene.bare(str(reply["To"])))


ANSWERING: dict[str, Callable[[Scene, Walk, bytes], None]] = {"page": _on_the_page, "mail": _by_reply}


def approve_all(scene: Scene, walks: list[Walk]) -> None:
    """The manager opens each conversation, finds the expert's words in the box, approves."""
    manager = scene.manager()
    for walk in walks:
        page = wait_for(f"{walk.asked.label}: the draft in the box", lambda walk=walk: _drafted(manager, walk))  # type: ignore[misc]
        form = page.form(field="text", action=f"/inbox/{walk.conversation}/answer")
        words = form.fields["text"].strip()
        if walk.asked.way == "comment_private":
            page, form = _privately(manager, walk)
        page = manager.submit(page, form, {"text": words}, _first_button(form.buttons))
        if page.status == 422:  # something to look at: the same button asks once more
            form = page.form(field="text", action=f"/inbox/{walk.conversation}/answer")
            anyway = [button for button in form.buttons if button[0] == "anyway"]
            page = manager.submit(page, form, {}, anyway[0]) if anyway else page
        if page.status >= 400:
            raise NotInTime(f"{walk.asked.label}: approving answered {page.status}: {page.text[:200]}")


def _privately(manager: Browser, walk: Walk) -> tuple[Page, Form]:
    """The other tab of the box: what is written there reaches only the person who commented."""
    page = manager.get(f"/inbox/{walk.conversation}/?mode=private")
    form = page.form(field="text", action=f"/inbox/{walk.conversation}/answer")
    if form.fields.get("mode") != "private":
        raise NotInTime(f"{walk.asked.label}: there is no private way to answer")
    return page, form


def _drafted(manager: Browser, walk: Walk) -> Page | None:
    page = manager.get(f"/inbox/{walk.conversation}/")
    try:
        form = page.form(field="text", action=f"/inbox/{walk.conversation}/answer")
    except LookupError:
        return None
    return page if plain(walk.asked.answer) in plain(form.fields["text"]) else None


def receive_all(scene: Scene, walks: list[Walk]) -> None:
    """What each candidate holds in their hands at the end, looked at once more after everything has settled."""
    for walk in walks:
        try:
            wait_for(f"{walk.asked.label}: the answer", lambda walk=walk: _receive(scene, walk))  # type: ignore[misc]
        except NotInTime as late:
            walk.troubles.append(str(late))
    time.sleep(SETTLE)
    for walk in walks:
        _receive(scene, walk)


def _receive(scene: Scene, walk: Walk) -> bool | None:
    walk.received, walk.words = RECEIVING[walk.asked.way](scene, walk)
    return True if plain(walk.asked.answer) in plain(walk.words) else None


def _on_private_page(scene: Scene, walk: Walk) -> tuple[bytes, str]:
    """The widget asks for the whole conversation by its token; the plain page is read as it is."""
    browser = scene.visitor(walk.asked.number)
    if not walk.token:
        page = browser.get(walk.link)
        return page.body.encode(), page.text
    bearer = {"Authorization": f"Bearer {walk.token}", "Origin": scene.base}
    answer = browser.client.get(f"{scene.base}/w/{scene.widget_key}/conversation?lang=de", headers=bearer)
    return answer.content, "\n".join(entry["text"] for entry in answer.json()["entries"])


def _in_the_mailbox(scene: Scene, walk: Walk) -> tuple[bytes, str]:
    return b"".join(scene.mail.delivered(walk.address)), scene.own_words_of(walk.address)


def _posted_by_hand(scene: Scene, walk: Walk) -> tuple[bytes, str]:
    if not walk.words:
        walk.words = scene.post_by_hand(walk.conversation)
    return walk.words.encode(), walk.words


def _at_the_platform(scene: Scene, walk: Walk) -> tuple[bytes, str]:
    """What the platform accepted for this person, by its own record; on another way than meant is trouble."""
    assert scene.network
    astray = [f"{walk.asked.label}: reached by {road}" for road in scene.network.astray(walk.asked)]
    walk.troubles += [words for words in astray if words not in walk.troubles]
    return scene.network.received(walk.asked)


RECEIVING: dict[str, Callable[[Scene, Walk], tuple[bytes, str]]] = {
    "website": _on_private_page,
    "mail": _in_the_mailbox,
    "hand": _posted_by_hand,
    **dict.fromkeys(NETWORKS, _at_the_platform),
}


def plain(text: str) -> str:
    """White space normalised."""
    return " ".join(text.split())
