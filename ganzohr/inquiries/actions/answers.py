"""What colleagues say to an inquiry, by page or by mail. Nothing here ever leaves the house by itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from ganzohr.audit import actions as audit
from ganzohr.audit.actions import Actor
from ganzohr.core import times
from ganzohr.directory.actions import be_away
from ganzohr.directory.models import Colleague
from ganzohr.inbox import actions as inbox
from ganzohr.inquiries import facts, why, words
from ganzohr.inquiries.actions.asking import KIND, State, ask_by_route, ask_colleague, declined_by, held, open_ask, show
from ganzohr.inquiries.actions.telling import tell
from ganzohr.inquiries.models import ExpertWords, Inquiry
from ganzohr.notifications import actions as notifications
from ganzohr.notifications.models import Ask, ColleagueMail

Said = ExpertWords.Said
WAITED_FOR = (State.ASKED, State.ASKED_BACK, State.DRAFTED, State.DECLINED)


@dataclass(frozen=True)
class Source:
    """Where words come from: the form (once), the mail, who answered for a shared mailbox, how long it took."""

    via: str
    key: str | None = None
    mail: ColleagueMail | None = None
    by_name: str = ""
    minutes: int | None = None
    knows: int = 0
    is_from_other_address: bool = False

    @property
    def is_known(self) -> bool:
        """These very words were taken before."""
        if self.mail:
            return ExpertWords.objects.filter(mail=self.mail).exists()
        return self.key is not None and ExpertWords.objects.filter(key=self.key).exists()


def actor_of(ask: Ask, via: str) -> Actor:
    """The colleague, by link or by mail."""
    colleague = ask.colleague
    return (audit.by_mail if via == "mail" else audit.by_link)(colleague.pk, colleague.name)


@transaction.atomic
def take_answer(ask: Ask, text: str, source: Source) -> ExpertWords | None:
    """An answer becomes the newest version of the draft; after the end, or when somebody else was asked since, it is
    kept and shown as late. None: known."""
    inquiry = held(ask.subject_id)
    if source.is_known:
        return None
    is_late = inquiry.state not in WAITED_FOR or _another_is_asked(inquiry, ask)
    said = _say(inquiry, ask, Said.ANSWER, text, source, is_late=is_late)
    notifications.mark_answered(ask, by_name=source.by_name)
    actor = actor_of(ask, source.via)
    if is_late:
        audit.record(actor, "answered late", inquiry, words=said.pk)
    else:
        knows = source.knows or inquiry.knows_message_id
        also = {"drafted_at": times.now(), "knows_message_id": knows}
        audit.move(inquiry, State.DRAFTED, actor, also=also, words=said.pk)
        inbox.set_waiting(inquiry.conversation_id, None, None)
        inbox.offer_expert_draft(inquiry.conversation_id, text, ask.colleague, knows)
    show(inquiry)
    return said


def _another_is_asked(inquiry: Inquiry, ask: Ask) -> bool:
    """This link was closed, and the answer is expected behind another one."""
    ask.refresh_from_db(fields=["revoked_at"])
    return ask.revoked_at is not None and open_ask(inquiry) is not None


@transaction.atomic
def ask_back(ask: Ask, text: str, source: Source) -> ExpertWords | None:
    """The expert needs something first; it is our turn."""
    inquiry = held(ask.subject_id)
    if source.is_known:
        return None
    said = _say(inquiry, ask, Said.ASK_BACK, text, source, is_late=inquiry.state not in WAITED_FOR)
    if inquiry.state == State.ASKED:
        audit.move(inquiry, State.ASKED_BACK, actor_of(ask, source.via), words=said.pk)
        inbox.set_waiting(inquiry.conversation_id, None, None)
    else:
        audit.record(actor_of(ask, source.via), "asked back", inquiry, words=said.pk)
    show(inquiry)
    return said


@transaction.atomic
def reply_to_ask_back(
    inquiry_id: int, text: str, by: Colleague | None, actor: Actor, *, key: str
) -> ExpertWords | None:
    """Our reply goes to the expert by mail with the same link; the expert's turn again. Once per key."""
    inquiry = held(inquiry_id)
    asked = inquiry.words.filter(said=Said.ASK_BACK).last()
    ask = open_ask(inquiry)
    if asked is None or ask is None or ExpertWords.objects.filter(key=key).exists():
        return None
    said = ExpertWords.objects.create(
        inquiry=inquiry,
        said=Said.REPLY,
        colleague=by,
        ask=ask,
        via="desk",
        key=key,
        text=text.strip(),
        created_at=times.now(),
    )
    tell(ask.colleague, words.our_reply(inquiry, ask.colleague, asked.text, text), key=f"reply:{said.pk}", ask=ask)
    if inquiry.state == State.ASKED_BACK:
        audit.move(inquiry, State.ASKED, actor, words=said.pk)
        inbox.set_waiting(inquiry.conversation_id, ask.colleague, inquiry.due_at)
    else:
        audit.record(actor, "replied to a question back", inquiry, words=said.pk)
    show(inquiry)
    return said


