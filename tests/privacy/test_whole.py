"""All that is held goes out and away, and only who sees all of it may say so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from ganzohr.accounts.models import User
from ganzohr.audit import actions as audit
from ganzohr.channels.models import App, Channel, PlatformRequest, PublicPost
from ganzohr.channels.platform_requests import conclude
from ganzohr.contacts.models import Contact, Handle, OtherId
from ganzohr.core.times import now
from ganzohr.directory.models import Colleague, Site
from ganzohr.inbox.models import Conversation, Message, Parked
from ganzohr.privacy import actions

pytestmark = pytest.mark.django_db
HELD = ("+4915112345678", "geparkte Worte", "😡 anderswo", "Mein Beitrag", "psid-7")


@pytest.fixture
def places() -> tuple[Site, Site]:
    return Site.objects.create(name="Auental"), Site.objects.create(name="Schwanheim")


@pytest.fixture
def ute(places: tuple[Site, Site], tmp_path: Path, settings: Settings) -> Contact:
    settings.MEDIA_ROOT = tmp_path
    at, app = now(), App.objects.create(kind="meta", name="App", key="app")
    page = Channel.objects.create(kind="facebook", name="Seite", key="page", app=app, external_id="1")
    contact = Contact.objects.create(name="Ute Quellmann", created_at=at)
    handle = Handle.objects.create(contact=contact, channel=page, external_id="psid-7", name="Ute", created_at=at)
    OtherId.objects.create(channel=page, handle=handle, value="+4915112345678")
    post = PublicPost.objects.create(
        channel=page, external_id="own", author="Ute", author_is_us=False, text="Mein Beitrag",
        picture=ContentFile(b"x", "post.png"),
    )  # fmt: skip
    for site, under in zip(places, (post, None), strict=True):
        Conversation.objects.create(
            channel=page, handle=handle, contact=contact, site=site, public_post=under, thread_key=site.name,
            last_activity_at=at, created_at=at,
        )  # fmt: skip
    _elsewhere(page)
    PlatformRequest.objects.create(
        app=app, kind="deletion", subject="psid-7", code="c", received_at=at, done_at=at, found=0
    )
    return contact


def _elsewhere(page: Channel) -> None:
    """What she left outside her own conversations: a reaction under another's words, and an edit that came early."""
    at = now()
    other = Contact.objects.create(name="Ben", created_at=at)
    handle = Handle.objects.create(contact=other, channel=page, external_id="psid-8", created_at=at)
    place = Conversation.objects.create(channel=page, handle=handle, contact=other, last_activity_at=at, created_at=at)
    Message.objects.create(
        conversation=place, channel=page, direction="in", kind="reaction", text="😡 anderswo", target={"by": "psid-7"},
        provider_at=at, received_at=at,
    )  # fmt: skip
    Parked.objects.create(
        channel=page, subject="x", external_id="y", sender_id="psid-7", values={"text": "geparkte Worte"},
        delivery_id=1, received_at=at,
    )  # fmt: skip


def test_everything_is_in_the_export_and_counted(ute: Contact) -> None:
    person = actions.person_of(ute)
    told = json.dumps(actions.export(person), ensure_ascii=False, default=str)
    assert [word for word in HELD if word not in told] == []
    kinds = ("parked", "reactions", "posts", "platform_requests")
    assert [actions.held(person).get(kind) for kind in kinds] == [1, 1, 1, 1]


def test_the_document_shows_it_too(ute: Contact) -> None:
    told = reader(None).get(reverse("privacy:export", args=[ute.pk]), {"as": "document"}).content.decode()
    assert [word for word in HELD if word not in told] == []


def test_nothing_of_it_is_left_after_erasing(ute: Contact, tmp_path: Path) -> None:
    actions.erase(actions.person_of(ute), audit.round_("test"))
    tables = (PublicPost, Parked, Message, PlatformRequest, OtherId)
    left = json.dumps([list(table._base_manager.values()) for table in tables], ensure_ascii=False, default=str)
    assert [word for word in HELD if word in left] == []
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_a_post_under_which_others_wrote_stays_without_its_words(ute: Contact) -> None:
    post = PublicPost.objects.get()
    Conversation.objects.filter(contact__name="Ben").update(public_post=post)
    actions.erase(actions.person_of(ute), audit.round_("test"))
    post.refresh_from_db()
    assert (post.author, post.text, bool(post.picture)) == ("", "", False)


def test_a_finished_request_of_a_platform_names_nobody(ute: Contact) -> None:
    request = PlatformRequest.objects.get()
    PlatformRequest.objects.update(done_at=None)
    conclude(request.pk, 1)
    request.refresh_from_db()
    assert (request.subject, request.found) == ("", 1)


def reader(site: Site | None) -> Client:
    """A manager in a browser, limited to a site or not."""
    user = User.objects.create_user(f"m{site and site.pk}@x.example", role="manager", language="en")
    colleague, _made = Colleague.objects.get_or_create(user=user, defaults={"name": "Mia", "email": user.email})
    if site:
        colleague.limited_to.add(site)
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_who_sees_only_a_part_neither_exports_nor_erases(ute: Contact, places: tuple[Site, Site]) -> None:
    mia = reader(places[0])
    pages = [reverse(f"privacy:{name}", args=[ute.pk]) for name in ("person", "export", "erase")]
    answers = [mia.get(path) for path in pages] + [mia.post(pages[2])]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert all("Ask a manager who sees all sites" in answer.content.decode() for answer in answers)
    assert Contact.objects.filter(pk=ute.pk).exists()


def test_who_sees_all_of_it_does_both_although_limited(ute: Contact, places: tuple[Site, Site]) -> None:
    Conversation.objects.filter(contact=ute, site=places[1]).delete()
    mia = reader(places[0])
    assert mia.get(reverse("privacy:export", args=[ute.pk])).status_code == 200
    assert mia.post(reverse("privacy:erase", args=[ute.pk])).status_code == 303
    assert not Contact.objects.filter(pk=ute.pk).exists()


def test_a_limited_user_opens_whom_their_conversation_names_although_the_channel_has_no_site(
    ute: Contact, places: tuple[Site, Site]
) -> None:
    elsewhere = Site.objects.create(name="Else")
    path = reverse("contacts:contact", args=[ute.pk])
    assert [reader(place).get(path).status_code for place in (places[0], elsewhere)] == [200, 404]
