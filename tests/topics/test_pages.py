"""Topics and people as pages: gaps, few and many sites, learning by hand, undo, roles."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ganzohr.accounts.models import User
from ganzohr.audit.actions import round_
from ganzohr.directory.models import Colleague, Site
from ganzohr.topics import actions
from ganzohr.topics.models import Example, Responsibility, Topic

pytestmark = pytest.mark.django_db
US = round_("test")


def signed_in(role: str, email: str = "") -> Client:
    client = Client()
    user = User.objects.create_user(email or f"{role}@example.org", role=role, language="en")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def employer(sites: int) -> list[Site]:
    karin, ole = Colleague.objects.create(name="Karin Wöhlert"), Colleague.objects.create(name="Ole Petersen")
    places = [Site.objects.create(name=f"Site {number:02}") for number in range(sites)]
    actions.start_with_catalogue(["en"], US)
    Topic.objects.update(responsible=karin, deputy=ole)
    salary = Topic.objects.get(slug="salary")
    for site in places[1:]:
        Responsibility.objects.create(topic=salary, site=site, colleague=None if site == places[-1] else ole)
    return places


def test_an_empty_desk_teaches_and_starts_with_twenty_topics() -> None:
    client = signed_in("manager")
    page = client.get(reverse("topics:list")).content.decode()
    assert "Start with twenty topics" in page
    client.post(reverse("topics:start"), {"languages": ["de", "en"]})
    assert (Topic.objects.count(), set(Example.objects.values_list("language", flat=True))) == (20, {"de", "en"})


@pytest.mark.parametrize(
    ("sites", "columns", "cells"), [(3, True, [1, 1, 1]), (8, False, [1, 1, 1]), (60, False, [1, 1, 1])]
)
def test_few_sites_have_columns_and_many_say_everywhere_except(sites: int, columns: bool, cells: list[int]) -> None:
    employer(sites)
    context = signed_in("reader").get(reverse("topics:list")).context
    salary = next(row for row in context["rows"] if row.topic.slug == "salary")
    named = [(cell.colleague.name if cell.colleague else "", len(cell.sites)) for cell in salary.cells]
    shape = [1, 1, 1] if columns else [0, sites - 2, 1]
    assert (context["seen"].has_columns, named) == (
        columns,
        list(zip(["Karin Wöhlert", "Ole Petersen", ""], shape, strict=True)),
    )
    assert [topic.slug for topic in context["seen"].with_gaps] == ["salary"]


def test_a_page_of_topics_asks_the_database_as_often_with_sixty_sites_as_with_three() -> None:
    employer(60)
    client = signed_in("manager")
    client.get(reverse("topics:list"))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.get(reverse("topics:list"))
    assert len(asked) <= 15


def test_somebody_limited_to_a_site_sees_only_that_site() -> None:
    places = employer(8)
    client = signed_in("manager", "limited@example.org")
    user = User.objects.get(email="limited@example.org")
    mine, _new = Colleague.objects.get_or_create(user=user, defaults={"name": "Limited"})
    mine.limited_to.set(places[:2])
    assert client.get(reverse("topics:list")).context["seen"].sites == places[:2]
    salary = Topic.objects.get(slug="salary")
    answer = client.post(reverse("topics:same", args=[salary.pk, places[5].pk]))
    assert (answer.status_code, Responsibility.objects.filter(topic=salary).count()) == (404, 7)


def test_gaps_search_and_archive_stand_in_the_address() -> None:
    employer(3)
    client, salary = signed_in("manager"), Topic.objects.get(slug="salary")

    def slugs(query: str) -> list[str]:
        return [row.topic.slug for row in client.get(reverse("topics:list") + query).context["rows"]]

    assert slugs("?show=gaps") == ["salary"]
    assert slugs("?q=travel+PASS") == ["benefits"]
    assert slugs("?q=nothing-like-this") == []
    client.post(reverse("topics:archive", args=[salary.pk]))
    assert ("salary" in slugs(""), slugs("?show=archived"), slugs("?show=gaps")) == (False, ["salary"], [])
    client.post(reverse("topics:unarchive", args=[salary.pk]))
    assert "salary" in slugs("")


def test_everything_can_be_reached_by_load_more() -> None:
    for number in range(60):
        actions.create_topic("en", f"Topic {number}", "", US)
    client, seen, after = signed_in("reader"), [], ""
    for _turn in range(4):
        context = client.get(reverse("topics:list"), {"after": after}).context
        seen += [row.topic.pk for row in context["rows"]]
        after = context["slice"].after
        if not after:
            break
    assert seen == list(Topic.objects.values_list("pk", flat=True))


def test_who_answers_is_named_on_the_page_of_a_topic_and_errors_keep_what_was_typed() -> None:
    places = employer(3)
    client, topic = signed_in("manager"), Topic.objects.get(slug="benefits")
    url = reverse("topics:post", args=[topic.pk])
    wrong = client.post(url, {"everywhere-responsible": "Nobody Known", "everywhere-deputy": ""})
    assert (wrong.status_code, "Nobody Known" in wrong.content.decode()) == (422, True)
    assert client.post(url, {"everywhere-responsible": "Ole Petersen", "everywhere-deputy": ""}).status_code == 303
    data = {"site-site": places[0].pk, "site-responsible": "Karin Wöhlert", "site-deputy": "Ole Petersen"}
    assert client.post(reverse("topics:site_post", args=[topic.pk]), data).status_code == 303
    topic.refresh_from_db()
    row = Responsibility.objects.get(topic=topic)
    assert [str(one) for one in (topic.responsible, row.site, row.colleague, row.deputy)] == [
        "Ole Petersen",
        "Site 00",
        "Karin Wöhlert",
        "Ole Petersen",
    ]


def test_an_unknown_expert_is_entered_right_there_by_a_mail_address() -> None:
    employer(1)
    client, topic = signed_in("manager"), Topic.objects.get(slug="benefits")
    url = reverse("topics:post", args=[topic.pk])
    Colleague.objects.create(name="Uta Other", email="taken@example.org")
    typed = {"everywhere-responsible": "Petra Neu", "everywhere-deputy": ""}
    page = client.post(url, typed).content.decode()
    assert 'name="everywhere-responsible_mail"' in page
    taken = client.post(url, {**typed, "everywhere-responsible_mail": "Taken@example.org"})
    client.post(url, {**typed, "everywhere-responsible_mail": "Petra@example.org"})
    topic.refresh_from_db()
    petra = Colleague.objects.get(name="Petra Neu")
    assert (taken.status_code, topic.responsible, petra.email) == (422, petra, "petra@example.org")


def test_people_without_a_deputy_are_the_same_on_topics_and_people() -> None:
    employer(1)
    Topic.objects.filter(slug="benefits").update(deputy=None)
    Colleague.objects.create(name="Answers Nothing", email="nothing@example.org")
    client = signed_in("manager")
    topics = client.get(reverse("topics:list")).context["seen"].without_deputy
    people = client.get(reverse("directory:colleagues"), {"show": "no-deputy"}).context
    assert ({row.pk for row in people["slice"].rows}, people["counts"]["no_deputy"]) == (topics, len(topics))
    assert len(topics) == 1


def test_words_promise_and_examples_are_changed_by_form_and_examples_come_back_by_undo() -> None:
    employer(1)
    client, topic = signed_in("manager"), Topic.objects.get(slug="benefits")
    client.post(reverse("topics:texts", args=[topic.pk]), {"in": "de", "name": "Extras", "description": "Jobticket"})
    client.post(reverse("topics:promise", args=[topic.pk]), {"minutes": "240"})
    client.post(
        reverse("topics:add_examples", args=[topic.pk]), {"in": "de", "texts": "Gibts Obst?\n\nGibts Obst?\nSport?"}
    )
    topic.refresh_from_db()
    assert (topic.names["de"], topic.promised_minutes) == ("Extras", 240)
    mine = Example.objects.kept().filter(topic=topic, language="de")
    assert sorted(mine.values_list("text", flat=True)) == ["Gibts Obst?", "Sport?"]
    first = mine.order_by("id")[0]
    page = client.post(reverse("topics:remove_example", args=[first.pk]), follow=True).content.decode()
    assert (mine.count(), reverse("topics:restore_example", args=[first.pk]) in page) == (1, True)
    client.post(reverse("topics:restore_example", args=[first.pk]))
    assert mine.count() == 2


ACTS: list[tuple[str, dict[str, Any]]] = [
    ("topics:start", {"languages": ["en"]}),
    ("topics:new", {"name": "Housing"}),
    ("topics:import", {"cells": "Topic\tWho\nPay\tKarin"}),
    ("topics:import_colleagues", {"cells": "Name\tMail\nKarin\tk@example.org"}),
]


@pytest.mark.parametrize("role", ["reader", "lead"])
@pytest.mark.parametrize(("name", "data"), ACTS)
def test_only_managers_change_topics(role: str, name: str, data: dict[str, Any]) -> None:
    answer = signed_in(role).post(reverse(name), data)
    assert (answer.status_code, Topic.objects.count(), Colleague.objects.filter(user=None).count()) == (403, 0, 0)


@pytest.mark.parametrize("name", ["topics:list", "topics:import"])
def test_nobody_sees_topics_without_signing_in(name: str) -> None:
    assert Client().get(reverse(name)).status_code == 302


def test_a_colleagues_page_says_what_they_answer_and_stand_in_for() -> None:
    employer(1)
    ole = Colleague.objects.get(name="Ole Petersen")
    Topic.objects.filter(slug="benefits").update(responsible=ole, deputy=None)
    page = signed_in("reader").get(reverse("directory:colleague", args=[ole.pk])).content.decode()
    assert (page.count("as deputy"), reverse("topics:topic", args=[Topic.objects.get(slug="benefits").pk]) in page) == (
        19,
        True,
    )
