"""The sample's channels: the career site's chat, the career mailbox, by hand for what is not connected."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta

from ganzohr.channels.accounts import sealed
from ganzohr.channels.models import Channel, PublicPost
from ganzohr.core import crypto, times
from ganzohr.knowledge.models import Click, DeepLink, ShortLink
from ganzohr.proofs.sample.employer import Employer
from ganzohr.proofs.sample.history import Channels
from ganzohr.proofs.sample.tables import DOMAIN
from ganzohr.website.models import Source

MAILBOX, PASSWORD = f"karriere@{DOMAIN}", "sample"
WIDGET_KEY = "sample-career-site"
POSTS = (
    ("dienstplan", "So sieht ein Dienstplan bei uns aus, acht Wochen im Voraus. Was wäre euch dabei am wichtigsten?"),
    ("kita", "Unsere Kita öffnet um 5:45 Uhr, weil der Frühdienst um 6 beginnt."),
    (
        "mira",
        "Ein Tag auf der Kinderintensivstation: Mira, im zweiten Ausbildungsjahr, nimmt euch mit in ihre Spätschicht.",
    ),
    ("kueche", "600 Essen in drei Stunden. Ein Vormittag in der Küche in Grünhafen."),
)
LINKS = {
    "apprenticeship": "Ausbildung in der Pflege",
    "internship": "Praktikum und FSJ",
    "foreign-qualifications": "Anerkennung",
    "student-jobs": "Jobs neben dem Studium",
    "application-status": "Offene Stellen",
}


def build(employer: Employer) -> Channels:
    """Create them, connected to the demo's own mail servers."""
    website = channel_of(employer, "website", "Karriereseite", key=WIDGET_KEY, settings=_website())
    website.secrets = sealed({"signing": crypto.new_token()})
    website.save()
    mail = channel_of(employer, "mail", "Karriere-Postfach", settings=_mail(), address="formal", signature="expert")
    mail.secrets = sealed({"password": PASSWORD})
    mail.save()
    hand = channel_of(employer, "hand", "Von Hand")
    posts = tuple(
        PublicPost.objects.create(
            channel=hand, external_id=f"https://www.instagram.com/p/auental-{code}/", text=text, author=employer_name(),
            permalink=f"https://www.instagram.com/p/auental-{code}/",
        )
        for code, text in POSTS
    )  # fmt: skip
    _links(employer, (website, mail))
    for code, name in (("messe-enschede", "Messe Enschede"), ("plakat-mensa", "Plakat in der Mensa")):
        Source.objects.create(channel=website, code=code, name=name)
    return Channels(website, mail, hand, posts)


def employer_name() -> str:
    """Who posts."""
    return "Kliniken Auental Karriere"


def channel_of(
    employer: Employer, kind: str, name: str, *, key: str = "", settings: Mapping[str, object] | None = None,
    address: str = "informal", signature: str = "initials",
) -> Channel:  # fmt: skip
    """A channel of the sample."""
    purpose = {
        "website": "Für alle, die auf der Karriereseite eine Frage haben, meist abends.",
        "mail": "Für Bewerberinnen und Bewerber, die lieber eine Mail schreiben.",
        "hand": "Für Instagram, LinkedIn und kununu, bis sie verbunden sind.",
        "facebook": "Für alle, die unter unseren Beiträgen fragen, loben oder sich ärgern.",
        "whatsapp": "Für junge Leute, die lieber schreiben als anrufen.",
    }[kind]
    return Channel.objects.create(
        kind=kind, name=name, key=key or crypto.new_token()[:24], hours=employer.hours, languages=["de", "nl", "en"],
        purpose=purpose, address=address, signature=signature, settings=dict(settings or {}), last_event_at=times.now(),
    )  # fmt: skip


def _website() -> dict[str, object]:
    site = f"http://127.0.0.1:{os.environ.get('GANZOHR_DEMO_SITE', '8001')}"
    return {"title": "Kliniken Auental", "origins": [site], "privacy_url": f"{site}/datenschutz"}


def _mail() -> dict[str, object]:
    return {
        "address": MAILBOX, "from_name": employer_name(), "user": MAILBOX, "auth": "password",
        "imap_host": "127.0.0.1", "imap_port": int(os.environ.get("GANZOHR_DEMO_IMAP", "0")), "imap_security": "none",
        "imap_folder": "INBOX",
        "smtp_host": "127.0.0.1", "smtp_port": int(os.environ.get("GANZOHR_DEMO_SMTP", "0")), "smtp_security": "none",
    }  # fmt: skip


def _links(employer: Employer, channels: tuple[Channel, ...]) -> None:
    today = times.now().date()
    for number, (slug, name) in enumerate(LINKS.items()):
        link = DeepLink.objects.create(
            name=name, url=f"https://jobs.auental.example/{slug}", topic=employer.topics[slug], language="de"
        )
        for place, channel in enumerate(channels):
            short = ShortLink.objects.create(code=f"{slug[:3]}{number}{place}x", deep_link=link, channel=channel)
            Click.objects.bulk_create(
                Click(short_link=short, on=today - timedelta(days=back), count=1 + (back * 7 + number * 3 + place) % 5)
                for back in range(0, 56, 1 + number)
            )
