"""What keeps things here. The rule stands here twice: for the claim's WHERE, and for pages; a test holds them together.

Mails that let somebody sign in always leave: whoever is locked out could not lift the hold.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection, transaction
from django.db.models.expressions import RawSQL

from ganzohr.accounts.models import User
from ganzohr.audit import actions as audit
from ganzohr.audit.actions import Actor
from ganzohr.channels import networks
from ganzohr.channels.models import Channel, Hold, Outgoing, OutgoingQuerySet, PublicPost
from ganzohr.core import jobs, times
from ganzohr.directory.models import Colleague, Site, sites_of
from ganzohr.ui import live

SCOPE = Hold.Scope
ALWAYS_LEAVES = "account"
TO_COLLEAGUES = ("ask", "reminder", "told", ALWAYS_LEAVES)

# From wide to narrow; what is not among them holds everything.
NARROWER = (SCOPE.OUTSIDE, SCOPE.SITE, SCOPE.CHANNEL, SCOPE.KIND, SCOPE.PUBLIC_POST, SCOPE.LANE)

# Whether a hold that is not lifted names `o`, a row of channels_outgoing. A scope nobody knows holds everything.
NAMED = """
SELECT 1 FROM channels_hold h WHERE h.lifted_at IS NULL AND CASE h.scope
    WHEN 'outside' THEN o.kind <> ALL(ARRAY['ask', 'reminder', 'told'])
    WHEN 'channel' THEN h.channel_id = o.channel_id
    WHEN 'site' THEN h.site_id = o.site_id
    WHEN 'kind' THEN h.value = o.kind
    WHEN 'public_post' THEN h.public_post_id = o.public_post_id
    WHEN 'lane' THEN h.value = o.lane
    ELSE true END
"""
# Whether `o` is held at this moment.
HELD = f"o.kind <> 'account' AND (o.hold <> '' OR EXISTS ({NAMED}))"
KEEPS = f"SELECT EXISTS (SELECT 1 FROM channels_outgoing o WHERE o.id = %s AND {HELD})"  # noqa: S608  no values in it
FREED_BY = f"""
SELECT o.id FROM channels_outgoing o WHERE o.state = 'waiting' AND o.kind <> 'account' AND o.hold = ''
  AND EXISTS ({NAMED} AND h.id = %s) AND NOT EXISTS ({NAMED} AND h.id <> %s)
"""  # noqa: S608  no values in it


def kinds() -> dict[str, str]:
    """Kinds that may be held, by name."""
    return {kind: str(name) for kind, name in networks.KINDS.items() if kind != ALWAYS_LEAVES}


def in_force() -> list[Hold]:
    """Every hold that keeps something here now: the widest first, of equally wide ones the oldest."""
    found = Hold.objects.in_force().select_related("channel", "site", "public_post__channel", "set_by")
    return sorted(found, key=lambda one: NARROWER.index(one.scope) + 1 if one.scope in NARROWER else 0)


def seen_by(user: User) -> list[Hold]:
    """Those in force that keep something of this user's sites, the widest first."""
    sites, found = sites_of(user), in_force()
    return found if sites is None else [one for one in found if (place := _site(one)) is None or place in sites]


def _site(hold: Hold) -> int | None:
    channel = hold.public_post.channel if hold.public_post else hold.channel
    return channel.site_id if channel else hold.site_id


def kept_here(rows: OutgoingQuerySet) -> OutgoingQuerySet:
    """Those of these that wait and are held."""
    held = f"SELECT o.id FROM channels_outgoing o WHERE o.state = 'waiting' AND {HELD}"  # noqa: S608  our own
    return rows.without_marks().filter(state=Outgoing.State.WAITING, pk__in=RawSQL(held, ()))  # noqa: S611


