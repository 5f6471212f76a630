"""Colleagues' mails that belong to an inquiry, and those a person puts where they belong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction

from ganzohr.audit import actions as audit
from ganzohr.audit.actions import Actor
from ganzohr.channels import stored
from ganzohr.inbox import actions as inbox
from ganzohr.inquiries.actions.answers import Source, actor_of, take_answer
from ganzohr.inquiries.actions.asking import KIND, show
from ganzohr.inquiries.models import Inquiry
from ganzohr.notifications import actions as notifications
from ganzohr.notifications.events import ColleagueMailsArrived
from ganzohr.notifications.models import Ask, ColleagueMail


def arrived(event: ColleagueMailsArrived) -> None:
    """A reply becomes a draft; an auto-reply, a report or an empty mail is shown and becomes none."""
    mails = ColleagueMail.objects.filter(pk__in=event.mail_ids, ask__kind=KIND).select_related("ask__colleague")
    for mail in mails.order_by("id"):
        _one(mail)


@transaction.atomic
def _one(mail: ColleagueMail) -> None:
    ask = mail.ask
    if ask is None or not Inquiry.objects.filter(pk=ask.subject_id).exists():
        return
    if mail.is_bounce or mail.is_automatic or not mail.text.strip():
        inquiry = Inquiry.objects.get(pk=ask.subject_id)
        verb = "mail came back" if mail.is_bounce else "auto-reply came" if mail.is_automatic else "empty mail came"
        audit.record(actor_of(ask, "mail"), verb, inquiry, mail=mail.pk)
        return show(inquiry)
    take_answer(ask, mail.text, Source("mail", mail=mail, is_from_other_address=not mail.is_known_sender))


def asks_by_colleague(colleague_ids: Iterable[int | None]) -> dict[int, list[Ask]]:
    """Where mails without an ask may belong: the asks of running inquiries, by colleague, each with its `inquiry`."""
    running = Inquiry.objects.running()
    ids = {pk for pk in colleague_ids if pk}
    rows = Ask.objects.filter(kind=KIND, subject_id__in=running.values("pk"), colleague__in=ids).select_related(
        "colleague"
    )
    inquiries = Inquiry.objects.select_related("topic").in_bulk([row.subject_id for row in rows])
    found: dict[int, list[Ask]] = defaultdict(list)
    for row in rows:
        row.inquiry = inquiries[row.subject_id]  # type: ignore[attr-defined]
        found[row.colleague_id].append(row)
    return found


def asks_of(mail: ColleagueMail) -> list[Ask]:
    """The same for one mail."""
    return asks_by_colleague([mail.colleague_id]).get(mail.colleague_id or 0, [])


@transaction.atomic
def attach(mail: ColleagueMail, ask: Ask, actor: Actor) -> None:
    """A person says which inquiry this mail answers."""
    notifications.attach(mail, ask, actor)


def pass_to_inbox(mail: ColleagueMail, actor: Actor) -> bool:
    """The sender is a candidate, too: the mail comes in as any other; False when it did before."""
    arrived = notifications.as_arrived(mail)
    with stored.in_one_transaction(arrived.incoming.files):
        is_new = notifications.pass_on(mail, actor)
        if is_new:
            inbox.receive([arrived])
    return is_new
