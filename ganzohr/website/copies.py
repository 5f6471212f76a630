"""Answers by mail too: a copy leaves for whoever left an address; a reply to it joins its conversation."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string

from ganzohr.audit import actions as audit
from ganzohr.channels import actions as channels
from ganzohr.channels.arrivals import Arrived
from ganzohr.channels.connectors.base import Incoming
from ganzohr.channels.connectors.website.letter import Letter
from ganzohr.channels.models import Channel, Outgoing
from ganzohr.core.addresses import outside
from ganzohr.core.words import say, speak
from ganzohr.inbox.events import AnswersDelivered
from ganzohr.inbox.models import Message
from ganzohr.website import actions, links
from ganzohr.website.models import Visit

KIND = "copy"


def send_copies(event: AnswersDelivered) -> None:
    """Each delivered answer also leaves by mail, once, if its visitor left an address (later, idempotent by key)."""
    messages = list(
        Message.objects.filter(pk__in=event.message_ids, conversation__channel__kind="website", visibility="private")
        .select_related("outgoing", "conversation__handle")
        .exclude(outgoing=None)
    )
    if not messages:
        return
    handles = {message.conversation.handle.external_id for message in messages}
    rows = Visit.objects.filter(external_id__in=handles, erasure_asked_at=None).exclude(mail_address="")
    visits = {visit.external_id: visit for visit in rows.select_related("channel")}
    account = Channel.objects.filter(kind="mail", state=Channel.State.ACTIVE).order_by("id").first()
    for message in messages:
        visit = visits.get(message.conversation.handle.external_id)
        if visit:
            _send_copy(visit, message, account)


def _send_copy(visit: Visit, message: Message, account: Channel | None) -> None:
    key = f"copy:{message.pk}"
    sent = message.outgoing.payload if message.outgoing else {}
    with transaction.atomic():
        if Outgoing.objects.filter(key=key).exists():
            return
        link = outside("website:visit", actions.new_mail_link(visit))
        with speak(visit.language, visit.channel.address):  # type: ignore[arg-type]
            payload = _payload(visit, str(sent.get("text") or message.text), link)
        channels.enqueue(
            channel=account,
            kind=KIND,
            target={"to": visit.mail_address, "name": "", "visit": visit.external_id},
            payload={**payload, "files": sent.get("files") or []},
            key=key,
            lane=f"visit:{visit.pk}",
        )


def _payload(visit: Visit, answer: str, link: str) -> dict[str, str]:
    title = links.setup_of(visit).title
    context = {"answer": answer, "link": link, "title": title, "language": visit.language}
    return {
        "subject": say("%(title)s has answered", title=title),
        "text": render_to_string("website/mail/answer.txt", context),
        "html": render_to_string("website/mail/answer.html", context),
        "token": visit.reply_key,
        "from_name": title,
        "language": visit.language,
    }


def claim(batch: list[Arrived]) -> set[int]:
    """Mails that answer a copy: people's words join their conversation, machines' end here, written into the trail."""
    mails = {index: one.incoming for index, one in enumerate(batch) if one.incoming.what == "message"}
    visits = _visits_of(mails)
    for index, visit in visits.items():
        _take(visit, mails[index])
    return set(visits)


def _visits_of(mails: dict[int, Incoming]) -> dict[int, Visit]:
    tokens = {index: _tokens(mail) for index, mail in mails.items()}
    bounces = {index: str(mail.headers.get("bounce_of") or "") for index, mail in mails.items() if mail.is_bounce}
    wanted = {token for found in tokens.values() for token in found}
    if not wanted and not any(bounces.values()):
        return {}
    of_copies = _visits_of_copies([name for name in bounces.values() if name])
    rows = Visit.objects.select_related("channel").filter(
        Q(reply_key__in=wanted) | Q(external_id__in=of_copies.values())
    )
    by_key = {visit.reply_key: visit for visit in rows}
    by_id = {visit.external_id: visit for visit in by_key.values()}
    found: dict[int, Visit] = {}
    for index, mine in tokens.items():
        visit = next((by_key[token] for token in mine if token in by_key), None)
        visit = visit or by_id.get(of_copies.get(bounces.get(index, ""), ""))
        if visit:
            found[index] = visit
    return found


def _tokens(mail: Incoming) -> list[str]:
    found = mail.headers.get("tokens") or ()
    return [str(token).lower() for token in found] if isinstance(found, list | tuple) else []


def _visits_of_copies(message_ids: Sequence[str]) -> dict[str, str]:
    if not message_ids:
        return {}
    rows = Outgoing.objects.filter(kind=KIND, external_id__in=message_ids)
    return {row.external_id: str(row.target.get("visit", "")) for row in rows}


def _take(visit: Visit, mail: Incoming) -> None:
    if mail.is_bounce:
        if str(mail.headers.get("report", "bounce")) == "bounce":
            actions.leave_address(visit, "")
        audit.record(audit.by_connector("mail"), "mail copy did not arrive", visit)
    elif mail.is_automatic:
        audit.record(audit.by_connector("mail"), "automatic reply to a mail copy", visit)
    elif not mail.is_own:
        actions.write_by_mail(visit, _letter(visit, mail))


def _letter(visit: Visit, mail: Incoming) -> Letter:
    return Letter(
        id=f"mail-{mail.external_id}"[:80],
        visit=visit.external_id,
        at=mail.provider_at,
        text=mail.text,
        original=mail.original,
        language=visit.language,
        source=visit.source,
        by="mail",
        files=mail.files,
    )
