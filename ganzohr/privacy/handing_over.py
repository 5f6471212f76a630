"""What a person gets when they ask what is held about them: a document to read, the same as data, and their files."""

from __future__ import annotations

import json
import zipfile
from datetime import datetime
from io import BytesIO
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from ganzohr.channels.models import Outgoing
from ganzohr.contacts.models import Contact
from ganzohr.core import times
from ganzohr.inbox import personal_data as inbox
from ganzohr.inbox.models import Message
from ganzohr.privacy import actions
from ganzohr.topics.models import Topic


def language_of(contact: Contact, otherwise: str) -> str:
    """The language the person writes in, if the document exists in it."""
    known = dict(settings.LANGUAGES)
    if contact.language in known:
        return contact.language
    written = Message.objects.filter(conversation__contact=contact, direction=Message.Direction.IN, language__in=known)
    last = written.order_by("-id").values_list("language", flat=True).first()
    return last or (otherwise if otherwise in known else "en")


def as_data(contact: Contact) -> str:
    """Everything as JSON, the form another system can read."""
    return json.dumps(actions.export(actions.person_of(contact)), ensure_ascii=False, indent=2, default=str)


def as_document(contact: Contact, language: str) -> str:
    """Everything as one page of HTML in this language, to read and to print; needs nothing from anywhere."""
    told = actions.export(actions.person_of(contact))
    rooms = {table: rows for part in told.values() for table, rows in part.items()}
    with translation.override(language):
        context = {**_with_moments(rooms), "contact": contact, "employer": settings.EMPLOYER, "made_at": times.now()}
        _name_topics(context.get("conversations", []), language)
        context |= _by_whether_sent(context.get("outgoing", []))
        return render_to_string("privacy/document/person.html", context)


def as_archive(contact: Contact, language: str) -> bytes:
    """The document, the data and the files together, packed."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"ganzohr-{contact.pk}.html", as_document(contact, language))
        archive.writestr(f"ganzohr-{contact.pk}.json", as_data(contact))
        for number, (name, file) in enumerate(inbox.files(actions.person_of(contact)), 1):
            with file.open("rb") as opened:
                archive.writestr(f"files/{number}-{PurePath(name).name}", opened.read())
    return packed.getvalue()


def _with_moments(value: Any, key: str = "") -> Any:
    """The same values with moments in place of their ISO words (`since`, `at`, everything that ends in `_at`)."""
    if isinstance(value, dict):
        return {name: _with_moments(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [_with_moments(part, key) for part in value]
    if isinstance(value, str) and value and (key in ("at", "since") or key.endswith("_at")):
        return datetime.fromisoformat(value)
    return value


def _by_whether_sent(outgoing: list[dict[str, Any]]) -> dict[str, Any]:
    left = Outgoing.State.ACCEPTED
    return {
        "sent": [row for row in outgoing if row["state"] == left],
        "not_sent": [row for row in outgoing if row["state"] != left],
    }


def _name_topics(conversations: list[dict[str, Any]], language: str) -> None:
    slugs = {row["topic"] for row in conversations if row["topic"]}
    names = {topic.slug: topic.name_in(language) for topic in Topic.objects.filter(slug__in=slugs)}
    for row in conversations:
        row["topic_name"] = names.get(row["topic"], "")
