"""The list as a page shows it: rows, views with counts, what narrows it, and what to say when it is empty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, gettext_lazy

from ganzohr.accounts.models import User
from ganzohr.channels.holds import seen_by
from ganzohr.channels.models import Channel, PublicPost
from ganzohr.channels.shown import Notice, notice
from ganzohr.core.times import now
from ganzohr.directory.models import Colleague, Site
from ganzohr.inbox.counts import counts
from ganzohr.inbox.excerpts import excerpts
from ganzohr.inbox.filters import Filter
from ganzohr.inbox.models import Conversation, Kind
from ganzohr.inbox.people import colleague_id_of
from ganzohr.inbox.rows import drawn, lines
from ganzohr.topics.models import Topic
from ganzohr.ui.counted import Count
from ganzohr.ui.keyset import Slice
from ganzohr.ui.numbers import number

SIZE, MOST = 50, 300
AWAY = ("later", "closed")
VIEWS: dict[str, str | Promise] = {
    "all": gettext_lazy("All"),
    "mine": gettext_lazy("With me"),
    "nobody": gettext_lazy("With nobody"),
    "waits": gettext_lazy("Waits"),
    "later": gettext_lazy("Later"),
    "closed": gettext_lazy("Closed"),
}
WORDS: dict[str, str | Promise] = {
    "public": gettext_lazy("public"),
    "private": gettext_lazy("private"),
    "open": gettext_lazy("open"),
    "snoozed": gettext_lazy("set aside for later"),
    "closed": gettext_lazy("closed"),
    "any": gettext_lazy("in every state"),
    "unanswered": gettext_lazy("unanswered"),
    "overdue": gettext_lazy("overdue"),
    "unread": gettext_lazy("unread"),
    "de": gettext_lazy("German"),
    "nl": gettext_lazy("Dutch"),
    "en": gettext_lazy("English"),
    "other": gettext_lazy("another language"),
}


@dataclass(frozen=True)
class View:
    """One way to look at the inbox."""

    name: str
    label: str | Promise
    url: str
    is_current: bool
    count: Count | None


@dataclass(frozen=True)
class Chip:
    """One thing that narrows the list, and the address without it."""

    label: str
    without: str


@dataclass(frozen=True)
class Wider:
    """How many fit in all conversations, and the way there."""

    MOST: ClassVar = 99
    url: str
    count: int
    is_all: bool

    @property
    def said(self) -> str:
        """As many as it is worth counting; `?` where none is among the newest and nobody looked at the others."""
        return str(self.count) if self.is_all else f"{self.count}+" if self.count else "?"


class Listing:
    """What the list's templates ask for, fetched when asked."""

    def __init__(self, request: HttpRequest, user: User, current: int = 0) -> None:
        self.user, self.base, self.current = user, reverse("inbox:list"), current
        self.filter = Filter.read(request.GET)
        self.after = request.GET.get("after", "")
        self.shown = min(MOST, number(request.GET.get("show")) or SIZE)
        self.reach = self.filter.reach(number(request.GET.get("reach")))
        self.query = self._with(self.filter.query(), show=self.shown if self.shown > SIZE else 0, reach=self.reach)

    @property
    def url(self) -> str:
        """The address of this very list."""
        return f"{self.base}{self.query}"

    @cached_property
    def slice(self) -> Slice[Conversation]:
        """The conversations of this page of the list."""
        rows, size = Conversation.objects.visible_to(self.user), SIZE if self.after else self.shown
        return self.filter.slice(rows, colleague_id_of(self.user), now(), self.after, size, self.reach)

    @property
    def notice(self) -> Notice | None:
        """What is held back, above the first row; asked for only while there are holds."""
        if self.after or not self._counts["holds"]:
            return None
        return notice(seen_by(self.user), self.user)

    @property
    def lines(self) -> SafeString:
        """Its lines, drawn."""
        rows, wanted = self.slice.rows, self.filter.q
        places = excerpts(wanted, [row.id for row in rows]) if wanted else {}
        return lines(drawn(rows, colleague_id_of(self.user), self.query, self.current, places))

    @property
    def more(self) -> str:
        """The address of the next page, empty when this is the last; its rows lead back to a list as long as then, and
        as far looked through."""
        if not self.slice.after:
            return ""
        shown, reach = min(MOST, self.shown + SIZE), self.filter.further(self.reach)
        return f"{self.base}{self._with(self.filter.query(), show=shown, reach=reach, after=self.slice.after)}"

    @staticmethod
    def _with(query: str, **more: object) -> str:
        said = urlencode({name: value for name, value in more.items() if value})
        return f"{query}{'&' if query else '?'}{said}" if said else query

    @cached_property
    def elsewhere(self) -> Wider | None:
        """The same search where nothing was looked at: set aside or closed, and where nothing was found here in other
        views too; None when not there. Below rows it is asked for after the last one."""
        wider = self.filter.also(view="all", state="any")
        is_rest = self.filter.view not in AWAY and not self.filter.state and not self.slice.after
        if not self.filter.q or wider == self.filter or not (self.is_empty or is_rest):
            return None
        rows = Conversation.objects.visible_to(self.user)
        rows = rows if self.is_empty else rows.exclude(state=Conversation.State.OPEN)
        found = wider.slice(rows, colleague_id_of(self.user), now(), size=Wider.MOST)
        is_all = not found.after
        return Wider(f"{self.base}{wider.query()}", len(found.rows), is_all) if found.rows or not is_all else None

    @property
    def is_empty(self) -> bool:
        """Nothing to show here."""
        return not self.slice.rows

    @property
    def is_untouched(self) -> bool:
        """This desk has no conversation at all yet."""
        return self.is_empty and not self._counts["any"]

    @cached_property
    def _counts(self) -> dict[str, Count]:
        return counts(self.user, colleague_id_of(self.user))

    @property
    def tabs(self) -> list[View]:
        """The ways to look that stand above the list: what is on the desk, before it the one away looked at now."""
        away = [view for view in self.views if view.is_current and view.name in AWAY]
        return away + [view for view in self.views if view.name not in AWAY]

    @property
    def rest(self) -> list[View]:
        """The others, below the list."""
        return [view for view in self.views if view.name in AWAY and not view.is_current]

    @property
    def name(self) -> str | Promise:
        """The way to look that is chosen, in words; '' for everything on the desk."""
        return "" if self.filter.view == "all" else VIEWS[self.filter.view]

    @cached_property
    def views(self) -> list[View]:
        """The ways to look, with how many are there."""
        held, current = self._counts, self.filter.view
        return [
            View(name, label, f"{self.base}{self.filter.query(view=name)}", name == current, held.get(name))
            for name, label in VIEWS.items()
        ]

    @property
    def chips(self) -> list[Chip]:
        """What narrows the list, each with the way to take it away."""
        quoted = gettext("“%(words)s”") % {"words": self.filter.q}
        found = [Chip(quoted, f"{self.base}{self.filter.query(q='')}")] if self.filter.q else []
        for name in self.filter.narrowed():
            value = getattr(self.filter, name)
            found.append(Chip(_label(name, value, self.user), f"{self.base}{self.filter.query(**{name: ''})}"))
        return found

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What stays when somebody searches: the view and what narrows it."""
        names = [name for name in ("view", *self.filter.narrowed()) if getattr(self.filter, name) != "all"]
        return [(name, getattr(self.filter, name)) for name in names]

    @property
    def reset(self) -> str:
        """The same view, not narrowed."""
        return f"{self.base}{Filter(view=self.filter.view).query()}"


NAMED: dict[str, Callable[[User], QuerySet[Any]]] = {
    "channel": Channel.objects.visible_to,
    "site": Site.objects.visible_to,
    "assignee": Colleague.objects.visible_to,
    "topic": lambda _user: Topic.objects.all(),
    "post": lambda _user: PublicPost.objects.all(),
}


def _label(name: str, value: str, user: User) -> str:
    if value == "none":
        return gettext("No topic yet") if name == "topic" else gettext("with nobody")
    if name == "assignee" and value == "me":
        return gettext("with me")
    if name in NAMED:
        return _named(NAMED[name](user).filter(pk=value).first())
    if name == "kind":
        return str(Kind(value).label)
    if name == "source":
        return gettext("came by %(source)s") % {"source": value}
    return str(WORDS.get(name if value == "1" else value, value))


def _named(thing: Model | None) -> str:
    if isinstance(thing, Topic):
        return thing.name_in((get_language() or "en")[:2])
    if isinstance(thing, PublicPost):
        return gettext("under one post")
    return str(thing) if thing else gettext("(not there any more)")
