"""A manager limited to sites changes what stands at these sites, and nothing that holds at others."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from ganzohr.accounts.models import User
from ganzohr.directory.models import Colleague, Site
from ganzohr.topics.models import Responsibility, Sheet, Topic
from tests.topics.test_pages import employer, signed_in

pytestmark = pytest.mark.django_db


def limited(places: list[Site]) -> Client:
    client = signed_in("manager", "limited@example.org")
    user = User.objects.get(email="limited@example.org")
    mine, _made = Colleague.objects.get_or_create(user=user, defaults={"name": "Limited"})
    mine.limited_to.set(places)
    return client


def test_a_sheet_is_no_way_to_other_sites() -> None:
    places = employer(8)
    salary = Topic.objects.get(slug="salary")
    before = list(Responsibility.objects.order_by("pk").values_list("site", "colleague"))
    client = limited(places[:2])
    cells = f"Topic\tSite\tResponsible\n{salary.names['en']}\tSite 05\tKarin Wöhlert\n"
    answers = [client.post(reverse(f"topics:{page}"), {"cells": cells}) for page in ("import", "import_colleagues")]
    assert ([answer.status_code for answer in answers], Sheet.objects.count()) == ([403, 403], 0)
    assert list(Responsibility.objects.order_by("pk").values_list("site", "colleague")) == before


@pytest.mark.parametrize("act", ["post", "promise", "archive", "unarchive", "texts", "add_examples"])
def test_what_holds_everywhere_stays_with_who_sees_everything(act: str) -> None:
    places = employer(8)
    salary = Topic.objects.get(slug="salary")
    assert limited(places[:2]).post(reverse(f"topics:{act}", args=[salary.pk]), {"minutes": "60"}).status_code == 403


def test_who_answers_at_the_own_site_stays_theirs_and_the_rest_is_not_offered() -> None:
    places = employer(8)
    salary, karin = Topic.objects.get(slug="salary"), Colleague.objects.get(name="Karin Wöhlert")
    client = limited(places[:2])
    wanted = {"site-site": places[0].pk, "site-responsible": karin.name, "site-deputy": ""}
    saved = client.post(reverse("topics:site_post", args=[salary.pk]), wanted)
    assert (saved.status_code, Responsibility.objects.get(topic=salary, site=places[0]).colleague) == (303, karin)
    page = client.get(reverse("topics:topic", args=[salary.pk])).content.decode()
    offered = [name for name in ("site_post", "post", "promise", "texts", "archive", "add_examples")
               if f'action="{reverse(f"topics:{name}", args=[salary.pk])}"' in page]  # fmt: skip
    assert offered == ["site_post"]
    assert reverse("topics:import") not in client.get(reverse("topics:list")).content.decode()
    assert reverse("topics:import_colleagues") not in client.get(reverse("directory:colleagues")).content.decode()
