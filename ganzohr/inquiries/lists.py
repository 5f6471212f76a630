"""The rows of the overview: who is waited for and until when, by filter and colleague."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Count, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from ganzohr.accounts.models import User
from ganzohr.core import times
from ganzohr.directory.models import Colleague
from ganzohr.inquiries.models import Inquiry, InquiryQuerySet
from ganzohr.notifications.models import ColleagueMail
from ganzohr.topics.models import Topic
from ganzohr.ui.numbers import number

VIEWS = {
    "waiting": _("With colleagues"),
    "ours": _("Our turn"),
    "settled": _("Settled"),
}


def found(user: User, query: Mapping[str, str]) -> QuerySet[Inquiry]:
    """The inquiries of one view, narrowed by colleague and topic."""
    rows: QuerySet[Inquiry] = _of_view(Inquiry.objects.visible_to(user), query.get("view", "waiting"))
    for name in ("colleague", "topic"):
        if wanted := number(query.get(name)):
            rows = rows.filter(**{name: wanted})
    if query.get("late"):
        rows = rows.filter(due_at__lt=times.now())
    rows = rows.select_related(
        "colleague", "topic", "conversation__channel", "conversation__contact", "conversation__handle"
    )
    return rows.annotate(due_or_asked=Coalesce("due_at", "created_at", Value(times.now())))


def _of_view(rows: InquiryQuerySet, view: str) -> QuerySet[Inquiry]:
    if view == "ours":
        return rows.needing_us()
    if view == "settled":
        return rows.filter(state__in=["approved", "answered", "withdrawn"])
    return rows.waiting_for_colleagues()


def order(view: str) -> list[str]:
    """What is due first stands first; what is settled, the newest first."""
    return ["-id"] if view == "settled" else ["due_or_asked", "id"]


def counts(user: User) -> dict[str, int]:
    """How many stand in each view of what is not settled."""
    rows = Inquiry.objects.visible_to(user).running().values_list("state").annotate(n=Count("pk"))
    by_state = dict(rows.order_by())
    return {
        "waiting": by_state.get("asked", 0),
        "ours": sum(by_state.get(state, 0) for state in ("new", "asked_back", "drafted", "declined")),
    }


def open_mails(user: User) -> int:
    """How many mails of colleagues wait for somebody to look at them; the number in the rail."""
    return ColleagueMail.objects.belonging_to_nothing().visible_to(user).unseen().count()


def around(user: User, language: str) -> dict[str, object]:
    """What stands around the rows: views with their numbers, and whom and what can be chosen."""
    topics = Topic.objects.filter(archived_at=None)
    return {
        "views": VIEWS,
        "counts": counts(user),
        "mails": open_mails(user),
        "colleagues": Colleague.objects.filter(pk__in=Inquiry.objects.values("colleague")),
        "topics": [(topic.pk, topic.name_in(language)) for topic in topics],
    }
