"""The platform of the walk: people who comment below a post or write by WhatsApp, and what reached them there.

The stand-in delivers by real signed hooks, some twice, some late, some in another order; what it accepted from the desk
is what a person holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from ganzohr.proofs.meta import Mischief, Platform, running

if TYPE_CHECKING:
    from ganzohr.proofs.mainjob.questions import Asked
    from ganzohr.proofs.meta.world import Person

KEY = "proof-meta-app"
TRICKS = {"duplicate": 0.5, "reorder": 0.5, "delay": 0.3, "batch": 0.3, "longest_delay": 1.0}
PRIVATE = ("comment.private_reply", "messenger.send")
# How the words may reach somebody who asked that way
ROADS = {"comment": ("comment.reply",), "comment_private": PRIVATE, "whatsapp": ("whatsapp.send",)}


@dataclass
class Network:
    """A page with a post, a number, and everybody who asks there."""

    platform: Platform
    people: dict[int, Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.page = self.platform.add_page("Kliniken Auental")
        self.number = self.platform.add_number("+49 30 5550100", "Kliniken Auental")
        self.post = self.platform.people.post(self.page, "Wir suchen Menschen wie dich. Fragen? Gern hier.")

    def connect(self, **common: Any) -> None:
        """One app of ours at the desk with both accounts."""
        from ganzohr.channels.accounts import sealed
        from ganzohr.channels.models import App, Channel

        platform, number = self.platform, self.number
        secrets = {"app_secrets": json.dumps(platform.secrets), "verify_token": platform.verify_token}
        app = App.objects.create(
            kind="meta", name="Kliniken Auental", key=KEY, secrets=sealed(secrets),
            settings={"graph_url": platform.url, "app_id": platform.app_id},
        )  # fmt: skip
        page = {"page_id": self.page.id, "page_name": self.page.name}
        phone = {"phone_number_id": number.id, "waba_id": number.waba_id, "phone": number.phone}
        for kind, name, here, settings in (
            ("facebook", "Facebook-Seite", self.page, page), ("whatsapp", "WhatsApp", number, phone),
        ):  # fmt: skip
            Channel.objects.create(
                kind=kind, name=name, key=f"{KEY}-{kind}", app=app, external_id=here.id, settings=settings,
                secrets=sealed({"access_token": here.token}), **common,
            )  # fmt: skip

    def greet(self, base: str) -> None:
        """The platform asks the desk's hook addresses for their word and delivers there from now on."""
        for object_, kind in (("page", "facebook"), ("whatsapp_business_account", "whatsapp")):
            if not self.platform.hooks.shake_hands(object_, f"{base}/hooks/{kind}/{KEY}/", self.platform.verify_token):
                raise RuntimeError(f"the desk did not answer the handshake of {kind}")

    def ask(self, asked: Asked) -> str:
        """Somebody asks; by which id the desk will know them."""
        people = self.platform.people
        if asked.way == "whatsapp":
            person = people.person(asked.name, phone=f"4917055{asked.number:05d}", reads=True)
            people.whatsapp(self.number, person, asked.question)
        else:
            person = people.person(asked.name, reads=True)
            people.comment(self.post, person, asked.question)
        self.people[asked.number] = person
        return person.user_id if asked.way == "whatsapp" else person.id

    def received(self, asked: Asked) -> tuple[bytes, str]:
        """All that the platform took for this person as its own record says, and the words that came the right way."""
        person = self.people[asked.number]
        theirs = {person.id, person.phone, person.user_id} - {""}
        taken = [one for one in self.platform.record.accepted if one.to in theirs]
        words = [one.text for one in taken if one.road in ROADS[asked.way]]
        lines = "".join(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in taken)
        return lines.encode(), "\n".join(words)

    def astray(self, asked: Asked) -> list[str]:
        """The ways on which something reached this person that was not meant to."""
        person = self.people[asked.number]
        theirs = {person.id, person.phone, person.user_id} - {""}
        roads = {one.road for one in self.platform.record.accepted if one.to in theirs and one.text}
        return sorted(roads - set(ROADS[asked.way]))

    def hooks(self) -> tuple[int, int]:
        """How many deliveries the desk took, and how many of them it had before."""
        bodies = [one.body for one in self.platform.hooks.sent]
        return len(bodies), len(bodies) - len(set(bodies))


@contextmanager
def open_network(asked: Sequence[Asked]) -> Iterator[Network | None]:
    """The platform, if anybody asks there."""
    if not any(one.way in ROADS for one in asked):
        yield None
        return
    with running(Mischief(seed=3, **TRICKS)) as platform:
        yield Network(platform)
