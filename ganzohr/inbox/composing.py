"""The place where an answer is written: its modes, the words in it, what to look at, what its button does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.utils.translation import gettext

from ganzohr.channels import signature
from ganzohr.core.crypto import new_token
from ganzohr.directory.models import Colleague
from ganzohr.inbox import check_words, checks, places
from ganzohr.inbox.models import Attachment, Conversation
from ganzohr.inbox.opened import Opened
from ganzohr.inbox.people import colleague_of

MODES = ("reply", "private", "note", "ask")


class Composer:
    """One box in one mode. `typed` are words that came back with a request and are not saved yet."""

    def __init__(
        self,
        opened: Opened,
        mode: str = "reply",
        *,
        typed: str | None = None,
        knows: int | None = None,
        problem: str = "",
    ) -> None:
        self.opened, self.typed, self._knows, self.problem = opened, typed, knows, problem
        self.conversation: Conversation = opened.conversation
        self.mode = mode if mode in self.modes else "reply"
        self.asks_twice = False

    @cached_property
    def modes(self) -> list[str]:
        """The ways to answer that exist here."""
        here = self.conversation
        can_private = here.is_public and self.opened.abilities.private
        return [mode for mode in MODES if mode != "private" or can_private]

    @property
    def tabs(self) -> list[dict[str, Any]]:
        """Each way in words, long and short."""
        is_public = self.conversation.is_public
        words = {
            "reply": (gettext("Public"), gettext("Answer publicly"))
            if is_public
            else (gettext("Answer"), gettext("Answer")),
            "private": (gettext("Private"), gettext("Write privately")),
            "note": (gettext("Note"), gettext("Internal note")),
            "ask": (gettext("Expert"), gettext("Ask an expert")),
        }
        keys = {"reply": "r", "note": "n", "ask": "x"}
        return [
            {"mode": mode, "short": words[mode][0], "long": words[mode][1], "is_current": mode == self.mode,
             "key": keys.get(mode, "")}
            for mode in self.modes
        ]  # fmt: skip

    @property
    def draft(self) -> dict[str, Any]:
        """The saved words of this mode."""
        return self.opened.drafts.get(self.mode, {})

    @property
    def text(self) -> str:
        """What stands in the box."""
        return self.typed if self.typed is not None else str(self.draft.get("text", ""))

    @property
    def revision(self) -> int:
        """Upon which saved words it stands."""
        return int(self.draft.get("revision", 0))

    @property
    def knows(self) -> int:
        """The newest message of theirs that the words know: kept while words lie in the box."""
        if self._knows is not None:
            return self._knows
        known = int(self.draft.get("knows") or 0)
        return known if known and self.text.strip() else self.opened.newest_inbound_id

    @property
    def wrote_since(self) -> bool:
        """The person said something the words do not know."""
        return self.opened.newest_inbound_id > self.knows

    @cached_property
    def key(self) -> str:
        """Makes a double click one act."""
        return new_token()[:20]

    @property
    def is_sent(self) -> bool:
        """Whether words of this mode leave the house."""
        return self.mode in ("reply", "private")

    @cached_property
    def expert(self) -> Colleague | None:
        """Whose knowledge the words are."""
        pk = self.draft.get("expert_id")
        return Colleague.objects.filter(pk=pk).first() if pk else None

    @cached_property
    def signature(self) -> str:
        """What will stand under the words."""
        here = self.conversation
        colleague = colleague_of(self.opened.user)
        return signature.line(channel=here.channel, colleague=colleague, expert=self.expert, language=here.language)

    @cached_property
    def findings(self) -> Sequence[checks.Finding]:
        """What to look at before it leaves."""
        if not self.is_sent:
            return []
        here = self.conversation
        situation = checks.Situation(
            max_length=self.opened.abilities.max_length,
            language=here.language,
            address=here.channel.address,
            wrote_since=self.wrote_since,
            is_public=here.is_public and self.mode == "reply",
            has_files=bool(self.files),
            our_addresses=(str(here.channel.settings.get("address", "")),),
            my_name=self._my_name(),
            signature_length=len(self.signature) + 1 if self.signature else 0,
        )
        return checks.check(self.text, situation)

    def _my_name(self) -> str:
        """Whom a colleague's mail greets, which the person must not read; empty when the person is called the same."""
        me = colleague_of(self.opened.user)
        name = me.first_name if me else ""
        return "" if name.casefold() in self.conversation.person.casefold().split() else name

    @property
    def warnings(self) -> list[str]:
        """Codes of what to look at again: the first press shows them, a second one sends all the same."""
        return sorted({finding.code for finding in self.findings if finding.level == "look"})

    def warns_beyond(self, shown: str) -> bool:
        """Whether there is something to look at that these codes, shown before, do not name."""
        return bool(set(self.warnings) - set(shown.split()))

    @property
    def lines(self) -> list[check_words.Line]:
        """The same in words."""
        found = [finding for finding in self.findings if finding.code != "empty"]
        return [check_words.line(finding, self.conversation.language) for finding in found]

    @property
    def good(self) -> int:
        """How many checks are good, for the phone's one line."""
        return sum(finding.level == "good" for finding in self.findings)

    @property
    def is_by_hand(self) -> bool:
        """A person will have to post it."""
        return self.opened.abilities.needs_hand

    @property
    def is_again(self) -> bool:
        """The last answer was refused and its words lie here again, to go the same way."""
        stuck = self.opened.stuck
        if not stuck or not stuck.outgoing or stuck.outgoing.state != "refused":
            return False
        return not self.conversation.is_public or (stuck.visibility == "private") == (self.mode == "private")

    @property
    def button(self) -> str:
        """What pressing it does, and where."""
        return places.button(self.conversation, self.mode, is_by_hand=self.is_by_hand, is_again=self.is_again)

    @property
    def button_anyway(self) -> str:
        """The same in the second step, after the warnings."""
        if self.is_by_hand:
            return gettext("Approve anyway")
        is_public = self.conversation.is_public and self.mode == "reply"
        return gettext("Post publicly anyway") if is_public else gettext("Send anyway")

    @property
    def arrived(self) -> dict[str, Any]:
        """What others put into the box for answers: open pages compare it with what they show."""
        draft, at = self.opened.drafts.get("reply", {}), self.conversation.expert_draft_at
        by_others = bool(draft) and draft["author_id"] != self.opened.me
        return {
            "expert_at": at.isoformat() if at else "",
            "others_at": draft["saved_at"].isoformat() if by_others else "",
            "author": draft.get("author") if by_others else "",
            "has_words": bool(draft),
        }

    @property
    def readers(self) -> str:
        """Who will read it."""
        return places.readers(self.conversation, self.mode)

    @cached_property
    def files(self) -> list[Attachment]:
        """What goes along."""
        return self.opened.loose_files if self.opened.abilities.files else []