def keeps(outgoing: Outgoing) -> bool:
    """Whether it must not begin to leave at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(KEEPS, [outgoing.pk])
        return bool(cursor.fetchone()[0])


def let_go_by(held: Hold, most: int) -> list[Outgoing]:
    """What leaves when this one is lifted, at most so many: what another hold keeps too stays."""
    freed = Outgoing.objects.without_marks().filter(pk__in=RawSQL(FREED_BY, (held.pk, held.pk)))  # noqa: S611
    return list(freed.select_related("channel").order_by("id")[:most])


def holding(outgoing: Outgoing, holds: Collection[Hold]) -> list[Hold]:
    """Which of these holds keep it here."""
    return [] if outgoing.kind == ALWAYS_LEAVES else [hold for hold in holds if _holds(hold, outgoing)]


def stops(channel: Channel, holds: Collection[Hold]) -> bool:
    """Whether one of these lets nothing to people outside leave through this channel."""
    answer = Outgoing(kind="answer", channel=channel, site_id=channel.site_id)
    return bool(holding(answer, [one for one in holds if one.scope not in (SCOPE.KIND, SCOPE.LANE, SCOPE.PUBLIC_POST)]))


def _holds(hold: Hold, outgoing: Outgoing) -> bool:
    if hold.scope == SCOPE.OUTSIDE:
        return outgoing.kind not in TO_COLLEAGUES
    wanted: dict[str, tuple[object, object]] = {
        SCOPE.CHANNEL: (hold.channel_id, outgoing.channel_id),
        SCOPE.SITE: (hold.site_id, outgoing.site_id),
        SCOPE.KIND: (hold.value, outgoing.kind),
        SCOPE.PUBLIC_POST: (hold.public_post_id, outgoing.public_post_id),
        SCOPE.LANE: (hold.value, outgoing.lane),
    }
    here, there = wanted.get(hold.scope, (True, True))
    return here == there


@transaction.atomic
def hold(
    scope: str,
    actor: Actor,
    *,
    why: str,
    by: Colleague | None = None,
    channel: Channel | None = None,
    site: Site | None = None,
    public_post: PublicPost | None = None,
    value: str = "",
    source: str = "",
) -> Hold:
    """Keep what this scope names here from now on, wherever workers run; the same again gives the hold there is, with
    a reason of its own beside the first.

    Nothing begins to leave once this is committed. What had begun before finishes: `leaving` counts it.
    """
    where = {"scope": SCOPE(scope), "channel": channel, "site": site, "public_post": public_post, "value": value[:80]}
    held, is_new = Hold.objects.get_or_create(
        **where, source=source, lifted_at=None, defaults={"why": why[:300], "set_by": by, "since": times.now()}
    )
    if is_new:
        audit.record(actor, "held back", held, **_named(held))
        live.touch("outbox", "channels", "inbox")
    elif why not in held.why:
        _add_reason(held, actor, why)
    return held


def _add_reason(held: Hold, actor: Actor, why: str) -> None:
    """What does not fit beside the first stands in the trail."""
    held.why = f"{held.why} / {why}"[:300]
    Hold.objects.filter(pk=held.pk).update(why=held.why)
    audit.record(actor, "gave another reason", held, why=why[:300])
    live.touch("outbox", "channels", "inbox")


@transaction.atomic
def lift(held: Hold, actor: Actor, by: Colleague | None = None) -> bool:
    """Let go what this one kept here; what another hold keeps stays. False when somebody had lifted it already."""
    lifted = Hold.objects.in_force().filter(pk=held.pk).update(lifted_at=times.now(), lifted_by=by)
    if lifted:
        audit.record(actor, "let go", held, **_named(held))
        jobs.ring("outbox")
        live.touch("outbox", "channels", "inbox")
    return bool(lifted)


def _named(held: Hold) -> dict[str, str | int]:
    about = {
        "scope": str(held.scope), "channel": held.channel_id, "site": held.site_id,
        "public_post": held.public_post_id, "value": held.value, "source": held.source,
    }  # fmt: skip
    return {name: value for name, value in about.items() if value}


def leaving(held: Hold) -> int:
    """How many things of its scope had begun to leave before it, and finish."""
    under_way = Outgoing.objects.without_marks().filter(state=Outgoing.State.SENDING)[:500]
    return sum(bool(holding(one, [held])) for one in under_way)