@transaction.atomic
def not_mine(ask: Ask, who: str, source: Source) -> ExpertWords | None:
    """Somebody else knows. A colleague we know is asked at once; another name, or none, is shown to the manager."""
    inquiry = held(ask.subject_id)
    if source.is_known:
        return None
    suggested = find_colleague(who)
    said = _say(inquiry, ask, Said.NOT_MINE, who, source, suggested=suggested)
    actor = actor_of(ask, source.via)
    if inquiry.state not in (State.ASKED, State.ASKED_BACK):
        audit.record(actor, "said it is not theirs", inquiry, words=said.pk)
    elif not (suggested and _hand_on(inquiry, ask, suggested, actor)):
        notifications.revoke(KIND, inquiry.pk, actor)
        audit.move(inquiry, State.DECLINED, actor, words=said.pk)
        inbox.set_waiting(inquiry.conversation_id, None, None)
    show(inquiry)
    return said


def _hand_on(inquiry: Inquiry, ask: Ask, suggested: Colleague, actor: Actor) -> bool:
    """Ask the suggested colleague, or who stands in for them; False when that leads nowhere."""
    without = declined_by(inquiry) | {ask.colleague_id}
    everybody = facts.staff()
    route = facts.represented(suggested, everybody, without)
    if route is None or route.colleague is None or suggested.pk in without:
        return False
    codes = ["suggested"] if route.colleague == suggested.pk else [*route.why]
    reason = {**why.kept(route, everybody.colleagues), "codes": codes, "by": ask.colleague.name}
    ask_colleague(inquiry, everybody.colleagues[route.colleague], actor, reason=reason, due_at=inquiry.due_at)
    return True


@transaction.atomic
def away_until(ask: Ask, until_on: dt.date, source: Source) -> ExpertWords | None:
    """The colleague is away: kept in the directory, and whoever stands in is asked."""
    inquiry = held(ask.subject_id)
    if source.is_known:
        return None
    actor = actor_of(ask, source.via)
    be_away(ask.colleague, facts.today(), until_on, None, actor, told_by="mail" if source.via == "mail" else "link")
    said = _say(inquiry, ask, Said.AWAY, "", source, until_on=until_on)
    if inquiry.state in (State.ASKED, State.ASKED_BACK) and not _ask_deputy(inquiry, ask, actor):
        notifications.revoke(KIND, inquiry.pk, actor)
        audit.move(inquiry, State.DECLINED, actor, words=said.pk)
        inbox.set_waiting(inquiry.conversation_id, None, None)
    show(inquiry)
    return said


def _ask_deputy(inquiry: Inquiry, ask: Ask, actor: Actor) -> bool:
    """Who stands in for the colleague who was asked, else whom routing names now."""
    without = declined_by(inquiry)
    everybody = facts.staff()
    route = facts.represented(ask.colleague, everybody, without)
    if route is None or route.colleague is None:
        return ask_by_route(inquiry, actor, without=without) is not None
    reason = why.kept(route, everybody.colleagues)
    ask_colleague(inquiry, everybody.colleagues[route.colleague], actor, reason=reason)
    return True


def find_colleague(words: str) -> Colleague | None:
    """The one colleague these words name: by address, by whole name, or by a part of the name only one has."""
    wanted = " ".join(words.split()).strip(" .,;")
    if len(wanted) < 3:
        return None
    askable = Colleague.objects.filter(left_at=None).exclude(email="")
    for match in ({"email__iexact": wanted}, {"name__iexact": wanted}, {"name__icontains": wanted}):
        found = list(askable.filter(**match)[:2])
        if len(found) == 1:
            return found[0]
    return None


def _say(
    inquiry: Inquiry,
    ask: Ask,
    said: str,
    text: str,
    source: Source,
    *,
    suggested: Colleague | None = None,
    until_on: dt.date | None = None,
    is_late: bool = False,
) -> ExpertWords:
    return ExpertWords.objects.create(
        inquiry=inquiry,
        said=said,
        colleague=ask.colleague,
        ask=ask,
        mail=source.mail,
        via=source.via,
        key=source.key,
        by_name=source.by_name,
        text=text.strip(),
        is_from_other_address=source.is_from_other_address,
        suggested=suggested,
        minutes=source.minutes,
        is_late=is_late,
        until_on=until_on,
        knows_message_id=source.knows or inquiry.knows_message_id,
        created_at=times.now(),
    )
