"""Mails of colleagues: taken before anybody may think that a candidate wrote them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Lower
from django.utils.dateparse import parse_datetime

from ganzohr.audit import actions as audit
from ganzohr.audit.actions import Actor
from ganzohr.channels.arrivals import Arrived
from ganzohr.channels.connectors.base import Incoming, IncomingFile
from ganzohr.channels.models import Channel
from ganzohr.core import times
from ganzohr.core.crypto import token_hash
from ganzohr.core.events import emit
from ganzohr.directory.models import Colleague
from ganzohr.notifications.actions.asks import keep_file
from ganzohr.notifications.events import ColleagueMailsArrived
from ganzohr.notifications.models import Ask, AskFile, ColleagueMail, Letter
from ganzohr.ui import live

KEPT = timedelta(days=30)
MOST_FORGOTTEN = 500  # in one round


@dataclass(frozen=True)
class Known:
    """What the mails of one batch may belong to, read at once."""

    mail_channels: frozenset[int]
    asks: dict[bytes, Ask]
    letters: dict[str, Letter]
    senders: dict[str, Colleague]

    def letter_of(self, incoming: Incoming) -> Letter | None:
        """The mail of ours that this one answers or reports on."""
        return next((self.letters[each] for each in _thread(incoming) if each in self.letters), None)

    def ask_of(self, incoming: Incoming, letter: Letter | None) -> Ask | None:
        """The ask, by its token, else by the mail of ours."""
        found = (self.asks.get(token_hash(token)) for token in _tokens(incoming))
        return next((ask for ask in found if ask), letter.ask if letter else None)


def claim_answer(batch: list[Arrived]) -> set[int]:
    """Take every mail whose token, thread or sender belongs to an ask or a colleague, also when the ask has run out.

    Kept as `ColleagueMail` and shown; nothing of it goes on to the inbox unless a person says so.
    """
    known = _known(batch)
    taken: dict[int, ColleagueMail | None] = {}
    for position, arrived in enumerate(batch):
        if arrived.channel_id not in known.mail_channels or arrived.incoming.is_own:
            continue
        letter = known.letter_of(arrived.incoming)
        ask = known.ask_of(arrived.incoming, letter)
        sender = known.senders.get(arrived.incoming.sender_id.lower())
        if ask or letter or sender:
            taken[position] = _keep(arrived, ask, letter, sender)
    _tell([mail for mail in taken.values() if mail])
    return set(taken)


def _tell(mails: Iterable[ColleagueMail]) -> None:
    new = list(mails)
    answering = tuple(mail.pk for mail in new if mail.ask_id)
    if answering:
        emit(ColleagueMailsArrived(answering))
    if new:
        live.touch("colleague-mails")


def _thread(incoming: Incoming) -> list[str]:
    headers = incoming.headers
    references = [str(each) for each in headers.get("references") or ()]
    found = [str(headers.get("bounce_of") or ""), str(headers.get("in_reply_to") or ""), *reversed(references)]
    return [each for each in found if each]


def _tokens(incoming: Incoming) -> list[str]:
    return [str(token) for token in incoming.headers.get("tokens") or ()]


def _known(batch: list[Arrived]) -> Known:
    channel_ids = {arrived.channel_id for arrived in batch}
    mail_channels = frozenset(Channel.objects.filter(pk__in=channel_ids, kind="mail").values_list("pk", flat=True))
    mails = [arrived.incoming for arrived in batch if arrived.channel_id in mail_channels]
    hashes = [token_hash(token) for mail in mails for token in _tokens(mail)]
    ids = {each for mail in mails for each in _thread(mail)}
    addresses = {mail.sender_id.lower() for mail in mails if mail.sender_id}
    asks = Ask.objects.filter(mail_token_hash__in=hashes).select_related("colleague") if hashes else ()
    letters = Letter.objects.filter(message_id__in=ids).select_related("ask__colleague", "colleague") if ids else ()
    senders = (
        Colleague.objects.annotate(low=Lower("email")).filter(low__in=addresses, left_at=None) if addresses else ()
    )
    return Known(
        mail_channels,
        {bytes(ask.mail_token_hash): ask for ask in asks},
        {letter.message_id: letter for letter in letters},
        {colleague.email.lower(): colleague for colleague in senders},
    )


def _keep(arrived: Arrived, ask: Ask | None, letter: Letter | None, sender: Colleague | None) -> ColleagueMail | None:
    """The mail, kept; None when it was kept before."""
    incoming = arrived.incoming
    external_id = incoming.external_id[:280]
    before = ColleagueMail.objects.filter(external_id=external_id).first()
    if before and before.channel_id == arrived.channel_id and before.delivery_id != arrived.delivery_id:
        external_id += f"#{arrived.delivery_id}"  # another mail under the same id: kept, too
    colleague = ask.colleague if ask else letter.colleague if letter else sender
    mail, is_new = ColleagueMail.objects.get_or_create(
        external_id=external_id,
        defaults={
            "ask": ask,
            "colleague": colleague,
            "channel_id": arrived.channel_id,
            "delivery_id": arrived.delivery_id,
            "from_address": incoming.sender_id[:300],
            "from_name": incoming.sender_name[:160],
            "subject": incoming.subject[:300],
            "is_known_sender": sender is not None and colleague is not None and sender.pk == colleague.pk,
            "is_automatic": incoming.is_automatic or bool(incoming.headers.get("report")),
            "is_bounce": incoming.is_bounce,
            "text": str(incoming.headers.get("body") or incoming.text),
            "original": incoming.original,
            "incoming": _rest(incoming),
            "received_at": arrived.received_at,
        },
    )
    if not is_new:
        return None
    for file in incoming.files:
        keep_file(file, ask=ask, mail=mail)
    return mail


def _rest(incoming: Incoming) -> dict[str, Any]:
    return {
        "what": incoming.what,
        "text": incoming.text,
        "provider_at": incoming.provider_at.isoformat(),
        "thread_key": incoming.thread_key,
        "reply_to": incoming.reply_to,
        "html": incoming.html,
        "target": dict(incoming.target),
        "headers": {name: value for name, value in incoming.headers.items() if name != "tokens"},
    }


@transaction.atomic
def attach(mail: ColleagueMail, ask: Ask, actor: Actor) -> None:
    """A person says which ask this mail answers; from now on it is treated as if it had come that way."""
    sender = mail.from_address.lower()
    values = {"ask": ask, "seen_at": times.now(), "is_known_sender": sender == ask.colleague.email.lower()}
    if ColleagueMail.objects.filter(pk=mail.pk, ask=None, passed_on_at=None).update(**values):
        AskFile.objects.filter(mail=mail).update(ask=ask)
        audit.record(actor, "attached a colleague's mail", mail, ask=ask.pk)
        emit(ColleagueMailsArrived((mail.pk,)))
        live.touch("colleague-mails")


@transaction.atomic
def put_aside(mail: ColleagueMail, actor: Actor) -> None:
    """Nothing needs to be done with this mail; it stays where it is, read."""
    if ColleagueMail.objects.filter(pk=mail.pk, seen_at=None).update(seen_at=times.now()):
        audit.record(actor, "put a colleague's mail aside", mail)
        live.touch("colleague-mails")


@transaction.atomic
def pass_on(mail: ColleagueMail, actor: Actor) -> bool:
    """Note that this mail is given to the inbox, by the caller, in the same transaction; False if it was before."""
    now = times.now()
    fresh = ColleagueMail.objects.filter(pk=mail.pk, ask=None, passed_on_at=None)
    if not fresh.update(passed_on_at=now, seen_at=now):
        return False
    audit.record(actor, "passed a colleague's mail to the inbox", mail)
    live.touch("colleague-mails")
    return True


def forget_mails() -> int:
    """Mails that belong to no ask go 30 days after somebody dealt with them, with their files (round)."""
    over = ColleagueMail.objects.belonging_to_nothing().filter(seen_at__lt=times.now() - KEPT)
    with transaction.atomic():
        mails = list(over.select_for_update(of=("self",), skip_locked=True)[:MOST_FORGOTTEN])
        files = list(AskFile.objects.filter(mail__in=mails))
        ColleagueMail.objects.filter(pk__in=[mail.pk for mail in mails]).delete()
    for file in files:
        file.file.delete(save=False)
    return len(mails)


def as_arrived(mail: ColleagueMail) -> Arrived:
    """The mail as the connector gave it, for the inbox; needs its channel."""
    if mail.channel_id is None:
        raise ValueError("the channel of this mail is gone")
    rest = dict(mail.incoming)
    incoming = Incoming(
        what=rest["what"],
        external_id=mail.external_id,
        sender_id=mail.from_address,
        sender_name=mail.from_name,
        provider_at=parse_datetime(rest["provider_at"]) or mail.received_at,
        text=rest["text"],
        original=mail.original,
        subject=mail.subject,
        html=rest["html"],
        thread_key=rest["thread_key"],
        reply_to=rest["reply_to"],
        target=rest["target"],
        headers=rest["headers"],
        is_automatic=mail.is_automatic,
        is_bounce=mail.is_bounce,
    )
    kept = tuple(IncomingFile(file.name, file.content_type, file.file.read()) for file in mail.files.all())
    return Arrived(mail.channel_id, mail.delivery_id or 0, replace(incoming, files=kept), mail.received_at)
