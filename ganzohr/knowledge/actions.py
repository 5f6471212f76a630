"""Every verb of this room: deep links, their short links, saved replies; counting without counting people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.functions import Lower

from ganzohr.audit import actions as audit
from ganzohr.audit.actions import Actor
from ganzohr.channels.models import Channel
from ganzohr.core import times
from ganzohr.core.addresses import outside
from ganzohr.directory.models import Colleague
from ganzohr.knowledge import starters
from ganzohr.knowledge.codes import new_code
from ganzohr.knowledge.models import Click, DeepLink, SavedReply, SavedText, SavedUse, ShortLink
from ganzohr.topics.models import Topic

Texts = Mapping[tuple[str, str], str]  # by language and form of address

FOLD = """
WITH crowded AS (
    SELECT short_link_id, "on" FROM knowledge_click GROUP BY short_link_id, "on" HAVING count(*) > 1
), gone AS (
    DELETE FROM knowledge_click c USING crowded d
    WHERE c.short_link_id = d.short_link_id AND c."on" = d."on"
    RETURNING c.short_link_id, c."on", c.count
)
INSERT INTO knowledge_click (short_link_id, "on", count)
SELECT short_link_id, "on", sum(count) FROM gone GROUP BY short_link_id, "on"
"""


@transaction.atomic
def save_link(link: DeepLink, values: Mapping[str, Any], actor: Actor) -> DeepLink:
    """Create or change a deep link; every connected channel gets a code for it at once."""
    verb = "changed" if link.pk else "created"
    for name, value in values.items():
        setattr(link, name, value)
    link.save()
    audit.record(actor, verb, link)
    make_codes([link], [None, *Channel.objects.active()])
    return link


@transaction.atomic
def archive(link: DeepLink, actor: Actor) -> None:
    """Take a deep link off the list; its short links lead to a friendly page from now on."""
    if DeepLink.objects.filter(pk=link.pk, archived_at=None).update(archived_at=times.now()):
        audit.record(actor, "archived", link)


@transaction.atomic
def restore(link: DeepLink, actor: Actor) -> None:
    """Put it back; its short links work again."""
    if DeepLink.objects.filter(pk=link.pk).exclude(archived_at=None).update(archived_at=None):
        audit.record(actor, "restored", link)


def link_for(deep_link: DeepLink, channel: Channel | None) -> str:
    """The whole short address of this link for this channel (None: anywhere else), made when first asked for."""
    return links_for([deep_link], channel)[deep_link.pk]


def links_for(deep_links: Iterable[DeepLink], channel: Channel | None) -> dict[int, str]:
    """Deep link id → short address for this channel, in three queries at most."""
    wanted = list(deep_links)
    known = _codes(wanted, channel)
    missing = [link for link in wanted if link.pk not in known]
    if missing:
        make_codes(missing, [channel])
        known = _codes(wanted, channel)
    return {pk: outside("knowledge:go", code) for pk, code in known.items()}


def _codes(deep_links: Iterable[DeepLink], channel: Channel | None) -> dict[int, str]:
    rows = ShortLink.objects.filter(deep_link__in=deep_links, channel=channel)
    return dict(rows.values_list("deep_link_id", "code"))


def make_codes(deep_links: Iterable[DeepLink], channels: Iterable[Channel | None]) -> None:
    """A code for each of these links on each of these channels that has none yet."""
    places = list(channels)
    ShortLink.objects.bulk_create(
        [ShortLink(code=new_code(), deep_link=link, channel=channel) for link in deep_links for channel in places],
        ignore_conflicts=True,
    )


def count_click(short_link: ShortLink) -> None:
    """One more click today; a row of its own, so that no two clicks wait for each other."""
    Click.objects.create(short_link=short_link, on=today())


def today() -> dt.date:
    """The day in the time zone of the desk."""
    return times.now().astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def fold_clicks() -> int:
    """Add up the clicks of a link and day into one row (round); how many sums were written."""
    with connection.cursor() as cursor:
        cursor.execute(FOLD)
        return int(cursor.rowcount)


class NameTaken(Exception):
    """Another saved reply in use has this name already."""


class ChangedByOthers(Exception):
    """Somebody else saved this reply since it was opened."""


@transaction.atomic
def save_reply(
    reply: SavedReply, values: Mapping[str, Any], texts: Texts, by: Colleague | None, actor: Actor, **data: Any
) -> SavedReply:
    """Create or change a saved reply with its words in every language.

    Raises `ChangedByOthers` when the row has moved on since `reply.revision`, `NameTaken` for a second one of a name.
    """
    if reply.pk and not _is_as_read(reply):
        raise ChangedByOthers
    verb = "changed" if reply.pk else "created"
    for name, value in values.items():
        setattr(reply, name, value)
    reply.changed_at, reply.changed_by, reply.revision = times.now(), by, reply.revision + 1
    if verb == "created":
        reply.created_at, reply.created_by = reply.changed_at, by
    _store(reply)
    SavedText.objects.filter(reply=reply).delete()
    SavedText.objects.bulk_create(
        [SavedText(reply=reply, language=lang, address=form, text=text) for (lang, form), text in texts.items() if text]
    )
    audit.record(actor, verb, reply, **data)
    return reply


def _is_as_read(reply: SavedReply) -> bool:
    rows = SavedReply.objects.select_for_update(no_key=True).filter(pk=reply.pk, revision=reply.revision)
    return rows.first() is not None


def _store(reply: SavedReply) -> None:
    try:
        with transaction.atomic():
            reply.save()
    except IntegrityError as error:
        if "one_saved_reply_of_a_name" not in str(error):
            raise
        raise NameTaken from error


@transaction.atomic
def copy_reply(reply: SavedReply, by: Colleague | None, actor: Actor) -> SavedReply:
    """A second one with the same words, to be changed; its name says so."""
    texts = {(row.language, row.address): row.text for row in reply.texts.all()}
    values = {"topic": reply.topic, "site": reply.site, "kinds": reply.kinds, "name": _free_name(reply)}
    return save_reply(SavedReply(), values, texts, by, actor, copy_of=reply.pk)


def _free_name(reply: SavedReply) -> str:
    taken = set(
        SavedReply.objects.in_use().filter(site=reply.site).annotate(low=Lower("name")).values_list("low", flat=True)
    )
    names = (f"{reply.name[:112]} ({number})" for number in count(2))
    return next(name for name in names if name.lower() not in taken)


@transaction.atomic
def archive_reply(reply: SavedReply, actor: Actor) -> None:
    """Off the list and out of the composer; can be undone."""
    if SavedReply.objects.filter(pk=reply.pk, archived_at=None).update(archived_at=times.now()):
        audit.record(actor, "archived", reply)


@transaction.atomic
def restore_reply(reply: SavedReply, actor: Actor) -> None:
    """Back on the list. Raises `NameTaken` when another one has its name by now."""
    fresh = SavedReply.objects.select_for_update(no_key=True).filter(pk=reply.pk).exclude(archived_at=None).first()
    if fresh:
        fresh.archived_at = None
        _store(fresh)
        audit.record(actor, "restored", fresh)


@transaction.atomic
def note_use(reply: SavedReply) -> None:
    """One more use this week; by whom and for whom is not kept."""
    row, _is_new = SavedUse.objects.get_or_create(reply=reply, week=monday())
    SavedUse.objects.filter(pk=row.pk).update(count=F("count") + 1)


def monday() -> dt.date:
    """The first day of this week."""
    return today() - dt.timedelta(days=today().weekday())


@transaction.atomic
def take_starters(language: str, by: Colleague | None, actor: Actor) -> int:
    """The first eight saved replies, named in this language; how many were new. Safe to press twice."""
    topics = {topic.slug: topic for topic in Topic.objects.in_use()}
    made = 0
    for starter in starters.read():
        values = {"name": starter.names.get(language, starter.names["en"]), "topic": topics.get(starter.topic)}
        try:
            with transaction.atomic():
                save_reply(SavedReply(), values, starter.texts, by, actor)
        except NameTaken:
            continue
        made += 1
    return made
