"""What the platform says of a token of ours: what it may, and until when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from ganzohr.channels.connectors.base import Account
from ganzohr.channels.connectors.meta import codes, graph
from ganzohr.channels.connectors.meta.values import loads, part, parts, text, text_id

QUICK = 3.0  # seconds: somebody waits in front of the page


@dataclass(frozen=True)
class About:
    """`is_known` False: the platform did not say, so nothing may be concluded. `ends_at` None: it does not run out.

    `app_id` is our app at the platform, through which the token was given.
    """

    is_known: bool = False
    scopes: frozenset[str] = frozenset()
    ends_at: datetime | None = None
    app_id: str = ""

    def lacks(self, *wanted: str) -> bool:
        """Whether it surely misses one of these permissions."""
        return self.is_known and not self.scopes >= set(wanted)


def about(account: Account) -> About:
    """Ask the platform about the account's own token; it may refuse to say.

    The platform wants the token as part of the question; a batch carries the question in its body, so that no address
    holds it.
    """
    question = {"input_token": account.secrets.get("access_token", "")}
    asked = {"method": "GET", "relative_url": f"debug_token?{urlencode(question)}"}
    batch = {"batch": json.dumps([asked]), "include_headers": "false"}
    answer = graph.call(account, "POST", "", data=batch, timeout=QUICK)
    said = part(_first(answer.body), "data")
    scopes = said.get("scopes")
    if not answer.is_good or not isinstance(scopes, list):
        return About()
    ends = codes.number(said.get("expires_at")) or 0
    ends_at = datetime.fromtimestamp(ends, UTC) if 0 < ends < 2**33 else None
    return About(True, frozenset(str(one) for one in scopes), ends_at, text_id(said.get("app_id")))


def _first(batch: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to the first question of a batch; {} when there is none."""
    answered = next(iter(parts(batch, "data")), {})
    try:
        found = loads(text(answered, "body").encode())
    except ValueError:
        return {}
    return found if isinstance(found, dict) and answered.get("code") == 200 else {}
