"""A manager limited to sites changes what belongs to these sites, and nothing of the others."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ganzohr.accounts.models import User
from ganzohr.channels.models import Channel
from ganzohr.directory.models import Colleague, Department, OpeningHours, Site

pytestmark = pytest.mark.django_db
HOURS = {"name": "Team", "time_zone": "Europe/Berlin", "day0": "8-17"}


@pytest.fixture
def mine(db: None) -> Site:
    """Ole's site."""
    return Site.objects.create(name="Marienhöhe")


@pytest.fixture
def ole(mine: Site) -> Client:
    """A manager limited to it."""
    user = User.objects.create_user("ole@example.org", role="manager", language="en")
    colleague, _made = Colleague.objects.update_or_create(user=user, defaults={"name": "Ole Petersen", "site": mine})
    colleague.limited_to.add(mine)
    client = Client()
    client.force_login(user)
    return client


def sophie() -> Client:
    """A manager without limits."""
    client = Client()
    client.force_login(User.objects.create_user("sophie@example.org", role="manager", language="en"))
    return client


def opened(client: Client, name: str, *things: Any) -> list[int]:
    return [client.get(reverse(name, args=[one.pk])).status_code for one in things]


def test_departments_of_other_sites_are_read_only(ole: Client, mine: Site) -> None:
    there = Site.objects.create(name="Talheim")
    own, shared, led = (Department.objects.create(name=name) for name in ("Ward 1", "Kitchen", "Depot"))
    Colleague.objects.create(name="Ida", site=mine, department=own)
    Colleague.objects.create(name="Ada", site=there, department=shared)
    Department.objects.filter(pk=led.pk).update(head=Colleague.objects.create(name="Uta", site=there))
    assert opened(ole, "directory:department", own, shared, led) == [200, 404, 404]
    page = ole.get(reverse("directory:departments"))
    assert (page.context["mine"], "Kitchen" in page.content.decode()) == ({own.pk}, True)
    head = ole.post(reverse("directory:department", args=[own.pk]), {"name": "Ward 1", "head": "Uta"})
    assert head.status_code == 422  # nobody they do not see becomes a head


def test_opening_hours_that_hold_elsewhere_too_are_read_only(ole: Client, mine: Site) -> None:
    own, shared, channels, free = (OpeningHours.objects.create(name=name) for name in ("A", "B", "C", "D"))
    Site.objects.filter(pk=mine.pk).update(hours=own)
    Channel.objects.create(kind="website", name="Own", key="own", site=mine, hours=own)
    Site.objects.create(name="Talheim", hours=shared)
    Channel.objects.create(kind="website", name="All", key="all", hours=channels)
    assert opened(ole, "directory:hours", own, shared, channels, free) == [200, 404, 404, 200]
    assert opened(sophie(), "directory:hours", own, shared, channels, free) == [200, 200, 200, 200]


def test_the_first_hours_hold_everywhere_unless_somebody_chose_others(mine: Site) -> None:
    other = OpeningHours.objects.create(name="Other")
    Site.objects.create(name="Talheim", hours=other)
    for key, site in (("free", None), ("mine", mine)):
        Channel.objects.create(kind="website", name=key, key=key, site=site)
    assert sophie_enters_hours() == 303
    entered = OpeningHours.objects.get(name="Team")
    assert dict(Site.objects.values_list("name", "hours")) == {"Marienhöhe": entered.pk, "Talheim": other.pk}
    assert dict(Channel.objects.values_list("key", "hours")) == {"free": entered.pk, "mine": None}


def sophie_enters_hours() -> int:
    return sophie().post(reverse("directory:new_hours"), {**HOURS, "everywhere": "on"}).status_code


def test_hours_of_somebody_limited_hold_at_their_sites_only(ole: Client, mine: Site) -> None:
    Site.objects.create(name="Talheim")
    Channel.objects.create(kind="website", name="All", key="all")
    ole.post(reverse("directory:new_hours"), {**HOURS, "everywhere": "on"})
    entered = OpeningHours.objects.get()
    assert dict(Site.objects.values_list("name", "hours")) == {"Marienhöhe": entered.pk, "Talheim": None}
    assert Channel.objects.get().hours is None


def test_hours_without_a_single_open_day_are_refused_in_words(mine: Site) -> None:
    answer = sophie().post(reverse("directory:new_hours"), {"name": "Never", "time_zone": "Europe/Berlin"})
    assert (answer.status_code, "on one day at least" in answer.content.decode()) == (422, True)
