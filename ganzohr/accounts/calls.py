"""Calls to the employer's own sign-in: allauth speaks by `requests`, and each of its calls passes our guard.

The host of the setting may lie in our own network; what its documents name beside it (keys, tokens) must be public.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import httpx
import requests
from django.conf import settings
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from ganzohr.core import web

SECONDS = 10.0
MOST_ANSWER = 1_000_000
MOST_HOPS = 3


class Guarded(BaseAdapter):
    """One call through the guard, its answer as `requests` has it."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Ask; what goes wrong is a `RequestException`, as allauth expects."""
        try:
            came = web.exchange(
                str(request.method), str(request.url), timeout=SECONDS, most=MOST_ANSWER, named=_named(),
                headers=dict(request.headers), content=request.body,
            )  # fmt: skip
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
            raise requests.ConnectionError(type(error).__name__, request=request) from error
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = came.status, str(request.url), request
        answer.headers = CaseInsensitiveDict({"content-type": "", **came.headers})
        answer._content, answer._content_consumed = came.content, True
        return answer

    def close(self) -> None:
        """Nothing stays open."""


def session() -> requests.Session:
    """A session all of whose calls are guarded."""
    made = requests.Session()
    made.trust_env, made.max_redirects = False, MOST_HOPS
    made.headers["Accept-Encoding"] = "gzip"  # a bomb inside a bomb is refused
    for scheme in ("http://", "https://"):
        made.mount(scheme, Guarded())
    return made


def _named() -> set[str]:
    """The hosts of the settings."""
    providers: dict[str, Any] = settings.SOCIALACCOUNT_PROVIDERS
    apps = providers["openid_connect"]["APPS"]
    return {urlsplit(app["settings"]["server_url"]).hostname or "" for app in apps}
