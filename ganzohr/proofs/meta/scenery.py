"""The demo's people on the platform: one page, one number, what they wrote so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ganzohr.proofs.meta import samples
from ganzohr.proofs.meta.platform import Platform
from ganzohr.proofs.meta.world import Comment, Number, Page, Person, Post
from ganzohr.proofs.sample import networks, pictures
from ganzohr.proofs.sample.networks import Deed, Line

TEMPLATES = (
    ("antwort_bereit", "de", "UTILITY", "Hallo {{1}}, deine Antwort von {{2}} ist da. Schreib kurz, dann kommt sie."),
    ("antwoord_klaar", "nl", "UTILITY", "Hoi {{1}}, je antwoord van {{2}} is er. Stuur een berichtje, dan komt het."),
    ("answer_ready", "en", "UTILITY", "Hi {{1}}, your answer from {{2}} is here. Drop us a line and we will send it."),
    ("offene_tuer", "de", "MARKETING", "Hallo {{1}}, am {{2}} ist Tag der offenen Tür. Magst du kommen?"),
)  # fmt: skip


@dataclass
class Scenery:
    """Ours and theirs; `made` finds posts and comments by their key in the sample."""

    page: Page
    number: Number
    people: dict[str, Person] = field(default_factory=dict)
    made: dict[str, Post | Comment] = field(default_factory=dict)


def prepare(platform: Platform, employer: str = "Kliniken Auental") -> Scenery:
    """Page, number, templates and people; nothing has happened yet."""
    page = platform.add_page(f"{employer} Karriere")
    number = platform.add_number("+49 5921 5550100", f"{employer} Karriere")
    for name, language, category, body in TEMPLATES:
        platform.add_template(number, name, body, language, category=category)
    scenery = Scenery(page, number)
    for who in dict.fromkeys(deed.who for deed in networks.deeds() if deed.who):
        scenery.people[who] = platform.people.person(who)
    for who, phone in networks.phones().items():
        hides = phone.startswith("@")
        made = platform.people.person(
            who, "" if hides else phone, username=phone.removeprefix("@") if hides else "", hides_phone=hides
        )
        made.phone = made.phone or platform.world.ids.digits(13)
        scenery.people[who] = made
    return scenery


def play(platform: Platform, scenery: Scenery, *, with_ours: bool = False) -> None:
    """Everything people did, at its time. `with_ours`: also what we answered, as if from elsewhere."""
    now = platform.now()
    for one in networks.story():
        if with_ours or not one.is_ours:
            do(platform, scenery, one, now - timedelta(hours=one.hours_ago))


def do(platform: Platform, scenery: Scenery, one: Deed | Line, at: datetime) -> None:
    """One thing of the sample. What is ours happens as if from elsewhere."""
    if isinstance(one, Line):
        _say(platform, scenery, one, at)
    else:
        _do(platform, scenery, one, at)


def _do(platform: Platform, scenery: Scenery, deed: Deed, at: datetime) -> None:
    people, below, who = platform.people, scenery.made.get(deed.below), scenery.people.get(deed.who)
    post = below.post if isinstance(below, Comment) else below
    parent = below if isinstance(below, Comment) else None
    if deed.kind == "post":
        scenery.made[deed.key] = people.post(scenery.page, deed.words, photo=_photo(platform, deed.key), at=at)
    elif deed.kind in ("comment", "ours") and post:
        scenery.made[deed.key] = people.add_comment(post, who, deed.words, parent=parent, at=at)
    elif deed.kind == "edit" and below:
        people.edit(below, deed.words)
    elif deed.kind == "delete" and below:
        people.remove(below)
    elif deed.kind == "like" and below and who:
        people.react(below, who)
    elif deed.kind == "written" and who:
        people.write(scenery.page, who, deed.words, at=at)


def _photo(platform: Platform, key: str) -> str:
    """Where everybody sees the picture of a post; empty where it has none."""
    if key not in pictures.DRAWN:
        return ""
    media = platform.keep_media(pictures.draw(key), "image/jpeg", f"{key}.jpg", is_ours=True)
    return f"{platform.url}/stand-in/files/{media.id}"


def _say(platform: Platform, scenery: Scenery, line: Line, at: datetime) -> None:
    who, number, people = scenery.people[line.who], scenery.number, platform.people
    if line.way == "says":
        people.whatsapp(number, who, line.words, at=at)
    elif line.way == "picture":
        people.media(number, who, samples.picture(), "image/png", caption=line.words, at=at)
    elif line.way == "voice":
        people.voice(number, who, samples.voice(), at=at)
    elif line.way == "call":
        people.call(number, who, at=at)
    elif line.way == "ours":
        people.sent_elsewhere(number, who, line.words, at=at)
    else:
        _look(platform, scenery, line)


def _look(platform: Platform, scenery: Scenery, line: Line) -> None:
    talk = platform.world.talk(scenery.number, scenery.people[line.who])
    ours = [letter for letter in talk.letters if letter.by_us]
    if line.way == "reads":
        platform.people.read(talk)
    elif ours:
        platform.people.react_to(ours[-1], line.words)


def accounts(platform: Platform, scenery: Scenery) -> dict[str, Any]:
    """What the desk must know to connect: the app, the page, the number. Secrets of a stage, none of them real."""
    page, number = scenery.page, scenery.number
    return {
        "graph_url": platform.url,
        "app_id": platform.app_id,
        "app_secrets": platform.secrets,
        "verify_token": platform.verify_token,
        "page": {"page_id": page.id, "page_name": page.name, "access_token": page.token},
        "number": {
            "phone_number_id": number.id, "waba_id": number.waba_id, "phone": number.phone,
            "access_token": number.token,
        },
    }  # fmt: skip
