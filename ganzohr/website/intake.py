"""From a request to a stored letter: one way for the widget, the plain page and the private page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from ganzohr.channels import actions as channels
from ganzohr.channels.models import Channel
from ganzohr.core import crypto
from ganzohr.core.words import say
from ganzohr.website import actions, limits, words
from ganzohr.website.forms import LetterForm
from ganzohr.website.models import Visit
from ganzohr.website.setup import Setup

STAMP = "website.stamp"
TRAP = "homepage"


@dataclass(frozen=True)
class Door:
    """The channel somebody came to, with its settings and the language spoken with them."""

    channel: Channel
    setup: Setup
    language: str

    @property
    def address(self) -> Any:
        """The form of address of this channel."""
        return self.channel.address


def door(request: HttpRequest, key: str, wished: str = "") -> Door:
    """The website channel of this key; 404 for any other."""
    rows = Channel.objects.select_related("hours", "site__hours")
    channel = get_object_or_404(rows, key=key, kind="website")
    setup = Setup.of(channel.name, channel.languages, channel.settings)
    asked = [part.split(";")[0].strip() for part in request.headers.get("Accept-Language", "").split(",")]
    return Door(channel, setup, setup.language(*filter(None, [wished, *asked])))


def own_origins() -> set[str]:
    """Where our own pages live."""
    return {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, (settings.INSIDE_URL, settings.OUTSIDE_URL))}


def stamp(channel: Channel, given: str = "") -> str:
    """Proof of when a form was handed out; the one `given` counts on, so that mending a form starts no clock again."""
    if given and crypto.unsign(STAMP, given, max_age=limits.STAMP_AGE) == channel.key:
        return given
    return crypto.sign(STAMP, channel.key)


@dataclass
class Answer:
    """What became of a submission: a visit, or errors by field and a code."""

    visit: Visit | None = None
    code: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    form: LetterForm | None = None

    @property
    def status(self) -> int:
        """As HTTP says it."""
        return {"": 200, "tooMany": 429, "tooBig": 413, "gone": 410, "busy": 503}.get(self.code, 422)

    @property
    def headers(self) -> dict[str, str]:
        """After how many seconds to come again, where it is that."""
        after = {"tooMany": "300", "busy": "5"}.get(self.code)
        return {"Retry-After": after} if after else {}


def is_too_big(request: HttpRequest) -> bool:
    """Bigger than all files allowed together; asked before the body is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return not str(length).isdecimal() or int(length) > limits.MAX_REQUEST


def take(request: HttpRequest, at: Door, by: str, token: str = "") -> Answer:
    """Check a submission and store it; `token` when the private link already says who writes. Called inside `speak`."""
    if is_too_big(request):
        return Answer(code="tooBig", errors={"attached": words.files_hint()})
    given = token or request.POST.get("token", "")
    is_known = bool(given) and actions.is_known(given)
    needed = {} if is_known else words.consent(at.setup, at.language)
    form = LetterForm(request.POST, request.FILES, consent_version=needed.get("version", ""))
    suspicion = "" if is_known else _suspicion(request, at.channel)
    if suspicion:
        return Answer(code=suspicion, errors={"text": _suspicion_words()[suspicion]}, form=form)
    if not given or not form.is_valid():
        errors = {name: str(rows[0]) for name, rows in form.errors.items()} if form.errors else {}
        return Answer(code="invalid", errors=errors or {"token": "missing"}, form=form)
    try:
        return Answer(actions.write(at.channel, _words(form, at, by, given, needed), client_address(request)))
    except limits.TooMany:
        code, why = "tooMany", words.too_many()
    except (channels.NotKept, OperationalError):
        code, why = "busy", words.busy()
    except actions.Gone:
        code, why = "gone", words.gone()
    return Answer(code=code, errors={"text": why}, form=form)


def _words(form: LetterForm, at: Door, by: str, token: str, consent: dict[str, str]) -> actions.Words:
    values = form.cleaned_data
    return actions.Words(
        id=values["id"],
        token=token,
        language=at.language,
        text=values["text"],
        name=values["name"],
        mail_address=values["mail_address"],
        source=values["source"],
        page=values["page"],
        by=by,
        consent=consent,
        files=tuple(values["attached"]),
    )


def _suspicion(request: HttpRequest, channel: Channel) -> str:
    """A code when a program seems to write: it filled the hidden field, or was faster than hands, or has no stamp."""
    if request.POST.get(TRAP, ""):
        return "trap"
    given = request.POST.get("stamp", "")
    if crypto.unsign(STAMP, given, max_age=limits.STAMP_AGE) != channel.key:
        return "stale"
    if crypto.unsign(STAMP, given, max_age=limits.QUICKEST) is not None:
        return "quick"
    return ""


def _suspicion_words() -> dict[str, str]:
    return {
        "trap": say("A hidden field was filled in, as programs do. Please empty it and send again."),
        "stale": say("This page was open for very long. Please send again."),
        "quick": say("That was very fast. Please send again."),
    }


def client_address(request: HttpRequest) -> str:
    """Who asks, as the server or a trusted proxy says; for rate limits only."""
    return str(request.META.get("REMOTE_ADDR") or "")
