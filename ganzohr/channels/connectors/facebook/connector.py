"""Facebook pages and their Messenger. See `connectors/base.py` for what each method promises."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime

from ganzohr.channels.connectors.base import Abilities, Account, Incoming, IncomingFile, Outcome, Rate, Sending
from ganzohr.channels.connectors.facebook import finding, reading, sending, setup
from ganzohr.channels.connectors.facebook.parse import parse
from ganzohr.channels.connectors.meta import signed


class Facebook:
    """One page of ours: comments in public, talks in private."""

    kind = "facebook"
    abilities = Abilities(
        public=True,
        private=True,
        files=True,
        max_length=sending.MOST_PRIVATE,
        max_public_length=sending.MOST_PUBLIC,
        window_hours=24,
        human_hours=168,
        private_reply_days=7,
        reactions=("like",),
        hides=True,
        fetches=True,
        reconciles=True,
        finds_words=True,
        rates=(Rate(30, 1),),  # above 40 a second a page's inbox is frozen
        at_once=4,
    )

    def delivery_key(self, account: Account, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """The raw bytes: the platform repeats a delivery unchanged."""
        return hashlib.sha256(body).digest()

    def verify(self, account: Account, path: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Signed with one of the app's secrets."""
        return signed.verify(signed.app_secrets(account), headers, body)

    def handshake(self, account: Account, query: Mapping[str, str]) -> str | None:
        """The challenge, for whoever knows the word we agreed on with Meta."""
        token, given = account.secrets.get("verify_token", ""), query.get("hub.verify_token", "")
        is_ours = bool(token) and hmac.compare_digest(token.encode(), given.encode("utf-8", "replace"))
        return query.get("hub.challenge", "") if is_ours and query.get("hub.mode") == "subscribe" else None

    def parse(self, account: Account, headers: Mapping[str, str], body: bytes) -> list[Incoming]:
        """Every comment, post, like, message and receipt in it, for whichever of our pages."""
        return parse(account, body)

    def send(self, account: Account, sending_: Sending) -> Outcome:
        """Writes below a comment, to one person, a like or a hiding; `unclear` when the answer was lost."""
        return sending.send(account, sending_)

    def find(self, account: Account, sending_: Sending) -> Outcome | None:
        """Looks for our own words below the comment or in the talk."""
        return finding.find(account, sending_)

    def check(self, account: Account) -> str:
        """Whether the token holds and may read, write and hear of this page."""
        return reading.check(account)

    def fetch(self, account: Account, reference: str) -> IncomingFile:
        """The bytes behind the address of a picture, a voice or a file."""
        return reading.fetch(account, reference)

    def post(self, account: Account, external_id: str) -> Incoming:
        """What a post says and shows that we know only by its number."""
        return reading.post(account, external_id)

    def recent(self, account: Account, since: datetime) -> Iterator[Incoming]:
        """Posts and comments since then, in the shape `parse` gives."""
        return reading.recent(account, since)

    def is_gone(self, account: Account, external_id: str) -> bool:
        """Whether a comment that we know by its own number is not there any more."""
        return setup.is_gone(account, external_id)

    def reads_people(self, account: Account) -> bool:
        """Whether the platform says that our token may read comments of people."""
        return setup.reads_people(account)
