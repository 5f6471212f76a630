"""What the platform says of a token of ours: what it may, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from ganzohr.channels.connectors.base import Account
from ganzohr.channels.connectors.meta import codes, graph
from ganzohr.channels.connectors.meta.values import part

QUICK = 3.0  # seconds: somebody waits in front of the page


@dataclass(frozen=True)
class About:
    """`is_known` False: the platform did not say, so nothing may be concluded. `ends_at` None: it does not run out."""

    is_known: bool = False
    scopes: frozenset[str] = frozenset()
    ends_at: datetime | None = None

    def lacks(self, *wanted: str) -> bool:
        """Whether it surely misses one of these permissions."""
        return self.is_known and not self.scopes >= set(wanted)


def about(account: Account) -> About:
    """Ask the platform about the account's own token; it may refuse to say."""
    params = {"input_token": account.secrets.get("access_token", "")}
    answer = graph.call(account, "GET", "debug_token", params=params, timeout=QUICK)
    said = part(answer.body, "data")
    scopes = said.get("scopes")
    if not answer.is_good or not isinstance(scopes, list):
        return About()
    ends = codes.number(said.get("expires_at")) or 0
    ends_at = datetime.fromtimestamp(ends, UTC) if 0 < ends < 2**33 else None
    return About(True, frozenset(str(one) for one in scopes), ends_at)
