"""What a platform asks of us for a person: delete their data; or tells us: our app was taken off an account.

Meta posts a signed request (form field `signed_request`) and wants a page where the person can read what became of it,
and a code: https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback
"""

from __future__ import annotations

import secrets as random
from contextlib import suppress
from urllib.parse import parse_qs

from django.db import transaction

from ganzohr.audit import actions as audit
from ganzohr.channels import accounts, health
from ganzohr.channels.connectors.meta.people import ids_at_pages
from ganzohr.channels.connectors.meta.signed import app_secrets, signed_request
from ganzohr.channels.events import DeletionAsked
from ganzohr.channels.models import App, Channel, PlatformRequest
from ganzohr.core import crypto, times
from ganzohr.core.addresses import outside
from ganzohr.core.events import emit
from ganzohr.ui import live

KIND = "meta"
WISH = "deletion_asked"
KINDS = frozenset(PlatformRequest.Kind.values)


def take(app: App, kind: str, body: bytes) -> dict[str, str] | None:
    """Keep the request and say where its fate can be read; None when the platform did not sign it.

    The same person asking again before the first request is done gets the same code.
    """
    form = parse_qs(body.decode("utf-8", "replace"))
    valid = app_secrets(accounts.account_of_app(app, KIND))
    said = signed_request(valid, "".join(form.get("signed_request", [])))
    if said is None:
        return None
    subject = str(said.get("user_id") or said.get("profile_id") or "")[:120]
    request = _kept(app, kind, subject)
    return {"url": outside("channels:platform_request", request.code), "confirmation_code": request.code}


@transaction.atomic
def _kept(app: App, kind: str, subject: str) -> PlatformRequest:
    App.objects.select_for_update(no_key=True).get(pk=app.pk)
    open_one = PlatformRequest.objects.filter(app=app, kind=kind, subject=subject, done_at=None).first()
    if open_one:
        return open_one
    request = PlatformRequest.objects.create(
        app=app, kind=kind, subject=subject, code=random.token_hex(10), received_at=times.now()
    )
    if kind == PlatformRequest.Kind.DELETION:
        emit(DeletionAsked((request.pk,)))
    else:
        _note_removed(request)
    return request


def _note_removed(request: PlatformRequest) -> None:
    """The account that took our app off shows it. Where a person did, no account of ours is meant: if their access was
    ours, each account says so itself when it is looked at."""
    named = Channel.objects.filter(app=request.app, state=Channel.State.ACTIVE, external_id=request.subject)
    found = named.update(problem="app_removed", problem_since=times.now(), rests_until=times.now())
    PlatformRequest.objects.filter(pk=request.pk).update(done_at=times.now(), found=found)
    live.touch("channels")


def known_as(request: PlatformRequest) -> list[tuple[int, str]]:
    """Under which numbers our channels may know whom the platform means: the one it named, and what it tells of their
    numbers at our pages. Speaks to the platform."""
    channels = list(Channel.objects.filter(app=request.app).select_related("app").order_by("id"))
    pages = {one.external_id: one for one in channels if one.kind == "facebook" and one.state == Channel.State.ACTIVE}
    told: dict[str, str] = {}
    for page in pages.values():
        with suppress(crypto.Unreadable):
            told = told or ids_at_pages(accounts.account_of(page), request.subject)
    named = [(one.pk, request.subject) for one in channels]
    return [*named, *((pages[id_].pk, number) for id_, number in told.items() if id_ in pages and number)]


def open_wishes(app: App) -> list[PlatformRequest]:
    """Deletions that wait for a person: the platform's number leads to nobody of ours."""
    return list(PlatformRequest.objects.filter(app=app, kind=PlatformRequest.Kind.DELETION, done_at=None))


def leave_to_a_person(request: PlatformRequest) -> None:
    """Nobody is known by that number, which proves nothing: it stands on our accounts until somebody has looked."""
    for channel in Channel.objects.filter(app=request.app, state=Channel.State.ACTIVE, problem=""):
        health.note(channel.pk, WISH)


def conclude(request_id: int, found: int, actor: audit.Actor | None = None) -> None:
    """How many people were meant, says the room that deletes or a person who looked; who it was is kept no longer."""
    open_one = PlatformRequest.objects.filter(pk=request_id, done_at=None).select_related("app").first()
    if open_one is None:
        return
    PlatformRequest.objects.filter(pk=request_id).update(done_at=times.now(), found=found, subject="")
    if actor:
        audit.record(actor, "settled a wish for deletion", open_one, found=found)
    if not open_wishes(open_one.app):
        for channel in Channel.objects.filter(app=open_one.app, problem=WISH):
            health.note(channel.pk, "")
