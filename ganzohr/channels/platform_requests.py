"""What a platform asks of us for a person: delete their data; or tells us: our app was taken off an account.

Meta posts a signed request (form field `signed_request`) and wants a page where the person can read what became of it,
and a code: https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback
"""

from __future__ import annotations

import secrets as random
from urllib.parse import parse_qs

from django.db import transaction

from ganzohr.channels import accounts
from ganzohr.channels.connectors.meta.signed import app_secrets, signed_request
from ganzohr.channels.events import DeletionAsked
from ganzohr.channels.models import App, Channel, PlatformRequest
from ganzohr.core import times
from ganzohr.core.addresses import outside
from ganzohr.core.events import emit
from ganzohr.ui import live

KIND = "meta"
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
    App.objects.select_for_update().get(pk=app.pk)
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
    """The account whose owner took our app off shows it; where the platform names a person, every account does."""
    ours = Channel.objects.filter(app=request.app, state=Channel.State.ACTIVE)
    named = ours.filter(external_id=request.subject)
    chosen = named if named.exists() else ours
    found = chosen.update(problem="app_removed", problem_since=times.now(), rests_until=times.now())
    PlatformRequest.objects.filter(pk=request.pk).update(done_at=times.now(), found=found)
    live.touch("channels")


def conclude(request_id: int, found: int) -> None:
    """The room that deletes says how many people were meant; who it was is kept no longer."""
    PlatformRequest.objects.filter(pk=request_id, done_at=None).update(done_at=times.now(), found=found, subject="")
