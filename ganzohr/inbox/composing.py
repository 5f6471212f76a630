"""The place where an answer is written: its modes, the words in it, what to look at, what its button does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django.utils.translation import gettext

from ganzohr.channels import holds, signature, waiting
from ganzohr.channels.models import Outgoing
from ganzohr.core.crypto import new_token
from ganzohr.core.times import now
from ganzohr.directory.models import Colleague
from ganzohr.inbox import check_words, checks, limits, places, private_ways, windows
from ganzohr.inbox.actions.answering import most_characters
from ganzohr.inbox.models import Attachment, Conversation, Draft, Message
from ganzohr.inbox.opened import Opened
from ganzohr.inbox.people import colleague_of
from ganzohr.inbox.template_box import TemplateBox

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
        given: Mapping[str, str] | None = None,
    ) -> None:
        self.opened, self.typed, self._knows, self.problem = opened, typed, knows, problem
        self.conversation: Conversation = opened.conversation
        self._wanted, self._given = mode, given or {}
        self.mode = mode if mode in self.modes else "reply"
        self.asks_twice = False
        self.others: Draft | None = None  # saved by somebody else upon what the words here do not know

    @cached_property
    def modes(self) -> list[str]:
        """The ways to answer that exist here. Private words that were begun stay in sight when they may not leave."""
        has_words = (self._wanted == "private" and self.typed is not None) or "private" in self.opened.earlier
        can_private = self.conversation.is_public and (self.way.is_open or has_words)
        return [mode for mode in MODES if mode != "private" or can_private]

    @cached_property
    def asked(self) -> Message | None:
        """The newest message of theirs that still stands."""
        theirs = (one for one in reversed(self.opened.messages) if one.direction == "in" and not one.is_automatic)
        return next((one for one in theirs if not one.is_given and not one.deleted_at), None)

    @property
    def is_gone(self) -> bool:
        """They took back all there was to answer."""
        is_whole = self.asked is None and not self.opened.has_earlier_messages
        return is_whole and any(one.direction == "in" and one.deleted_at for one in self.opened.messages)

    @cached_property
    def way(self) -> private_ways.Way:
        """How a private answer to a public message may leave."""
        return private_ways.way(self.conversation, self.asked)

    @cached_property
    def window(self) -> windows.Window | None:
        """How long words of this mode may leave; None without a limit."""
        return windows.of(self.conversation) if self.is_sent else None

    @property
    def window_line(self) -> limits.Line | None:
        """The same in words, counting."""
        return limits.line(self.window, now()) if self.window else None

    @property
    def counting(self) -> dict[str, str]:
        """The words of what counts, with their places open."""
        room = {"left": check_words.room_words(), "beyond": check_words.beyond_words()}
        return {"h": limits.hours_words(), "m": limits.minutes_words(), "s": limits.soon_words(), **room}

    @property
    def kept(self) -> str:
        """Why nothing may leave in this mode, as a code; '' when it may."""
        if self.is_sent and self.is_gone:
            return "gone"
        if self.mode == "private" and self.conversation.is_public:
            return "" if self.way.is_open else self._no_private
        is_closed = self.window is not None and self.window.state(now()) == "closed"
        return "window_closed" if is_closed else ""

    @property
    def kept_words(self) -> str:
        """The same in words."""
        return limits.why(self.kept, self.conversation, self.opened.abilities, now()) if self.kept else ""

    @property
    def no_private_words(self) -> str:
        """Why a public message has no private answer, where its platform has them."""
        here, abilities = self.conversation, self.opened.abilities
        if self.mode != "reply" or not here.is_public or not abilities.private_reply_days or self.way.is_open:
            return ""
        return limits.why(self._no_private, here, abilities, now())

    @property
    def _no_private(self) -> str:
        """The one private answer is used up as soon as it is approved, but has not left before it did."""
        under_way = self.opened.private_word is not None and not self.opened.has_private_word_left
        return "private_leaving" if self.way.kind == "used" and under_way else f"private_{self.way.kind}"

    @cached_property
    def held(self) -> str:
        """What keeps an answer here although it is approved, in words; '' when nothing does."""
        here = self.conversation
        if not self.is_sent or not here.are_there_holds:  # type: ignore[attr-defined]
            return ""
        kind = "template" if self.template else "answer"
        would = Outgoing(
            kind=kind, channel_id=here.channel_id, site_id=here.site_id, public_post_id=here.public_post_id
        )
        return waiting.held(would, holds.in_force())

    @property
    def approved_words(self) -> str:
        """What happens to an answer that was approved now."""
        if self.is_by_hand:
            return gettext("Approved. Now post it by hand.")
        if self.held:
            return gettext("Approved. It stays here until what leaves is let go again.")
        return gettext("Approved. It leaves in ten seconds.")

    @property
    def one_private(self) -> str:
        """Until when the one private answer may leave, where it is written."""
        return limits.one_private(self.way, now()) if self.mode == "private" and self.conversation.is_public else ""

    @property
    def stopped_words(self) -> str:
        """What a stop means here."""
        return limits.stopped(self.conversation, now()) if self.is_sent and not self.conversation.is_public else ""

    @cached_property
    def template(self) -> TemplateBox | None:
        """The box for templates, where nothing else may leave and the platform has them."""
        is_place = self.kept == "window_closed" and self.opened.abilities.templates
        return TemplateBox(self.conversation, self._given) if is_place and not self.conversation.has_stopped else None

    @property
    def takes_files(self) -> bool:
        """Whether files may go along; the one private answer to a comment is words only."""
        is_first = self.mode == "private" and self.conversation.is_public and self.way.kind == "comment"
        return self.opened.abilities.files and not is_first

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
    def earlier(self) -> list[dict[str, Any]]:
        """What gave way here and is not part of what stands here now."""
        rows = (one for one in self.opened.earlier.get(self.mode, ()) if one["text"].strip() not in self.text)
        return [{**one, "is_mine": one["author_id"] == self.opened.me} for one in rows]

    @cached_property
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
            max_length=most_characters(here, "public" if here.is_public and self.mode == "reply" else "private"),
            kept=self.kept,
            language=here.language,
            address=here.channel.address,
            wrote_since=self.wrote_since,
            is_public=here.is_public and self.mode == "reply",
            has_files=bool(self.files),
            our_addresses=(str(here.channel.settings.get("address", "")),),
            my_name=self._my_name(),
            signature_length=self.signature_length,
        )
        return checks.check(self.text, situation)

    @property
    def is_blocked(self) -> bool:
        """Something about the words themselves keeps them here."""
        return checks.blocks(self.findings)

    @property
    def signature_length(self) -> int:
        """How many characters signing adds."""
        return len(self.signature) + (1 if self.signature.startswith("^") else 2) if self.signature else 0

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
        found = [finding for finding in self.findings if finding.code not in ("empty", "kept")]
        return [check_words.line(finding, self.conversation.language) for finding in found]

    @property
    def good(self) -> int:
        """How many checks are good, for the phone's one line."""
        return sum(finding.level == "good" for finding in self.findings) if self.text.strip() else 0

    @property
    def is_by_hand(self) -> bool:
        """A person will have to post it."""
        return self.opened.abilities.needs_hand

    @property
    def is_again(self) -> bool:
        """The last answer was refused and its words lie here again, to go the same way."""
        stuck = self.opened.stuck
        if not stuck or not stuck.outgoing or stuck.outgoing.state != "refused" or stuck.outgoing.kind == "template":
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
        """What others put into the boxes for answers: open pages compare it with what they show."""
        at, drafts = self.conversation.expert_draft_at, self.opened.drafts
        others = {mode: row["saved_at"] for mode, row in drafts.items() if row["author_id"] != self.opened.me}
        return {
            "expert_at": at.isoformat() if at else "",
            "others": {mode: saved_at.isoformat() for mode, saved_at in others.items()},
            "has_words": "reply" in drafts,
        }

    @property
    def readers(self) -> str:
        """Who will read it."""
        return places.readers(self.conversation, self.mode)

    @cached_property
    def files(self) -> list[Attachment]:
        """What goes along."""
        return self.opened.loose_files if self.takes_files else []
