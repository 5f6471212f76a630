"""Which conversations a list shows: read from an address, written into one, turned into a query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Q

from ganzohr.inbox.models import Conversation, ConversationQuerySet, Kind
from ganzohr.inbox.rows import bare
from ganzohr.inbox.searching import Words, looked_up
from ganzohr.ui.keyset import Slice, keyset, walked

VIEWS = ("all", "mine", "nobody", "waits", "later", "closed")
STATES = ("open", "snoozed", "closed", "any")
SEEN = ("public", "private")
ORDER = ("-last_activity_at", "-id")
# So many of a list are asked for common words, where somebody wants more of it, and at the most when it is drawn again.
REACH, FURTHER, FURTHEST = 1_000, 10_000, 50_000
FLAGS = ("unanswered", "overdue", "unread")


@dataclass(frozen=True)
class Filter:
    """One choice of conversations. Empty means: not narrowed. `assignee` is an id, `me` or `none`."""

    view: str = "all"
    q: str = ""
    channel: str = ""
    topic: str = ""
    kind: str = ""
    site: str = ""
    language: str = ""
    seen: str = ""
    assignee: str = ""
    source: str = ""
    post: str = ""
    state: str = ""
    unanswered: str = ""
    overdue: str = ""
    unread: str = ""

    @classmethod
    def read(cls, values: Mapping[str, str]) -> Filter:
        """From the query of an address; what makes no sense narrows nothing."""
        raw = {field.name: str(values.get(field.name) or "").strip()[:200] for field in fields(cls)}
        for name in ("channel", "site", "post"):
            raw[name] = raw[name] if raw[name].isdecimal() and len(raw[name]) < 19 else ""
        for name in ("topic", "assignee"):
            words = ("none", "me") if name == "assignee" else ("none",)
            fits = raw[name] in words or (raw[name].isdecimal() and len(raw[name]) < 19)
            raw[name] = raw[name] if fits else ""
        for name, choices in (("kind", Kind.values), ("seen", SEEN), ("state", STATES)):
            raw[name] = raw[name] if raw[name] in choices else ""
        for name in FLAGS:
            raw[name] = "1" if raw[name] in ("1", "on", "true") else ""
        raw["view"] = raw["view"] if raw["view"] in VIEWS else "all"
        raw["q"] = raw["q"].replace("\0", "")
        return cls(**raw)

    def query(self, **changes: str) -> str:
        """The address's query for this choice with changes; empty for the plain list."""
        other = replace(self, **changes)
        values = {field.name: getattr(other, field.name) for field in fields(other)}
        plain = {name: value for name, value in values.items() if value and (name, value) != ("view", "all")}
        return f"?{urlencode(plain)}" if plain else ""

    @property
    def is_narrowed(self) -> bool:
        """Something besides the view was chosen."""
        return any(getattr(self, field.name) for field in fields(self) if field.name != "view")

    def narrowed(self) -> list[str]:
        """The names of what was chosen, in the order of the form, without view and words."""
        return [field.name for field in fields(self) if field.name not in ("view", "q") and getattr(self, field.name)]

    def reach(self, said: int) -> int:
        """How far a search looked, as its address says it; 0 where it is no further than each looks."""
        return min(said, FURTHEST) if self.q and said > REACH else 0

    def further(self, reach: int) -> int:
        """How far it has looked after one more part; a little more, since what comes in above moves it down."""
        return self.reach(max(reach, REACH) + FURTHER + REACH)

    def slice(
        self,
        rows: ConversationQuerySet,
        colleague_id: int | None,
        at: datetime,
        after: str = "",
        size: int = 50,
        reach: int = 0,
    ) -> Slice[Conversation]:
        """A page, as bare rows, of the conversations chosen; in a search for common words it may be cut."""
        chosen = bare(self._chosen(rows, colleague_id, at))
        if not self.q:
            return keyset(chosen, ORDER, after, size)
        if self._words is None:
            return Slice([], "")
        if self._words.is_long:
            return walked(chosen, ORDER, after, size, self._words.asked, FURTHER if after else max(reach, REACH))
        return keyset(chosen.filter(self._words.asked), ORDER, after, size)

    def also(self, **changes: str) -> Filter:
        """The same choice with changes that leave the words, which then need not be looked up again."""
        other = replace(self, **changes)
        if self.q:
            other.__dict__["_words"] = self._words
        return other

    @cached_property
    def _words(self) -> Words | None:
        return looked_up(self.q)

    def _chosen(self, rows: ConversationQuerySet, colleague_id: int | None, at: datetime) -> ConversationQuerySet:
        rows = self._in_view(rows, colleague_id).filter(self._equal()).filter(self._people(colleague_id))
        if self.unanswered:
            rows = rows.unanswered()
        if self.overdue:
            rows = rows.overdue(at)
        return rows.unread() if self.unread else rows

    def _in_view(self, rows: ConversationQuerySet, colleague_id: int | None) -> ConversationQuerySet:
        state = self.state or {"later": "snoozed", "closed": "closed"}.get(self.view, "open")
        if state != "any":
            rows = rows.filter(state=state)
        if self.view == "mine":
            return rows.filter(assignee_id=colleague_id or 0)
        if self.view == "nobody":
            return rows.with_nobody()
        return rows.waiting() if self.view == "waits" else rows

    def _equal(self) -> Q:
        chosen = Q()
        for name, column in (
            ("channel", "channel_id"), ("site", "site_id"), ("post", "public_post_id"), ("kind", "kind"),
            ("language", "language"), ("source", "source"),
        ):  # fmt: skip
            if value := getattr(self, name):
                chosen &= Q(**{column: value})
        return chosen

    def _people(self, colleague_id: int | None) -> Q:
        chosen = Q()
        if self.topic:
            chosen &= Q(topic=None) if self.topic == "none" else Q(topic_id=self.topic)
        if self.seen:
            chosen &= Q(is_public=self.seen == "public")
        if self.assignee == "none":
            chosen &= Q(assignee=None)
        elif self.assignee:
            chosen &= Q(assignee_id=(colleague_id or 0) if self.assignee == "me" else self.assignee)
        return chosen
