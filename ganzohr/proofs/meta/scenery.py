"""The demo's people on the platform: one page, one number, what they wrote so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from ganzohr.proofs.meta import samples
from ganzohr.proofs.meta.platform import Platform
from ganzohr.proofs.meta.world import Comment, Number, Page, Person, Post
from ganzohr.proofs.sample import networks
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
    for deed in networks.deeds():
        _do(platform, scenery, deed, now - timedelta(hours=deed.hours_ago), with_ours)
    for line in networks.lines():
        _say(platform, scenery, line, now - timedelta(hours=line.hours_ago), with_ours)


def hand_over(platform: Platform, scenery: Scenery) -> list[dict[str, Any]]:
    """Plays all of it and gives the deliveries back instead of sending them: for a desk that is not up yet."""
    taken: list[dict[str, Any]] = []

    def take(url: str, headers: Mapping[str, str], body: bytes) -> int:
        taken.append({"path": urlsplit(url).path, "headers": dict(headers), "body": body.decode()})
        return 200

    usual, platform.hooks.post = platform.hooks.post, take
    try:
        play(platform, scenery)
        platform.settle()
    finally:
        platform.hooks.post = usual
    return taken


def _do(platform: Platform, scenery: Scenery, deed: Deed, at: datetime, with_ours: bool) -> None:
    people, below, who = platform.people, scenery.made.get(deed.below), scenery.people.get(deed.who)
    post = below.post if isinstance(below, Comment) else below
    parent = below if isinstance(below, Comment) else None
    if deed.kind == "post":
        scenery.made[deed.key] = people.post(scenery.page, deed.words, at=at)
    elif deed.kind == "comment" and post and who:
        scenery.made[deed.key] = people.add_comment(post, who, deed.words, parent=parent, at=at)
    elif deed.kind == "ours" and post and with_ours:
        scenery.made[deed.key] = people.add_comment(post, None, deed.words, parent=parent, at=at)
    elif deed.kind == "edit" and below:
        people.edit(below, deed.words)
    elif deed.kind == "like" and below and who:
        people.react(below, who)
    elif deed.kind == "written" and who:
        people.write(scenery.page, who, deed.words, at=at)


def _say(platform: Platform, scenery: Scenery, line: Line, at: datetime, with_ours: bool) -> None:
    who, number, people = scenery.people[line.who], scenery.number, platform.people
    if line.way == "says":
        people.whatsapp(number, who, line.words, at=at)
    elif line.way == "picture":
        people.media(number, who, samples.picture(), "image/png", caption=line.words, at=at)
    elif line.way == "voice":
        people.voice(number, who, samples.voice(), at=at)
    elif line.way == "call":
        people.call(number, who, at=at)
    elif line.way == "ours" and with_ours:
        people.sent_elsewhere(number, who, line.words, at=at)


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
