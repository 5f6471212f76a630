"""The inquiries of one conversation as its page shows them: everything in one question to the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject
from django.http import HttpRequest
from django.utils.translation import get_language

from ganzohr.core.times import now
from ganzohr.inbox.models import Conversation
from ganzohr.inquiries import sending, why
from ganzohr.inquiries.actions.asking import KIND
from ganzohr.inquiries.models import ExpertWords, Inquiry
from ganzohr.notifications.models import Ask, AskFile, ColleagueMail

State = Inquiry.State
MOST = 4


@dataclass(frozen=True)
class Held:
    """A row that came along as JSON; `at` is when it happened."""

    at: datetime
    row: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.row[name]
        except KeyError as error:
            raise AttributeError(name) from error


def _held(rows: list[dict[str, Any]]) -> list[Held]:
    return [Held(datetime.fromisoformat(row["at"]), row) for row in rows]


def _asks() -> Any:
    rows = Ask.objects.filter(kind=KIND, subject_id=OuterRef("pk")).order_by("id")
    return ArraySubquery(rows.values(json=JSONObject(
        id="id", name="colleague__name", colleague="colleague_id", at="created_at", due_at="due_at",
        revoked_at="revoked_at", state="outgoing__state", leaves_at="outgoing__not_before", answered_at="answered_at",
        lies_here=sending.lies_here(now()),
    )))  # fmt: skip


def _words() -> Any:
    rows = ExpertWords.objects.filter(inquiry=OuterRef("pk")).order_by("id")
    return ArraySubquery(rows.values(json=JSONObject(
        id="id", said="said", name="colleague__name", colleague="colleague_id", text="text", via="via", at="created_at",
        by_name="by_name", is_late="is_late", other="is_from_other_address", address="mail__from_address",
        original="mail__original", suggested="suggested__name", until_on="until_on", ask="ask_id",
    )))  # fmt: skip


def _mails() -> Any:
    rows = ColleagueMail.objects.filter(ask__kind=KIND, ask__subject_id=OuterRef("pk"), words=None).order_by("id")
    return ArraySubquery(rows.values(json=JSONObject(
        id="id", name="ask__colleague__name", colleague="ask__colleague_id", text="text", at="received_at",
        is_bounce="is_bounce", is_automatic="is_automatic", ask="ask_id",
    )))  # fmt: skip


def _files() -> Any:
    rows = AskFile.objects.filter(ask__kind=KIND, ask__subject_id=OuterRef("pk")).order_by("id")
    return ArraySubquery(rows.values(json=JSONObject(id="id", name="name", size="size", ask="ask_id", at="created_at")))


class Shown:
    """One inquiry with all that was said."""

    def __init__(self, inquiry: Inquiry) -> None:
        self.inquiry = inquiry
        self.asks = _held(inquiry.asks_held)  # type: ignore[attr-defined]
        self.words = _held(inquiry.words_held)  # type: ignore[attr-defined]
        self.mails = _held(inquiry.mails_held)  # type: ignore[attr-defined]
        self.files = _held(inquiry.files_held)  # type: ignore[attr-defined]

    @property
    def topic(self) -> str:
        """What it is about, in the reader's language."""
        return self.inquiry.topic.name_in(get_language() or "en") if self.inquiry.topic else ""

    @property
    def why(self) -> str:
        """Why this colleague, in one sentence."""
        name = self.inquiry.colleague.name if self.inquiry.colleague else ""
        return why.sentence(self.inquiry.why, name, self.topic, self.inquiry.language)

    @property
    def versions(self) -> list[Held]:
        """The experts' answers, the newest first; those that came too late after what is still to be read."""
        found = [each for each in reversed(self.words) if each.said == "answer"]
        return sorted(found, key=lambda each: each.is_late) if self.is_open else found

    @property
    def is_open(self) -> bool:
        """No answer was approved yet, and one is wanted."""
        return self.inquiry.state not in (State.APPROVED, State.ANSWERED, State.WITHDRAWN)

    def another_was_asked(self, said: Held) -> bool:
        """These words came when somebody else had been asked already."""
        return bool(said.is_late) and any(ask.id > (said.ask or 0) and ask.at <= said.at for ask in self.asks)

    @property
    def question_back(self) -> Held | None:
        """What the expert needs to know and we have not said yet."""
        talk = [each for each in self.words if each.said in ("ask_back", "reply")]
        return talk[-1] if talk and talk[-1].said == "ask_back" and self.is_running else None

    @property
    def not_mine(self) -> Held | None:
        """Who said last that it is not theirs, or that they are away, when nobody else was found."""
        given = [each for each in self.words if each.said in ("not_mine", "away")]
        return given[-1] if given and self.inquiry.state == State.DECLINED else None

    @property
    def ask(self) -> Held | None:
        """The latest ask."""
        return self.asks[-1] if self.asks else None

    @property
    def trouble(self) -> Held | None:
        """A report or automatic reply to the latest ask, or that its mail was refused, while we wait for an answer."""
        if self.inquiry.state != State.ASKED or self.ask is None:
            return None
        mails = [mail for mail in self.mails if mail.ask == self.ask.id and mail.at >= self.ask.at]
        if mails:
            return mails[-1]
        if self.ask.state == "refused":
            return Held(self.ask.at, {**self.ask.row, "is_bounce": True, "text": ""})
        return None

    @property
    def is_outdated(self) -> bool:
        """The question was edited after the expert was asked."""
        message = self.inquiry.message
        edited_at = message.edited_at if message and not message.deleted_at else None
        return bool(self.can_be_withdrawn and self.ask and edited_at and edited_at > self.ask.at)

    @property
    def unsent(self) -> Held | None:
        """The question we wait for an answer to, when its mail has not left although it should have."""
        is_waited_for = self.inquiry.state == State.ASKED and self.ask is not None
        return self.ask if is_waited_for and self.ask and self.ask.lies_here else None

    @property
    def needs_hand(self) -> bool:
        """Somebody of us must do something other than read a draft."""
        return bool(
            self.unsent
            or self.trouble
            or self.is_outdated
            or self.not_mine
            or self.question_back
            or self.inquiry.state == State.NEW
        )

    @property
    def is_running(self) -> bool:
        """Neither answered nor withdrawn."""
        return self.inquiry.state not in (State.ANSWERED, State.WITHDRAWN)

    @property
    def can_be_withdrawn(self) -> bool:
        """An answer on its way is not withdrawn here but taken back."""
        return self.is_running and self.inquiry.state != State.APPROVED

    @cached_property
    def first_name(self) -> str:
        """Of the expert."""
        return self.inquiry.colleague.first_name if self.inquiry.colleague else ""


def all_of(conversation: Conversation) -> list[Shown]:
    """The newest inquiries of this conversation, the newest first."""
    rows = Inquiry.objects.filter(conversation=conversation).select_related(
        "colleague", "topic", "site", "asked_by", "approved_by", "message"
    )
    rows = rows.annotate(asks_held=_asks(), words_held=_words(), mails_held=_mails(), files_held=_files())
    found = list(rows.order_by(F("id").desc())[:MOST])
    for row in found:
        row.conversation = conversation
    return [Shown(row) for row in found]


def of(request: HttpRequest, conversation: Conversation) -> list[Shown]:
    """The same, read once for all parts of one page."""
    kept: dict[int, list[Shown]] = request.__dict__.setdefault("_inquiries_shown", {})
    if conversation.pk not in kept:
        kept[conversation.pk] = all_of(conversation)
    return kept[conversation.pk]
