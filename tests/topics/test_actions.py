"""Topics, who answers them, and what is learnt."""

from __future__ import annotations

import pytest

from ganzohr.audit.actions import round_
from ganzohr.audit.models import Entry
from ganzohr.core import jobs
from ganzohr.directory.models import Colleague, Site
from ganzohr.topics import actions, understanding
from ganzohr.topics.models import Example, Responsibility, Topic
from ganzohr.topics.personal_data import examples_of

pytestmark = pytest.mark.django_db
US = round_("test")


def test_the_catalogue_brings_twenty_topics_in_three_languages_each_with_eight_questions() -> None:
    actions.start_with_catalogue(["de", "nl", "en"], US)
    counts = [
        Example.objects.filter(topic=topic, language=language).count()
        for topic in Topic.objects.all()
        for language in ("de", "nl", "en")
    ]
    assert (Topic.objects.count(), len(counts), min(counts) >= 14) == (20, 60, True)
    assert {tuple(sorted(topic.names)) for topic in Topic.objects.all()} == {("de", "en", "nl")}
    assert Topic.objects.get(slug="patient-or-customer").emergency_note["de"].count("112") == 1


def test_the_catalogue_doubles_nothing_and_keeps_our_own_words() -> None:
    actions.start_with_catalogue(["de"], US)
    salary = Topic.objects.get(slug="salary")
    actions.change_texts(salary, "de", {"name": "Geld", "description": "Was es gibt"}, US)
    count = Example.objects.count()
    actions.start_with_catalogue(["de"], US)
    assert (Example.objects.count(), Topic.objects.get(slug="salary").names) == (count, {"de": "Geld"})
    actions.start_with_catalogue(["de", "en"], US)
    salary.refresh_from_db()
    assert (salary.names, salary.descriptions["de"]) == ({"de": "Geld", "en": "Pay"}, "Was es gibt")
    assert Example.objects.filter(language="en", topic=salary).count() == 15


def test_two_topics_of_the_same_name_live_side_by_side() -> None:
    first = actions.create_topic("de", "Wohnen & Leben", "", US)
    second = actions.create_topic("de", "Wohnen & Leben", "", US)
    assert (first.slug, second.slug, second.position) == ("wohnen-leben", "wohnen-leben-2", 1)


def test_the_last_name_of_a_topic_cannot_be_taken_away() -> None:
    topic = actions.create_topic("de", "Wohnen", "", US)
    with pytest.raises(ValueError, match="needs a name"):
        actions.change_texts(topic, "de", {"name": " "}, US)
    assert Topic.objects.get().names == {"de": "Wohnen"}


def test_who_answers_is_set_everywhere_and_by_site_and_taken_back() -> None:
    topic = actions.create_topic("de", "Wohnen", "", US)
    karin, ole = Colleague.objects.create(name="Karin"), Colleague.objects.create(name="Ole")
    north = Site.objects.create(name="Nord")
    actions.set_responsible(topic, karin, ole, US)
    actions.set_responsible(topic, ole, None, US, site=north)
    actions.set_responsible(topic, None, None, US, site=north)
    row = Responsibility.objects.get()
    topic.refresh_from_db()
    assert (topic.responsible, topic.deputy, row.site, row.colleague) == (karin, ole, north, None)
    actions.same_as_everywhere(topic, north, US)
    assert Responsibility.objects.count() == 0
    verbs = list(Entry.objects.filter(object_kind="topics.topic").order_by("id").values_list("verb", flat=True))
    assert verbs == ["created", "set who answers", "set who answers", "set who answers", "took away who answers"]


def test_examples_are_added_once_and_come_back_after_undo() -> None:
    topic = actions.create_topic("de", "Wohnen", "", US)
    assert actions.add_examples(topic, "de", ["Gibt es Zimmer?", "gibt es  zimmer?", "", "Wo wohnt man?"], US) == 2
    example = Example.objects.order_by("id")[0]
    actions.remove_example(example, US)
    assert [row.text for row in Example.objects.kept()] == ["Wo wohnt man?"]
    assert actions.add_examples(topic, "de", ["wo wohnt man?"], US) == 0
    actions.restore_example(example, US)
    assert Example.objects.kept().count() == 2


def test_a_choice_is_in_force_for_the_next_message_and_gone_after_erasure() -> None:
    actions.start_with_catalogue(["de"], US)
    asked = "Habt ihr eigentlich eine Werksfeuerwehr?"
    housing = actions.create_topic("de", "Werksfeuerwehr", "", US)
    before = understanding.understand([asked], [""])[0]
    for number, text in enumerate(
        ["Werksfeuerwehr?", "Wie komm ich zur Werksfeuerwehr", "Werksfeuerwehr gesucht", asked]
    ):
        actions.learn_choice(message_id=number, text=text, language="de", topic=housing, actor=US, kind="question")
    after = understanding.understand([asked], [""])[0]
    assert (before.is_sure, after.topic_id, after.is_sure, after.language) == (False, housing.pk, True, "de")
    assert [row["text"] for row in examples_of([3])] == [asked]
    assert actions.forget_examples([0, 1, 2, 3]) == 4
    again = understanding.understand([asked], [""])[0]
    assert (again.choices, again.is_sure) == (before.choices, before.is_sure)


def test_the_last_choice_for_a_message_counts_and_a_kind_alone_says_nothing_about_the_topic() -> None:
    topic = actions.create_topic("de", "Wohnen", "", US)
    actions.learn_choice(message_id=7, text="Gibt es Zimmer", language="de", topic=topic, actor=US)
    actions.learn_choice(
        message_id=7, text="Gibt es Zimmer", language="de", topic=None, actor=US, kind="praise", topic_chosen=False
    )
    row = Example.objects.get()
    assert (row.topic, row.kind, row.teaches_topic) == (None, "praise", False)
    assert actions.learn_choice(message_id=7, text="👍 123", language="de", topic=topic, actor=US) is None
    assert Example.objects.count() == 0


def test_archived_topics_are_chosen_no_more_and_come_back() -> None:
    actions.start_with_catalogue(["de"], US)
    salary = Topic.objects.get(slug="salary")
    asked = "Was verdient man im ersten Lehrjahr?"
    assert understanding.understand([asked], [""])[0].topic_id == salary.pk
    actions.archive_topic(salary, US)
    without = [topic for topic, _ in understanding.understand([asked], [""])[0].choices]
    actions.unarchive_topic(salary, US)
    assert (salary.pk in without, understanding.understand([asked], [""])[0].topic_id) == (False, salary.pk)


def test_the_doorbell_makes_vectors_and_an_older_encoder_is_replaced() -> None:
    actions.start_with_catalogue(["en"], US)
    assert Example.objects.filter(encoder="").count() == Example.objects.count()
    jobs.answer("examples")
    assert Example.objects.filter(encoder="").count() == 0
    Example.objects.filter(topic__slug="salary").update(encoder="older 1.0", vector=b"")
    jobs.answer("examples")
    assert {len(bytes(row.vector or b"")) for row in Example.objects.all()} == {1024}


def test_a_desk_without_topics_knows_language_and_kind() -> None:
    found = understanding.understand(["Wanneer begint de opleiding?"], [""])[0]
    assert (found.language, found.kind, found.topic_id, found.is_sure, found.choices) == (
        "nl",
        "question",
        None,
        False,
        [],
    )
    assert understanding.understand([], []) == []
