"""What people ask."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.core.times import now
from ganzohr.directory.models import sites_of
from ganzohr.inbox.models import Conversation, Kind
from ganzohr.insights import people_ask
from ganzohr.topics.models import Topic
from ganzohr.ui.pages import page


@require_safe
@role_required("reader")
def show_people_ask(request: HttpRequest) -> HttpResponse:
    """Topics and kinds by week, and new words; every number leads to its conversations where it can."""
    user, at = user_of(request), now()
    asked = people_ask.asked(Conversation.objects.visible_to(user), at, sites_of(user))
    named = named_topics(asked.topics)
    context = {
        "starts": people_ask.starts(at),
        "topics": named,
        "most": next((name for row, name in named if row.key is not None), ""),
        "kinds": [(row, Kind(str(row.key)).label) for row in asked.kinds],
        "words": asked.words,
        "risen": risen(asked.topics),
    }
    return page(request, "insights/people_ask.html", context)


def named_topics(rows: list[people_ask.Row]) -> list[tuple[people_ask.Row, str]]:
    """The rows with the names of their topics in the reader's language."""
    topics = Topic.objects.in_bulk([row.key for row in rows if isinstance(row.key, int)])
    language = (get_language() or "en")[:2]
    return [(row, topics[row.key].name_in(language) if row.key in topics else gettext("Not known")) for row in rows]


def risen(rows: list[people_ask.Row]) -> people_ask.Row | None:
    """The topic that rose most in the last whole week against the mean of the weeks before, if by three or more."""
    known = [row for row in rows if row.key is not None and len(row.counts) > 3]
    if not known:
        return None
    best = max(known, key=_rise)
    return best if _rise(best) >= 3 else None


def _rise(row: people_ask.Row) -> float:
    before = row.counts[:-2]
    return row.counts[-2] - sum(before) / len(before)
