"""The inquiry as a short line of steps with names and times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.utils.translation import gettext as _

from ganzohr.core.times import now
from ganzohr.inquiries.models import Inquiry
from ganzohr.inquiries.shown import Held, Shown
from ganzohr.inquiries.words import first_name
from ganzohr.ui import formats

State = Inquiry.State
Form = Literal["done", "now", "late", "open"]


@dataclass(frozen=True)
class Step:
    """One step: what, a smaller line under it, when, and whether it is done, ours, late or still open."""

    text: str
    at: datetime | None = None
    small: str = ""
    form: Form = "done"


def of(shown: Shown) -> list[Step]:
    """What happened in time order, then where it stands, then what is still to come."""
    done = [
        *_question(shown),
        *map(_asked, shown.asks),
        *map(_said, shown.words),
        *map(_came, shown.mails),
        *_end(shown),
    ]
    done.sort(key=lambda step: step.at or now())
    return [*done, *_now(shown)]


def _question(shown: Shown) -> list[Step]:
    inquiry = shown.inquiry
    name = first_name(inquiry.conversation)
    at = inquiry.message.provider_at if inquiry.message else inquiry.created_at
    return [Step(_("asked by %(name)s") % {"name": name} if name else _("question came in"), at)]


def _asked(ask: Held) -> Step:
    leaves = datetime.fromisoformat(ask.leaves_at) if ask.leaves_at else None
    due = datetime.fromisoformat(ask.due_at) if ask.due_at else None
    small = _("by mail, %(until)s") % {"until": formats.until(due, now())} if due else _("by mail")
    if ask.lies_here:
        return Step(_("to be asked: %(name)s") % {"name": ask.name}, ask.at, _("the mail still lies here"))
    if ask.state == "waiting" and leaves and leaves > now():
        small = _("the mail leaves %(moment)s") % {"moment": formats.clock(leaves, now())}
    elif ask.state == "refused":
        small = _("the mail could not be sent")
    elif ask.state == "taken_back":
        small = _("the mail was stopped in time")
    return Step(_("asked: %(name)s") % {"name": ask.name}, ask.at, small)


def _said(said: Held) -> Step:
    name = said.by_name or said.name or _("somebody")
    texts = {
        "answer": _("late answer from %(name)s") if said.is_late else _("draft from %(name)s"),
        "ask_back": _("%(name)s asks back"),
        "reply": _("%(name)s replied"),
        "not_mine": _("%(name)s: not mine"),
        "away": _("%(name)s is away"),
    }
    return Step(texts[said.said] % {"name": name}, said.at, _smaller(said))


def _smaller(said: Held) -> str:
    if said.other:
        return _("by mail from another address: %(address)s") % {"address": said.address or "?"}
    if said.said == "not_mine":
        named = said.suggested or said.text
        return _("suggests %(name)s") % {"name": named} if named else ""
    if said.said == "away" and said.until_on:
        return _("until %(day)s") % {"day": formats.day(date.fromisoformat(said.until_on))}
    if said.said == "answer":
        return _("by mail") if said.via == "mail" else _("on the private page")
    return ""


def _came(mail: Held) -> Step:
    if mail.is_bounce:
        return Step(_("the mail to %(name)s came back") % {"name": mail.name}, mail.at)
    if mail.is_automatic:
        return Step(_("automatic reply from %(name)s") % {"name": mail.name}, mail.at)
    return Step(_("empty mail from %(name)s") % {"name": mail.name}, mail.at)


def _end(shown: Shown) -> list[Step]:
    inquiry = shown.inquiry
    steps = []
    if inquiry.approved_at:
        by = inquiry.approved_by.name if inquiry.approved_by else ""
        steps.append(Step(_("approved by %(name)s") % {"name": by} if by else _("approved"), inquiry.approved_at))
    if inquiry.answered_at:
        steps.append(Step(_("answered"), inquiry.answered_at))
    if inquiry.told_at and shown.versions:
        steps.append(Step(_("%(name)s was told and thanked") % {"name": shown.versions[0].name}, inquiry.told_at))
    return steps


def _now(shown: Shown) -> list[Step]:
    inquiry = shown.inquiry
    if not shown.is_running:
        return [Step(_("withdrawn"), form="open")] if inquiry.state == State.WITHDRAWN else []
    if shown.unsent:
        unsent = Step(_("the question to %(name)s still lies here") % {"name": shown.unsent.name}, form="late")
        return [unsent, Step(_("answered"), form="open")]
    return [_ours(inquiry), Step(_("answered"), form="open")]


def _ours(inquiry: Inquiry) -> Step:
    name = inquiry.colleague.name if inquiry.colleague else ""
    if inquiry.state == State.ASKED:
        is_late = bool(inquiry.due_at and inquiry.due_at < now())
        small = formats.until(inquiry.due_at, now()) if inquiry.due_at else ""
        return Step(_("waiting for %(name)s") % {"name": name}, None, small, "late" if is_late else "now")
    return Step(
        {
            State.NEW: _("choose whom to ask"),
            State.ASKED_BACK: _("reply to %(name)s") % {"name": name},
            State.DRAFTED: _("check your version"),
            State.APPROVED: _("on its way"),
            State.DECLINED: _("ask somebody else"),
        }[State(inquiry.state)],
        form="now",
    )
