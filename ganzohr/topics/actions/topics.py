"""Every verb that changes topics and who answers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import F, Max
from django.utils.text import slugify

from ganzohr.audit.actions import Actor, record
from ganzohr.core import times
from ganzohr.core.events import emit
from ganzohr.directory.models import Colleague, Site
from ganzohr.topics import catalogue
from ganzohr.topics.actions.examples import learn_again
from ganzohr.topics.events import TopicsArchived
from ganzohr.topics.models import Example, Responsibility, Topic
from ganzohr.ui.live import touch


@transaction.atomic
def start_with_catalogue(languages: Sequence[str], actor: Actor) -> list[Topic]:
    """The twenty topics of the starter catalogue in these languages; what is there already keeps our own words.

    May be called again: adds topics and languages that are missing, changes and doubles nothing.
    """
    known = {topic.slug: topic for topic in Topic.objects.select_for_update(no_key=True)}
    had = set(Example.objects.filter(origin=Example.Origin.CATALOGUE).values_list("topic_id", "language").distinct())
    made, examples = [], []
    for position, entry in enumerate(catalogue.entries(languages)):
        topic = _from_catalogue(known.get(entry.slug), entry, position)
        made.append(topic)
        examples += [
            Example(topic=topic, language=language, text=text, origin=Example.Origin.CATALOGUE)
            for language, texts in entry.examples.items()
            if (topic.pk, language) not in had
            for text in texts
        ]
    Example.objects.bulk_create(examples)
    if made:
        record(actor, "started with the catalogue", made[0], topics=len(made), examples=len(examples))
    learn_again()
    return made


def _from_catalogue(known: Topic | None, entry: catalogue.Entry, position: int) -> Topic:
    topic = known or Topic(slug=entry.slug, position=position, promised_minutes=entry.promised_minutes)
    topic.names = {**entry.names, **topic.names}
    topic.descriptions = {**entry.descriptions, **topic.descriptions}
    topic.emergency_note = {**entry.emergency_notes, **topic.emergency_note}
    topic.revision += 1
    topic.save()
    return topic


@transaction.atomic
def create_topic(language: str, name: str, description: str, actor: Actor) -> Topic:
    """A new topic at the end of the list, named in one language."""
    last = Topic.objects.aggregate(last=Max("position"))["last"]
    topic = Topic.objects.create(
        slug=_free_slug(name),
        names={language: name},
        descriptions={language: description} if description else {},
        position=0 if last is None else last + 1,
    )
    record(actor, "created", topic)
    learn_again()
    return topic


@transaction.atomic
def change_texts(topic: Topic, language: str, texts: Mapping[str, str], actor: Actor) -> None:
    """Name, description and emergency note in one language; an empty text is taken away, but one name must stay."""
    held = Topic.objects.select_for_update(no_key=True).get(pk=topic.pk)
    for column, key in (("names", "name"), ("descriptions", "description"), ("emergency_note", "emergency_note")):
        kept = {other: text for other, text in getattr(held, column).items() if other != language}
        text = texts.get(key, "").strip()
        setattr(held, column, {**kept, language: text} if text else kept)
    if not held.names:
        raise ValueError("a topic needs a name in one language")
    held.revision += 1
    held.save(update_fields=["names", "descriptions", "emergency_note", "revision"])
    record(actor, "changed the words", held, language=language)
    learn_again()


@transaction.atomic
def archive_topic(topic: Topic, actor: Actor) -> None:
    """Offered and chosen no more; what was said about it stays. `unarchive_topic` takes it back."""
    changed = Topic.objects.filter(pk=topic.pk, archived_at=None)
    if changed.update(archived_at=times.now(), revision=F("revision") + 1):
        record(actor, "archived", topic)
        emit(TopicsArchived((topic.pk,)))
        learn_again()


@transaction.atomic
def unarchive_topic(topic: Topic, actor: Actor) -> None:
    """Offered again."""
    if Topic.objects.filter(pk=topic.pk).exclude(archived_at=None).update(archived_at=None, revision=F("revision") + 1):
        record(actor, "took back from the archive", topic)
        learn_again()


@transaction.atomic
def set_responsible(
    topic: Topic, colleague: Colleague | None, deputy: Colleague | None, actor: Actor, site: Site | None = None
) -> None:
    """Who answers the topic everywhere, or at one site where that differs; None is nobody."""
    if site is None:
        Topic.objects.filter(pk=topic.pk).update(responsible=colleague, deputy=deputy)
    else:
        Responsibility.objects.update_or_create(
            topic=topic, site=site, defaults={"colleague": colleague, "deputy": deputy}
        )
    _record_post(actor, "set who answers", topic, site, colleague, deputy)


@transaction.atomic
def same_as_everywhere(topic: Topic, site: Site, actor: Actor) -> Responsibility | None:
    """At this site the topic is answered as everywhere; what stood there before, if anything."""
    before = Responsibility.objects.filter(topic=topic, site=site).first()
    if before:
        Responsibility.objects.filter(pk=before.pk).delete()
        _record_post(actor, "took away who answers", topic, site, before.colleague, before.deputy)
    return before


@transaction.atomic
def promise(topic: Topic, minutes: int, actor: Actor) -> None:
    """Within how many minutes of opening hours an answer is promised."""
    before = topic.promised_minutes
    Topic.objects.filter(pk=topic.pk).update(promised_minutes=minutes)
    record(actor, "promised", topic, before=before, after=minutes)
    touch("topics")


def _free_slug(name: str) -> str:
    stem = slugify(name)[:50] or "topic"
    taken = set(Topic.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    tries = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 2))
    return next(slug for slug in tries if slug not in taken)


def _record_post(
    actor: Actor, verb: str, topic: Topic, site: Site | None, colleague: Colleague | None, deputy: Colleague | None
) -> None:
    ids = {"site": site, "colleague": colleague, "deputy": deputy}
    record(actor, verb, topic, **{name: row.pk if row else None for name, row in ids.items()})
    touch("topics")
