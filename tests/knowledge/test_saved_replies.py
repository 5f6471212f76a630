"""Saved replies: written in words one can check, found again, changed by two people without a loss."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from ganzohr.accounts.models import User
from ganzohr.audit import actions as audit
from ganzohr.audit.models import Entry
from ganzohr.channels import actions as channels
from ganzohr.directory.models import Colleague, Site
from ganzohr.knowledge import actions
from ganzohr.knowledge.models import DeepLink, SavedReply, SavedText, SavedUse, ShortLink
from ganzohr.topics.models import Topic

pytestmark = pytest.mark.django_db
ME = audit.round_("test")
WORDS = {("de", "informal"): "Hallo {first_name}, danke dir.", ("de", "formal"): "Guten Tag {name}, danke Ihnen."}


def saved(name: str = "Danke", texts: dict[tuple[str, str], str] | None = None, **values: Any) -> SavedReply:
    return actions.save_reply(SavedReply(), {"name": name, **values}, WORDS if texts is None else texts, None, ME)


def browser(role: str = "manager", site: Site | None = None) -> Client:
    user = User.objects.create_user(f"{role}@example.org", role=role, language="en")
    colleague, _new = Colleague.objects.get_or_create(user=user, defaults={"name": "Sophie Brandt"})
    if site:
        colleague.limited_to.add(site)
    client = Client()
    client.force_login(user)
    return client


def names(client: Client, **query: str) -> list[str]:
    return [reply.name for reply in client.get(reverse("knowledge:replies"), query).context["slice"].rows]


def test_a_manager_writes_one_in_two_forms_of_address_and_everybody_reads_it() -> None:
    topic = Topic.objects.create(slug="salary", names={"en": "Salary"})
    typed = {"name": "Thanks", "topic": topic.pk, "kinds": ["mail"], "de_informal": "Danke dir.", "de_formal": "Danke."}
    made = browser().post(reverse("knowledge:reply_create"), typed)
    reply = SavedReply.objects.get()
    assert (made.status_code, made["Location"]) == (303, reverse("knowledge:reply", args=[reply.pk]))
    assert (reply.topic, reply.kinds, reply.created_by.name if reply.created_by else "") == (
        topic,
        ["mail"],
        "Sophie Brandt",
    )
    assert list(reply.texts.values_list("language", "address", "text")) == [
        ("de", "informal", "Danke dir."), ("de", "formal", "Danke."),
    ]  # fmt: skip
    assert Entry.objects.filter(object_kind="knowledge.savedreply").values_list("verb", flat=True).get() == "created"
    page = browser("reader").get(made["Location"])
    assert (page.status_code, page.context["can_write"], b"Danke dir." in page.content) == (200, False, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"de_informal": "Hallo {nachname}"}, "Nobody can fill {nachname}."),
        ({"de_informal": "Hier {link:nope1}"}, "There is no short link {link:nope1}."),
        ({}, "Write the reply in one language at least."),
    ],
)
def test_what_cannot_be_filled_is_refused_in_words_and_nothing_is_lost(words: dict[str, str], said: str) -> None:
    page = browser().post(reverse("knowledge:reply_create"), {"name": "Kept", **words})
    assert (page.status_code, SavedReply.objects.count()) == (422, 0)
    told = page.content.decode()
    assert said in told
    assert all(text in told for text in ("Kept", *words.values()))


def test_two_of_a_name_are_refused_by_the_database_but_not_beside_an_archived_one_or_at_another_site() -> None:
    first, site = saved("Danke"), Site.objects.create(name="Auental")
    page = browser().post(reverse("knowledge:reply_create"), {"name": "danke", "en_informal": "Thanks"})
    assert (page.status_code, "has this name already" in page.content.decode()) == (422, True)
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedReply.objects.create(name="DANKE", created_at=first.created_at, changed_at=first.changed_at)
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedText.objects.create(reply=first, language="de", address="formal", text="Noch einmal")
    saved("Danke", site=site)
    actions.archive_reply(first, ME)
    saved("Danke")
    with pytest.raises(actions.NameTaken):
        actions.restore_reply(first, ME)
    assert SavedReply.objects.in_use().count() == 2


def test_who_saves_over_words_of_somebody_else_is_told_first_and_may_then() -> None:
    reply, client = saved(), browser()
    url, typed = reverse("knowledge:reply_edit", args=[reply.pk]), {"name": "Danke", "revision": 1}
    assert client.post(url, {**typed, "de_informal": "Zuerst."}).status_code == 303
    second = client.post(url, {**typed, "de_informal": "Danach.", "kinds": ["mail", "hand"]})
    assert (second.status_code, "Danach." in second.content.decode()) == (422, True)
    assert SavedText.objects.get(reply=reply).text == "Zuerst."
    again = {**typed, "revision": second.context["form"]["revision"].value(), "de_informal": "Danach."}
    assert (second.context["form"]["kinds"].value(), client.post(url, again).status_code) == (["mail", "hand"], 303)
    assert SavedText.objects.get(reply=reply).text == "Danach."


def test_the_preview_fills_in_an_example_and_says_where_it_would_be_too_long() -> None:
    channels.connect("hand", {"name": "Instagram"}, ME)
    typed = {
        "look": "1",
        "name": "",
        "de_informal": "Hallo {first_name}. " + "x" * 9_990 + "{site}",
        "en_informal": "Hi",
    }
    client = browser()
    whole = client.post(reverse("knowledge:reply_create"), {**typed, "de_informal": "Hallo {first_name}."})
    part = client.post(reverse("knowledge:reply_create"), typed, headers={"HX-Request": "true", "HX-Target": "preview"})
    assert (whole.status_code, part.status_code, SavedReply.objects.count()) == (200, 200, 0)
    assert ["<mark>Yasmin</mark>" in page.content.decode() for page in (whole, part)] == [True, True]
    assert [len(one.parts) for one in whole.context["shown"]] == [3, 1]
    assert [too.limit for one in part.context["shown"] for too in one.too_long] == []  # cut at what the field takes
    mine = {("de", "informal"): "x" * 2_100}
    from ganzohr.knowledge import preview

    shown = preview.too_long(preview.shown(mine, None, None, [])[0].parts, {("facebook", True): 2000})
    assert [(too.where, too.length, too.limit, too.is_public) for too in shown] == [("Facebook", 2100, 2000, True)]


def test_the_list_is_searched_in_names_and_words_and_filtered_by_topic_and_language() -> None:
    topic = Topic.objects.create(slug="salary", names={"en": "Salary"})
    saved("Danke"), saved("Gehalt", {("nl", "informal"): "Dat verschilt"}, topic=topic)
    actions.archive_reply(saved("Alt"), ME)
    client = browser("reader")
    assert names(client) == ["Danke", "Gehalt"]
    assert names(client, q="verschilt dat") == ["Gehalt"]
    assert names(client, q="danke", language="nl") == []
    assert names(client, language="de") == ["Danke"]
    assert names(client, topic=str(topic.pk), language="nl") == ["Gehalt"]
    assert names(client, show="archived") == ["Alt"]


def test_a_list_of_many_is_read_in_pieces_with_few_questions(django_assert_max_num_queries: Any) -> None:
    for number in range(60):
        saved(f"Antwort {number:02}")
    client = browser()
    with django_assert_max_num_queries(15):
        first = client.get(reverse("knowledge:replies"))
    assert first.context["slice"].after
    assert names(client, after=first.context["slice"].after) == [f"Antwort {number}" for number in range(50, 60)]


def test_a_copy_has_a_name_of_its_own_and_leaves_the_first_as_it_is() -> None:
    reply, client = saved(kinds=["mail"]), browser()
    for _press in range(2):
        assert client.post(reverse("knowledge:reply_copy", args=[reply.pk])).status_code == 303
    assert list(SavedReply.objects.order_by("pk").values_list("name", "kinds")) == [
        ("Danke", ["mail"]), ("Danke (2)", ["mail"]), ("Danke (3)", ["mail"]),
    ]  # fmt: skip
    assert SavedText.objects.count() == 6


def test_taking_one_off_the_list_can_be_undone() -> None:
    reply, client = saved(), browser()
    off = client.post(reverse("knowledge:reply_archive", args=[reply.pk]), follow=True)
    undo = reverse("knowledge:reply_restore", args=[reply.pk])
    assert (names(client), undo in off.content.decode()) == ([], True)
    client.post(undo)
    assert names(client) == ["Danke"]


def test_who_is_limited_to_a_site_changes_only_its_own_and_reads_those_for_everybody() -> None:
    here, there = Site.objects.create(name="Here"), Site.objects.create(name="There")
    saved("For all"), saved("Ours", site=here)
    theirs = saved("Theirs", site=there)
    client = browser(site=here)
    assert names(client) == ["For all", "Ours"]
    pages = [client.get(reverse(f"knowledge:{page}", args=[theirs.pk])).status_code for page in ("reply", "reply_edit")]
    general = SavedReply.objects.get(name="For all")
    assert (pages, client.get(reverse("knowledge:reply_edit", args=[general.pk])).status_code) == ([404, 404], 404)
    typed = {"name": "New", "en_informal": "Hi"}
    assert client.post(reverse("knowledge:reply_create"), typed).status_code == 422
    assert client.post(reverse("knowledge:reply_create"), {**typed, "site": there.pk}).status_code == 422
    assert client.post(reverse("knowledge:reply_create"), {**typed, "site": here.pk}).status_code == 303
    assert client.post(reverse("knowledge:reply_start")).status_code == 403


def test_the_first_eight_come_by_one_press_and_pressing_twice_makes_no_more() -> None:
    topic, client = Topic.objects.create(slug="internship", names={"en": "Internship"}), browser()
    assert "Take these eight" in client.get(reverse("knowledge:replies")).content.decode()
    for _press in range(2):
        assert client.post(reverse("knowledge:reply_start")).status_code == 303
    assert (SavedReply.objects.count(), SavedText.objects.count()) == (8, 40)
    assert SavedReply.objects.get(topic=topic).name == "Internship: when and where?"


def test_uses_are_counted_by_week_and_by_nobody() -> None:
    reply = saved()
    actions.note_use(reply), actions.note_use(reply)
    assert list(SavedUse.objects.values_list("reply", "week", "count")) == [(reply.pk, actions.monday(), 2)]
    assert {field.name for field in SavedUse._meta.get_fields()} == {"id", "reply", "week", "count"}


def test_a_short_link_is_named_by_its_code_and_an_archived_one_is_refused() -> None:
    link = actions.save_link(DeepLink(), {"name": "Apply", "url": "https://jobs.example.org/apply"}, ME)
    code, client = ShortLink.objects.get(channel=None).code, browser()
    typed = {"name": "Apply", "en_informal": f"Here: {{link:{code}}}"}
    assert f"{{link:{code}}}" in client.get(reverse("knowledge:reply_create")).content.decode()
    assert client.post(reverse("knowledge:reply_create"), typed).status_code == 303
    actions.archive(link, ME)
    assert client.post(reverse("knowledge:reply_create"), {**typed, "name": "Again"}).status_code == 422
