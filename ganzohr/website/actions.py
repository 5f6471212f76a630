"""Everything that changes something in this room; one transaction each, but for a letter (`write`)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Concat

from ganzohr.audit import actions as audit
from ganzohr.channels import actions as channels
from ganzohr.channels import days
from ganzohr.channels.accounts import sealed, secrets_of
from ganzohr.channels.connectors.base import IncomingFile
from ganzohr.channels.connectors.mail.threads import random_token
from ganzohr.channels.connectors.website.letter import SIGNATURE, Letter, pack, signature
from ganzohr.channels.models import Channel, Delivery
from ganzohr.contacts.models import Handle
from ganzohr.core import crypto
from ganzohr.core.events import emit
from ganzohr.core.times import now
from ganzohr.website import limits, links
from ganzohr.website.events import ErasuresAsked
from ganzohr.website.models import Source, Visit, VisitLink

NOT_READ = (Delivery.State.WAITING, Delivery.State.FAILED, Delivery.State.UNSUPPORTED)
SILENT = timedelta(days=1)


class Gone(Exception):
    """The private link has ended; nothing was stored."""


@dataclass(frozen=True)
class Words:
    """What a visitor filled in. `id` and `token` come from the form, so that sending twice is one act."""

    id: str
    token: str
    language: str
    text: str
    name: str = ""
    mail_address: str = ""
    source: str = ""
    page: str = ""
    by: str = "page"
    consent: Mapping[str, str] = field(default_factory=dict)
    files: tuple[IncomingFile, ...] = ()


def is_known(token: str) -> bool:
    """Whether a letter under this token was kept, and with it the consent; a visit alone may be one whose first letter
    was not (`write`), and then all of it has to come again."""
    link = _link(crypto.token_hash(token))
    if link is None:
        return False
    visit = link.visit
    taken_in = Handle.objects.filter(channel=visit.channel_id, external_id=visit.external_id)
    if taken_in.exists() or days.is_open(visit.channel_id, letter_path(visit.channel, visit.external_id)):
        return True
    return taken_in.exists()  # between the two looks


def write(channel: Channel, words: Words, address: str) -> Visit:
    """Keep what somebody wrote before thanking; the visit it belongs to.

    The first letter under a token begins a visit. The same letter sent again is the same letter; other words under the
    same id are another one, so nothing typed is lost. `address` is for the rate limit only.

    Two commits: first the visit and the count of its letter, then the letter, together with whatever else comes to this
    process. A crash between them, or `channels.NotKept`, leaves a visit without its letter: nobody was thanked or has
    its link, the form sends the same letter again under the same id and token, finds that visit, and nothing counts
    twice. If it never does, `forget_silent_visits` takes the visit away. Raises `limits.TooMany` and `Gone`, with
    which nothing was stored, and `channels.NotKept`.
    """
    with transaction.atomic():
        visit, is_first = _visit(channel, words)
        if not is_first and (words.mail_address or words.language != visit.language):
            _remember(visit, words)
        letter = _letter(visit, words)
        if limits.knock(channel, address, f"{letter.visit}:{letter.id}", is_first):
            Visit.objects.filter(pk=visit.pk).update(last_letter_at=letter.at)
            _durable_with_the_letter()
    channels.accept(*_delivery(channel, letter))
    return visit


def _durable_with_the_letter() -> None:
    """This commit waits for no disk; the letter's, right after it, does, and takes what was written before along."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")


def _visit(channel: Channel, words: Words) -> tuple[Visit, bool]:
    """The visit of this token, and whether it begins now. Of two first letters at once, the slower one joins."""
    hashed = crypto.token_hash(words.token)
    link = _link(hashed)
    if link is None:
        try:
            with transaction.atomic():
                return _begin(channel, words, hashed), True
        except IntegrityError:
            link = _link(hashed)
    if link is None or link.visit.channel_id != channel.pk or not links.works(link):
        raise Gone
    return link.visit, False


def _link(hashed: bytes) -> VisitLink | None:
    return VisitLink.objects.select_related("visit__channel").filter(token_hash=hashed).first()


def _begin(channel: Channel, words: Words, hashed: bytes) -> Visit:
    at = now()
    visit = Visit.objects.create(
        channel=channel,
        external_id=random_token(),
        reply_key=random_token(),
        language=words.language,
        source=words.source,
        mail_address=words.mail_address,
        created_at=at,
        last_letter_at=at,
    )
    VisitLink.objects.create(visit=visit, token_hash=hashed, created_at=at)
    return visit


def _remember(visit: Visit, words: Words) -> None:
    visit.mail_address = words.mail_address or visit.mail_address
    visit.language = words.language
    visit.save(update_fields=["mail_address", "language"])


