"""What noise cannot move: pages of a crowded inbox ask few questions, and each is answered by an index made for it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ganzohr.accounts.models import User
from ganzohr.channels.models import Channel
from ganzohr.directory.models import Colleague, Site
from ganzohr.topics.models import Topic
from tests.inbox import crowd

MANY, MOST = 12_000, 12
LARGE = {"inbox_conversation", "inbox_message", "contacts_contact", "contacts_handle"}
LISTS = {
    "": "conv_state_recent",
    "?view=nobody": "conv_",
    "?view=waits": "conv_waits",
    "?view=closed": "conv_state_recent",
    "?state=any": "conv_recent",
    "?state=closed&topic={topic}": "conv_topic",
    "?state=closed&site={site}": "conv_site",
    "?state=closed&kind=nonsense": "conv_kind",
    "?state=closed&language=fr": "conv_language",
    "?state=any&source=plakat-3": "conv_source",
    "?state=any&post=5": "conv_post",
    "?state=closed&unanswered=1": "conv_unanswered",
    "?state=closed&unread=1": "conv_unread",
    "?overdue=1": "conv_due",
    "?channel={channel}&after={after}": "conv_",
}
SEARCHES = ("Zwischenprüfungszeugnis", "Ausbildung", "Ausbildungsplatz", "Lena Krüger", "Nachtherzplan Pflege")
NEWER = "WyIyMDk5LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwgOV0"  # after a moment that nothing has reached


def questions(client: Client, address: str) -> list[str]:
    """What one page asks the database."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return [one["sql"] for one in asked.captured_queries]


def plan(question: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {question}")
        return "\n".join(row[0] for row in cursor)


def read_whole(question: str) -> set[str]:
    """The large tables it reads from one end to the other."""
    found = plan(question)
    return set() if "Limit" in found else LARGE & set(re.findall(r"Seq Scan on (\w+)", found))


def somebody(name: str, *sites: Site) -> Client:
    user = User.objects.create_user(f"{name}@example.org", role="manager", language="de")
    Colleague.objects.update_or_create(user=user, defaults={"name": name})[0].limited_to.set(sites)
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.django_db
def test_a_crowded_inbox_is_read_by_its_indexes_and_in_few_questions() -> None:
    crowd.fill(MANY)
    small = Site.objects.get(name=crowd.SMALLEST)
    known: dict[str, Any] = {
        "topic": Topic.objects.get(slug="crowd-20").pk,
        "channel": Channel.objects.get(key="crowd-mail").pk,
        "site": small.pk,
        "after": NEWER,
    }
    for client in (somebody("everywhere"), somebody("limited", small)):
        client.get("/inbox/")
        for query, index in LISTS.items():
            asked = questions(client, f"/inbox/{query.format(**known)}")
            assert len(asked) <= MOST, query
            rows = next(one for one in asked if 'FROM "inbox_conversation"' in one and "LIMIT 51" in one)
            assert "Seq Scan on inbox_conversation" not in plan(rows), (query, plan(rows))
            assert index in plan(rows) or "site_id" in rows, (query, plan(rows))
        for words in SEARCHES:
            asked = questions(client, f"/inbox/?state=any&q={words}")
            assert len(asked) <= MOST, words
            assert not set().union(*(read_whole(one) for one in asked if "SELECT" in one)), words
    pressing = [one for one in questions(client, "/") if "COALESCE" in one and "LIMIT 100" in one]
    assert "conv_pressing" in plan(pressing[0]) or "conv_site" in plan(pressing[0])
    assert len(questions(client, "/inbox/")) == len(questions(client, "/inbox/?show=5"))
