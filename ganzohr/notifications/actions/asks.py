"""Asking and telling colleagues. Everything leaves through the outbox, once per key, within the budget of the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict

from django.conf import settings
from django.db import transaction

from ganzohr.audit import actions as audit
from ganzohr.audit.actions import Actor
from ganzohr.channels import actions as channels
from ganzohr.channels import stored
from ganzohr.channels.accounts import desk_account
from ganzohr.channels.connectors.mail import compose, threads
from ganzohr.channels.models import Channel, Delivery, Outgoing
from ganzohr.core import addresses, crypto, times
from ganzohr.directory.models import Colleague
from ganzohr.notifications import budget, files, letters, tokens
from ganzohr.notifications.letters import AskWords, Rendered
from ganzohr.notifications.models import Ask, AskFile, ColleagueMail, Letter

LIFE = dt.timedelta(days=21)


class CannotBeAsked(Exception):
    """The colleague has no mail address, or has left."""


@transaction.atomic
def ask(
    *, kind: str, subject_id: int, colleague: Colleague, due_at: dt.datetime | None, words: AskWords, key: str
) -> Ask:
    """Ask by one mail with a private link. The same key is the same ask, whoever calls how often."""
    _lock(colleague)
    known = Letter.objects.filter(key=key).select_related("ask").first()
    if known and known.ask:
        return known.ask
    now, token = times.now(), crypto.new_token()
    made = Ask.objects.create(
        kind=kind,
        subject_id=subject_id,
        colleague=colleague,
        token_hash=crypto.token_hash(token),
        sealed_token=crypto.encrypt(token),
        mail_token_hash=crypto.token_hash(tokens.mail_token(token)),
        due_at=due_at,
        created_at=now,
        expires_at=max(now, due_at or now) + LIFE,
        words=asdict(words),
    )
    _send_ask(made, token, key)
    return made


@transaction.atomic
def resend(ask: Ask, actor: Actor, *, key: str) -> None:
    """The same mail once more, with the same link, which holds as long again. Once per key, never once withdrawn."""
    _lock(ask.colleague)
    ask.refresh_from_db()
    if ask.revoked_at or Letter.objects.filter(key=key).exists():
        return
    now = times.now()
    ask.expires_at = max(ask.expires_at, now + LIFE)
    ask.save(update_fields=["expires_at"])
    _send_ask(ask, _token_of(ask), key)
    audit.record(actor, "asked again", ask)


@transaction.atomic
def tell(
    *, colleague: Colleague, subject: str, text: str, key: str, ask: Ask | None = None, button: str = ""
) -> Letter | None:
    """Tell by mail what needs no answer, once per key; None when the colleague has no address any more.

    With an ask, a reply counts as a reply to it, and with a `button` its private link stands in the mail.
    """
    if not can_be_asked(colleague):
        return None
    _lock(colleague)
    known = Letter.objects.filter(key=key).first()
    if known:
        return known
    token = _token_of(ask) if ask else ""
    link = addresses.outside("notifications:ask", token) if ask and button else ""
    rendered = letters.told_letter(colleague, subject, text, link, button)
    return _send(colleague, ask, rendered, token, key, kind="told", due_at=None)


@transaction.atomic
def revoke(kind: str, subject_id: int, actor: Actor) -> int:
    """Close every link of this subject; mails that have not left yet stay here. How many links were open."""
    now = times.now()
    asked = Ask.objects.filter(kind=kind, subject_id=subject_id, revoked_at=None)
    open_ = list(asked.select_for_update(of=("self",), no_key=True))
    Ask.objects.filter(pk__in=[one.pk for one in open_]).update(revoked_at=now)
    waiting = Outgoing.objects.filter(
        pk__in=Letter.objects.filter(ask__in=open_).values("outgoing"), state=Outgoing.State.WAITING, kind="ask"
    )
    for outgoing in waiting:
        channels.take_back(outgoing, actor)
    for one in open_:
        audit.record(actor, "closed the link", one)
    return len(open_)


def mark_answered(ask: Ask, *, by_name: str = "") -> None:
    """Somebody answered; the saved draft has done its work."""
    ask.answered_at = times.now()
    ask.answered_by_name = by_name or ask.answered_by_name
    ask.draft, ask.draft_saved_at = "", None
    ask.save(update_fields=["answered_at", "answered_by_name", "draft", "draft_saved_at"])


def save_draft(ask: Ask, text: str) -> dt.datetime:
    """Keep what is being typed on the private page."""
    ask.draft, ask.draft_saved_at = text, times.now()
    ask.save(update_fields=["draft", "draft_saved_at"])
    return ask.draft_saved_at


def keep_file(file: stored.File, *, ask: Ask | None, mail: ColleagueMail | None = None) -> AskFile | None:
    """Keep a file a colleague handed over, if it is of a kind we take."""
    content_type = files.kind_of(file.content)
    if not file.content or content_type is None or len(file.content) > files.LARGEST:
        return None
    row = AskFile(
        ask=ask, mail=mail, name=files.safe_name(file.name), content_type=content_type, created_at=times.now()
    )
    row.file, row.size = stored.named(file)
    row.save()
    return row


@transaction.atomic
def forget(kind: str, subject_ids: Iterable[int]) -> int:
    """Erase asks with their mails (also as they came in), files and what stands in the outbox about them; how many
    asks there were."""
    found = list(
        Ask.objects.filter(kind=kind, subject_id__in=list(subject_ids)).prefetch_related("files", "mails__files")
    )
    for outgoing in Outgoing.objects.filter(pk__in=Letter.objects.filter(ask__in=found).values("outgoing")):
        channels.take_back(outgoing, audit.round_("erase"))
        Outgoing.objects.filter(pk=outgoing.pk).update(payload={}, target={})
    Delivery.objects.filter(pk__in=[mail.delivery_id for one in found for mail in one.mails.all()]).delete()
    for one in found:
        for file in [*one.files.all(), *(file for mail in one.mails.all() for file in mail.files.all())]:
            file.file.delete(save=False)
        one.delete()
    return len(found)


@transaction.atomic
def forget_words(kind: str, subject_id: int, words: AskWords) -> None:
    """These words stand now for what the asks about this subject said: mails that wait say them, and of what was sent
    before the text goes."""
    for one in Ask.objects.filter(kind=kind, subject_id=subject_id).select_related("colleague"):
        one.words = asdict(words)
        one.save(update_fields=["words"])
        sent = Outgoing.objects.filter(pk__in=one.letters.values("outgoing")).exclude(payload={})
        for outgoing in sent.select_for_update(of=("self",), no_key=True):
            waits = outgoing.state == Outgoing.State.WAITING and outgoing.kind == "ask"
            outgoing.payload = _payload(one) if waits else {}
            outgoing.save(update_fields=["payload"])


def _payload(ask: Ask) -> dict[str, str]:
    token = _token_of(ask)
    rendered = _rendered(ask, token)
    return {"text": rendered.text, "html": rendered.html, **_ways_back(rendered.subject, token)}


def _token_of(ask: Ask) -> str:
    """What opens the page of this ask; another one from now on where no key of ours reads the one before."""
    try:
        return crypto.decrypt(ask.sealed_token)
    except crypto.Unreadable:
        token = crypto.new_token()
    ask.token_hash, ask.mail_token_hash = crypto.token_hash(token), crypto.token_hash(tokens.mail_token(token))
    ask.sealed_token = crypto.encrypt(token)
    ask.save(update_fields=["token_hash", "mail_token_hash", "sealed_token"])
    return token


def can_be_asked(colleague: Colleague) -> bool:
    """Has an address and is still with us."""
    return bool(colleague.email) and colleague.left_at is None


def _lock(colleague: Colleague) -> None:
    """One mail to a colleague at a time, so that key and budget hold."""
    if not can_be_asked(colleague):
        raise CannotBeAsked(colleague.pk)
    Colleague.objects.select_for_update(of=("self",), no_key=True).filter(pk=colleague.pk).first()


def _send_ask(ask: Ask, token: str, key: str) -> None:
    rendered = _rendered(ask, token)
    letter = _send(ask.colleague, ask, rendered, token, key, kind="ask", due_at=ask.due_at)
    ask.message_id, ask.outgoing = letter.message_id, letter.outgoing
    ask.save(update_fields=["message_id", "outgoing"])


def _rendered(ask: Ask, token: str) -> Rendered:
    link = addresses.outside("notifications:ask", token)
    words = AskWords(**{"subject": "", "quote": "", **ask.words})
    return letters.ask_letter(ask.colleague, words, link, ask.due_at, ask.expires_at)


def _send(
    colleague: Colleague,
    ask: Ask | None,
    rendered: Rendered,
    token: str,
    key: str,
    *,
    kind: str,
    due_at: dt.datetime | None,
) -> Letter:
    now = times.now()
    leaves_at, is_urgent = budget.leaves_at(now, _planned(colleague, now), settings.TIME_ZONE, due_at)
    thread = [ask.message_id] if ask and ask.message_id else []
    outgoing = channels.enqueue(
        channel=None,
        kind=kind,
        target={"to": colleague.email, "name": colleague.name, "in_reply_to": "".join(thread), "references": thread},
        payload={"text": rendered.text, "html": rendered.html, **_ways_back(rendered.subject, token)},
        key=f"letter:{key}",
        not_before=leaves_at,
        lane=f"colleague:{colleague.pk}",
    )
    return Letter.objects.create(
        colleague=colleague,
        ask=ask,
        key=key,
        message_id=compose.message_id(outgoing.key, sender()),
        outgoing=outgoing,
        leaves_at=leaves_at,
        is_urgent=is_urgent,
        created_at=now,
    )


def _planned(colleague: Colleague, now: dt.datetime) -> list[dt.datetime]:
    day_before = now - dt.timedelta(days=1)
    rows = Letter.objects.filter(colleague=colleague, leaves_at__gt=day_before).exclude(
        outgoing__state=Outgoing.State.TAKEN_BACK
    )
    return list(rows.values_list("leaves_at", flat=True))


def sender() -> str:
    """The address from which the desk writes to colleagues."""
    account = desk_account()
    return str((account.settings.get("address") if account else "") or settings.DEFAULT_FROM_EMAIL)


def _ways_back(subject: str, token: str) -> dict[str, str]:
    """Reply-To with the token in a plus address; where the mailbox has none, the token stands in the subject."""
    channel = Channel.objects.filter(kind="mail", state=Channel.State.ACTIVE).order_by("id").first()
    values = channel.settings if channel else {}
    address = str(values.get("address") or sender())
    if not token:
        return {"subject": subject, "reply_to": address}
    mark = tokens.mail_token(token)
    separator = str(values.get("plus", "+"))
    if separator:
        return {"subject": subject, "reply_to": threads.plus_address(address, mark, separator)}
    return {"subject": threads.subject_with(subject, mark), "reply_to": address}
