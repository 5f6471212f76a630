"""One of everything, all at one site, and everybody who might ask for it: for the table of permissions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.files.base import ContentFile
from django.test import Client

from ganzohr.accounts.models import Invitation, User
from ganzohr.channels.models import App, Channel, Delivery, Hold, Outgoing, PublicPost
from ganzohr.contacts.models import Consent, Contact, Handle
from ganzohr.core import crypto, times
from ganzohr.directory.models import Absence, Colleague, Department, OpeningHours, Site
from ganzohr.inbox.models import Attachment, Conversation, Message, Note
from ganzohr.inquiries.models import Inquiry
from ganzohr.knowledge.models import DeepLink, SavedReply, ShortLink
from ganzohr.notifications.models import Ask, AskFile, ColleagueMail
from ganzohr.topics.models import Example, Responsibility, Sheet, Topic
from ganzohr.website.models import Source, Visit, VisitLink

MAIL = {
    "what": "message", "text": "Viel.", "provider_at": "2026-11-20T12:00:00+00:00", "thread_key": "", "reply_to": "",
    "html": "", "target": {}, "headers": {},
}  # fmt: skip
MAILBOX = {"address": "jobs@example.org", "auth": "password", "imap_host": "127.0.0.1", "smtp_host": "127.0.0.1"}
PASSWORD = "correct horse battery"
ROLES = ("admin", "manager", "lead", "reader", "limited", "link", "nobody")


def build() -> dict[str, Any]:
    """Everything a row of the table may name: rows of the database stand for their ids, texts for themselves."""
    here, there = Site.objects.create(name="Here"), Site.objects.create(name="There")
    world: dict[str, Any] = {"site": here, "hours": OpeningHours.objects.create(name="Usual")}
    Site.objects.filter(pk=here.pk).update(hours=world["hours"])
    world |= _people(here, there)
    world |= _catalogue(here, world["colleague"])
    world |= _outside(here, world)
    world |= _asked(world)
    world |= _at_the_other_site(there)
    return world


def _people(here: Site, there: Site) -> dict[str, Any]:
    colleague = Colleague.objects.create(name="Ida Expert", email="ida@example.org", site=here)
    for role in ("admin", "manager", "lead", "reader", "limited"):
        user = User.objects.create_user(f"{role}@example.org", PASSWORD, role="manager" if role == "limited" else role)
        held, _made = Colleague.objects.get_or_create(user=user, defaults={"name": role.title(), "email": user.email})
        if role == "limited":
            held.limited_to.add(there)
    other = User.objects.create_user("other@example.org", role="reader")
    Colleague.objects.get_or_create(user=other, defaults={"name": "Other", "email": other.email})
    day, token = dt.date(2030, 1, 1), crypto.new_token()
    invitation = Invitation.objects.create(
        email="new@example.org", token_hash=crypto.token_hash(token), expires_at=times.now() + dt.timedelta(days=7)
    )
    return {
        "colleague": colleague,
        "user": other,
        "department": Department.objects.create(name="Training", head=colleague),
        "absence": Absence.objects.create(colleague=colleague, from_on=day, until_on=day),
        "invitation": invitation,
        "invitation_token": token,
    }


def _catalogue(here: Site, colleague: Colleague) -> dict[str, Any]:
    topic = Topic.objects.create(slug="salary", names={"en": "Salary", "de": "Gehalt", "nl": "Salaris"})
    Responsibility.objects.create(topic=topic, site=here, colleague=colleague)
    deep_link = DeepLink.objects.create(name="Jobs", url="https://jobs.example.org/", topic=topic)
    return {
        "topic": topic,
        "example": Example.objects.create(topic=topic, language="de", text="Was verdient man?"),
        "deep_link": deep_link,
        "saved_reply": SavedReply.objects.create(
            name="Thanks", site=here, created_at=times.now(), changed_at=times.now()
        ),
        "short_link": ShortLink.objects.create(code="abc123", deep_link=deep_link).code,
    }


def _outside(here: Site, world: dict[str, Any]) -> dict[str, Any]:
    at = times.now()
    channel = Channel.objects.create(kind="website", name="Careers", key="careers", site=here, languages=["de"])
    mail = Channel.objects.create(kind="mail", name="Mail", key="mailbox", site=here, settings=MAILBOX)
    app = App.objects.create(kind="meta", name="App", key="app", settings={"graph_url": "http://127.0.0.1:9"})
    page = Channel.objects.create(
        kind="facebook", name="Page", key="page", site=here, app=app, external_id="104", settings={"page_id": "104"}
    )
    contact = Contact.objects.create(name="Lena", created_at=at)
    handle = Handle.objects.create(contact=contact, channel=channel, external_id="lena", created_at=at)
    post = PublicPost.objects.create(channel=channel, external_id="post", picture=ContentFile(b"x", "post.png"))
    conversation = Conversation.objects.create(
        channel=channel, handle=handle, contact=contact, site=here, topic=world["topic"], language="de",
        first_words="Was verdient man?", last_activity_at=at, unanswered_since=at, created_at=at, public_post=post,
    )  # fmt: skip
    message = Message.objects.create(
        conversation=conversation, channel=channel, direction="in", text="Was verdient man?", original="Was?",
        provider_at=at, received_at=at,
    )  # fmt: skip
    outgoing = Outgoing.objects.create(
        channel=channel, kind="answer", target={}, payload={"text": "Viel."}, key="k1", not_before=at, created_at=at
    )
    answer = Message.objects.create(
        conversation=conversation, channel=channel, direction="out", text="Viel.", outgoing=outgoing, provider_at=at,
        received_at=at,
    )  # fmt: skip
    Conversation.objects.filter(pk=conversation.pk).update(last_message_id=answer.pk)
    return {
        "channel": channel,
        "channel_key": channel.key,
        "mail_channel": mail,
        "page_channel": page,
        "delivery": Delivery.objects.create(channel=channel, body=b"", received_at=at, state="failed"),
        "contact": contact,
        "consent": Consent.objects.create(handle=handle, kind="x", version="1", text="x", language="de", given_at=at),
        "post": post,
        "conversation": conversation,
        "message": message,
        "outgoing": outgoing,
        "hold": Hold.objects.create(scope="channel", channel=outgoing.channel, why="w", since=times.now()),
        "answer": answer,
        "attachment": Attachment.objects.create(
            message=message, conversation=conversation, file=ContentFile(b"%PDF-1.4", "cv.pdf"), name="cv.pdf",
            content_type="application/pdf", size=8, created_at=at,
        ),
        "note": Note.objects.create(conversation=conversation, text="!", created_at=at),
        "source": Source.objects.create(channel=channel, code="fair", name="Fair"),
        **_visit(channel),
    }  # fmt: skip


def _at_the_other_site(there: Site) -> dict[str, Any]:
    """The normal case: one channel for all sites has none itself; only what was written names one."""
    at = times.now()
    channel = Channel.objects.create(kind="hand", name="For all", key="all", languages=["de"])
    contact = Contact.objects.create(name="Ben", created_at=at)
    handle = Handle.objects.create(contact=contact, channel=channel, external_id="ben", created_at=at)
    conversation = Conversation.objects.create(
        channel=channel, handle=handle, contact=contact, site=there, last_activity_at=at, created_at=at
    )
    outgoing = Outgoing.objects.create(
        channel=channel, kind="answer", target={}, payload={"text": "Ja."}, key="k2", not_before=at, created_at=at,
        state="by_hand",
    )  # fmt: skip
    Message.objects.create(
        conversation=conversation, channel=channel, direction="out", text="Ja.", outgoing=outgoing, provider_at=at,
        received_at=at,
    )  # fmt: skip
    return {"contact_there": contact, "outgoing_there": outgoing}


def _visit(channel: Channel) -> dict[str, Any]:
    at, token = times.now(), crypto.new_token()
    visit = Visit.objects.create(
        channel=channel, external_id="v1", reply_key="r1", language="de", created_at=at, last_letter_at=at
    )
    VisitLink.objects.create(visit=visit, token_hash=crypto.token_hash(token), created_at=at)
    return {"visit_token": token}


def _ask(colleague: Colleague, subject: int, days: int = 7) -> tuple[Ask, str]:
    token, at = crypto.new_token(), times.now()
    ask = Ask.objects.create(
        kind="inquiry", subject_id=subject, colleague=colleague, token_hash=crypto.token_hash(token),
        sealed_token=crypto.encrypt(token), mail_token_hash=crypto.token_hash(token + "m"), created_at=at,
        expires_at=at + dt.timedelta(days=days), words={"subject": "?", "quote": "?"},
    )  # fmt: skip
    return ask, token


def _asked(world: dict[str, Any]) -> dict[str, Any]:
    at = times.now()
    inquiry = Inquiry.objects.create(
        conversation=world["conversation"], message=world["message"], topic=world["topic"], site=world["site"],
        language="de", question="Was verdient man?", colleague=world["colleague"], state="asked", asked_at=at,
        created_at=at,
    )  # fmt: skip
    ask, token = _ask(world["colleague"], inquiry.pk)
    elsewhere = Inquiry.objects.create(
        conversation=world["conversation"], language="de", question="?", state="withdrawn", created_at=at
    )
    _other, other_token = _ask(Colleague.objects.create(name="Else", email="else@example.org"), elsewhere.pk)
    mail = ColleagueMail.objects.create(
        channel=world["mail_channel"],
        colleague=world["colleague"], external_id="m1", from_address="ida@example.org", is_known_sender=True,
        text="Viel.", received_at=at, incoming=MAIL,
    )  # fmt: skip
    file = AskFile.objects.create(
        ask=ask, file=ContentFile(b"%PDF", "a.pdf"), name="a.pdf", content_type="application/pdf", size=4, created_at=at
    )
    sheet = Sheet.objects.create(
        kind=Sheet.Kind.values[0], header=["topic"], rows=[[2, ["Salary"]]], meanings=["topic"],
        user=User.objects.get(email="manager@example.org"), created_at=at,
    )  # fmt: skip
    return {
        "inquiry": inquiry,
        "ask_token": token,
        "other_token": other_token,
        "colleague_mail": mail,
        "ask_file": file,
        "sheet": sheet,
        "wrong_token": crypto.new_token(),
    }


def clients(world: dict[str, Any]) -> dict[str, Client]:
    """A browser for each role."""
    return {role: _client(role, world) for role in ROLES}


def _client(role: str, world: dict[str, Any]) -> Client:
    """Signed in, with a private link of another ask open, or nobody's."""
    client = Client()
    if role == "link":
        client.get(f"/ask/{world['other_token']}/")
    elif role != "nobody":
        client.force_login(
            User.objects.get(email=f"{role}@example.org"), "allauth.account.auth_backends.AuthenticationBackend"
        )
    return client