def _letter(visit: Visit, words: Words) -> Letter:
    said = hashlib.sha256(words.text.encode("utf-8", "replace"))
    for file in words.files:
        said.update(b"\0" + hashlib.sha256(file.content).digest())
    return Letter(
        id=f"{words.id}-{said.hexdigest()[:12]}",
        visit=visit.external_id,
        at=now(),
        text=words.text,
        name=words.name,
        mail_address=visit.mail_address,
        language=words.language,
        source=visit.source,
        page=words.page,
        by=words.by,
        consent=words.consent,
        files=words.files,
    )


def _delivery(channel: Channel, letter: Letter) -> tuple[Channel, str, dict[str, str], bytes]:
    """The letter as our own page hands it in."""
    body = pack(letter)
    headers = {"content-type": "application/json", SIGNATURE: signature(signing_secret(channel), body)}
    return channel, letter_path(channel, letter.visit), headers, body


def letter_path(channel: Channel, external_id: str) -> str:
    """Under which path the letters of a visit are stored as deliveries."""
    return f"/w/{channel.key}/{external_id}"


def signing_secret(channel: Channel) -> str:
    """With which our own page signs for this channel; made when it is missing."""
    held = secrets_of(channel)
    if held.get("signing"):
        return held["signing"]
    with transaction.atomic():
        # no_key: whoever writes a first letter beside us refers to this row already
        row = Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
        held = secrets_of(row)
        if not held.get("signing"):
            row.secrets = sealed({**held, "signing": crypto.new_token()})
            row.save(update_fields=["secrets"])
        channel.secrets = row.secrets
    return secrets_of(channel)["signing"]


def write_by_mail(visit: Visit, letter: Letter) -> bool:
    """A reply to a mail copy joins the conversation it belongs to; False if it was there already."""
    with transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(last_letter_at=now())
        return channels.store(*_delivery(visit.channel, replace(letter, visit=visit.external_id)))


def forget_silent_visits() -> int:
    """Visits whose letter was not kept and not sent again within a day go; nobody has their link."""
    path = Concat(Value("/w/"), OuterRef("channel__key"), Value("/"), OuterRef("external_id"))
    waiting = Delivery.objects.filter(path=path, channel=OuterRef("channel"), state__in=NOT_READ)
    known = Handle.objects.filter(channel=OuterRef("channel"), external_id=OuterRef("external_id"))
    silent = Visit.objects.filter(~Exists(known), ~Exists(waiting), last_letter_at__lt=now() - SILENT).order_by()
    with transaction.atomic():
        days.all_in_place()
        rows = list(silent.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True))
        Visit.objects.filter(pk__in=rows).delete()
    return len(rows)


def leave_address(visit: Visit, mail_address: str) -> None:
    """Answers also go to this address from now on; '' ends that."""
    with transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(mail_address=mail_address)
        Handle.objects.filter(channel_id=visit.channel_id, external_id=visit.external_id).update(address=mail_address)
        visit.mail_address = mail_address


def ask_erasure(visit: Visit) -> None:
    """The visitor wants everything deleted; told once, whoever decides sees it in the audit trail."""
    with transaction.atomic():
        if Visit.objects.filter(pk=visit.pk, erasure_asked_at=None).update(erasure_asked_at=now()):
            audit.record(audit.by_candidate(None), "asked for erasure", visit)
            emit(ErasuresAsked((visit.pk,)))


def end_links(visit: Visit) -> None:
    """Every private link to this visit stops working at once."""
    with transaction.atomic():
        if visit.links.filter(revoked_at=None).update(revoked_at=now()):
            audit.record(audit.by_candidate(None), "ended private links", visit)


def new_mail_link(visit: Visit) -> str:
    """The token of a new private link, to stand in one mail."""
    token = crypto.new_token()
    VisitLink.objects.create(
        visit=visit, token_hash=crypto.token_hash(token), made_for=VisitLink.MadeFor.MAIL, created_at=now()
    )
    return token


def add_source(channel: Channel, name: str, code: str, actor: audit.Actor) -> Source:
    """A named way in; an archived one with the same code comes back under the new name."""
    with transaction.atomic():
        source, _made = Source.objects.update_or_create(
            channel=channel, code=code, defaults={"name": name, "archived_at": None}
        )
        audit.record(actor, "named a source", source, code=code)
        return source


def archive_source(source: Source, actor: audit.Actor) -> None:
    """It leaves the list; its link keeps working and its conversations keep its code."""
    with transaction.atomic():
        if Source.objects.filter(pk=source.pk, archived_at=None).update(archived_at=now()):
            audit.record(actor, "archived a source", source, code=source.code)


def save_setup(channel: Channel, values: Mapping[str, object], actor: audit.Actor) -> None:
    """Keep these settings of a website channel beside its others."""
    with transaction.atomic():
        row = Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
        row.settings = {**row.settings, **values}
        row.save(update_fields=["settings"])
        audit.record(actor, "changed the website's settings", row, names=sorted(values))
        channel.settings = row.settings
