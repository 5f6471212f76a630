"""The contract between the desk and one platform. Plain values; no Django, no database.

A connector is a module `ganzohr.channels.connectors.<kind>` with an object `connector` that has these methods.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

# All of one `send`, all of one `find`. Whoever is not done when the lease of the outbox ends (two minutes) is thought
# dead: the thing is looked for, not found, and sent again while the first one still speaks. So none outlasts these, nor
# does the sum of its steps: files, a sign-in, one message after another, a platform that answers in sips.
SEND_SECONDS = 90.0
FIND_SECONDS = 20.0

Visibility = Literal["public", "private"]
What = Literal[
    "message", "edit", "delete", "hide", "reaction", "status", "receipt", "post", "identity", "consent", "account",
    "unsupported",
]  # fmt: skip


class Damaged(ValueError):
    """These bytes are none of the platform's form. Its words are ours, never those of the payload: people read them."""


def clean(value: str) -> str:
    """The same words without what no database takes: half characters and NUL."""
    if value.isascii() and "\0" not in value:
        return value
    return value.encode("utf-8", "replace").decode().replace("\0", "")


@dataclass(frozen=True)
class Account:
    """What a connector may know of the channel: plain settings and decrypted secrets."""

    kind: str
    key: str
    settings: Mapping[str, Any]
    secrets: Mapping[str, str]


@dataclass(frozen=True)
class IncomingFile:
    """A file that came along; either its bytes, or a reference to fetch it apart."""

    name: str
    content_type: str
    content: bytes = b""
    reference: str = ""
    content_id: str = ""


@dataclass(frozen=True)
class IncomingPost:
    """The public post something hangs under."""

    external_id: str
    permalink: str = ""
    text: str = ""
    author: str = ""
    author_is_us: bool = True
    posted_at: datetime | None = None


@dataclass(frozen=True)
class Incoming:
    """One thing that came in. `provider_at` is aware UTC and orders messages; `external_id` is unique per channel.

    `thread_key` is the mail thread (or the visitor's thread), empty for messengers. `target` is what `send` needs to
    answer exactly this: it is stored with the message and handed back unchanged. `headers` carry what claims need
    (mail: in_reply_to, references, to addresses, token, auto_reply, bounce_of …).

    `account` is the foreign id of the account of ours it came to, where one hook serves several; empty means the
    channel the delivery was stored for. `also_known_as` are further ids of the same sender. What else `what` says:

    - edit, delete, hide: `reply_to` is the message spoken of; edit brings the new `text`, hide `headers["hidden"]`.
    - reaction: `reply_to` is the message reacted to, `text` the emoji or word, `headers["removed"]` when taken away.
    - status: `reply_to` is the foreign id of our message, `headers["status"]` one of sent, delivered, read, played,
      failed, deleted (unknown ones are kept), `headers["code"]` why it failed.
    - receipt: as status for all of ours to `sender_id` up to `headers["watermark"]` (ISO).
    - post: our own post was published, changed or removed (`headers["removed"]`); see `post`.
    - identity: `sender_id` is the new id of the person `headers["was"]`.
    - consent: `headers["consent"]` was given or withdrawn (`headers["given"]`).
    - account: something about our account: `headers["problem"]` a code of health.py or '', `headers["detail"]`.

    `headers["form"]` says what a message was beside words: mention, review, missed_call, location, contacts, order …
    """

    what: What
    external_id: str
    sender_id: str
    provider_at: datetime
    text: str = ""
    sender_name: str = ""
    visibility: Visibility = "private"
    thread_key: str = ""
    reply_to: str = ""
    subject: str = ""
    original: str = ""
    html: str = ""
    language: str = ""
    source: str = ""
    post: IncomingPost | None = None
    files: tuple[IncomingFile, ...] = ()
    target: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    consent: Mapping[str, Any] = field(default_factory=dict)
    is_automatic: bool = False
    is_bounce: bool = False
    is_own: bool = False
    account: str = ""
    also_known_as: tuple[str, ...] = ()


@dataclass(frozen=True)
class OutgoingFile:
    """A file that leaves with an answer."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Sending:
    """One thing to send. `key` is the idempotency key: the same key is the same thing.

    For `find`: nothing of it can be at the platform from before `since`; `others` are foreign ids of other things of
    ours with the same words, '' stands for one on its way to the same place whose id nobody knows.
    """

    key: str
    kind: str
    target: Mapping[str, Any]
    payload: Mapping[str, Any]
    files: tuple[OutgoingFile, ...] = ()
    attempt: int = 1
    since: datetime | None = None
    others: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Outcome:
    """What the platform said. `unclear` is never repeated blindly; `retry_at` only with `refused`: again then.

    `recipient_id`: by which id the platform knows whom it reached, where it says so.
    """

    state: Literal["accepted", "refused", "unclear", "by_hand"]
    external_id: str = ""
    code: str = ""
    detail: str = ""
    retry_at: datetime | None = None
    recipient_id: str = ""


@dataclass(frozen=True)
class Rate:
    """At most so many things in any span of so many seconds."""

    count: int
    seconds: float


@dataclass(frozen=True)
class Abilities:
    """What the platform can do, for buttons and checks.

    `window_hours`: how long after the person's newest message a private answer may leave; 0 is for ever. Up to
    `human_hours` words written by a person may still leave. `private_reply_days`: how long one private answer to a
    public comment may leave; 0 is never. `reactions`: what may be given to a message of theirs.
    `marks_read`: `send` takes a `read`, by which the person sees that we read what they wrote.
    `finds_words`: `find` goes by the words, so it must be told which other things say the same.
    `rates`: how fast one account may send, well under what the platform allows; all of them hold.
    `at_once`: how many calls one worker makes at the same time, to different people, once the first ones went well.
    """

    public: bool = False
    private: bool = True
    files: bool = True
    max_length: int = 10_000
    needs_hand: bool = False
    reads_itself: bool = False
    idempotent: bool = False
    max_public_length: int = 0
    window_hours: int = 0
    human_hours: int = 0
    private_reply_days: int = 0
    reactions: tuple[str, ...] = ()
    hides: bool = False
    templates: bool = False
    marks_read: bool = False
    fetches: bool = False
    reconciles: bool = False
    finds_words: bool = False
    rates: tuple[Rate, ...] = ()
    at_once: int = 1


class Connector(Protocol):
    """One platform. Every method is safe to repeat; none keeps state between calls."""

    kind: str
    abilities: Abilities

    def delivery_key(self, account: Account, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """Bytes that are equal for the same delivery and differ otherwise."""

    def verify(self, account: Account, path: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the platform (or our own page) really sent it; over the raw bytes."""

    def parse(self, account: Account, headers: Mapping[str, str], body: bytes) -> list[Incoming]:
        """Every entry of the payload. Unknown kinds come as `unsupported`. Raises `Damaged`, or what decoding JSON
        and text raises, only for damaged bytes; everything else is taken for a bug of ours and tried again."""

    def send(self, account: Account, sending: Sending) -> Outcome:
        """Speaks to the platform, for `SEND_SECONDS` at the longest; never raises for what a platform may do.

        When the time is over before anything was said that cannot be taken back, it is refused and tried again.
        """

    def find(self, account: Account, sending: Sending) -> Outcome | None:
        """Looks for an unclear sending at the platform, for `FIND_SECONDS`; None where it cannot tell."""

    def check(self, account: Account) -> str:
        """'' when the account works now, else a problem code of health.py."""


@dataclass(frozen=True)
class Read:
    """One raw thing a long reader found; `cursor` is where to go on once it is stored.

    An empty body is a sign of life: the account could be reached. `secrets` holds new ones to keep (a rotated token).
    """

    body: bytes
    cursor: Mapping[str, Any]
    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


class Trouble(Exception):
    """Something a person must mend before reading can go on; `code` is one of health.py."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class Reads(Protocol):
    """A connector whose abilities say `reads_itself`."""

    def read(self, account: Account, cursor: Mapping[str, Any], stop: threading.Event) -> Iterator[Read]:
        """Waits for new things, yields each in order until `stop` is set; looks at it every half second."""


class Fetches(Protocol):
    """A connector whose abilities say `fetches`: files that come as references."""

    def fetch(self, account: Account, reference: str) -> IncomingFile:
        """The bytes behind a reference, checked against what the platform says of them. Raises `Trouble`."""


class Posts(Protocol):
    """A connector whose abilities say `fetches`, of a platform with public posts."""

    def post(self, account: Account, external_id: str) -> Incoming:
        """What the post says and shows (`what` is post; a picture as a file by reference). Raises `Trouble`."""


class Handshakes(Protocol):
    """A connector whose platform asks whether a hook address is ours."""

    def handshake(self, account: Account, query: Mapping[str, str]) -> str | None:
        """The text to answer with; None when the question is not our platform's."""


class Reconciles(Protocol):
    """A connector whose abilities say `reconciles`."""

    def recent(self, account: Account, since: datetime) -> Iterator[Incoming]:
        """What the platform holds since then, in the shape `parse` gives. Raises `Trouble`."""

    def is_gone(self, account: Account, external_id: str) -> bool:
        """Whether the platform says of this very comment that it is not there (or not for us: see `reads_people`);
        trouble of any other kind is no such word."""

    def reads_people(self, account: Account) -> bool:
        """Whether the platform says that we may read what people write; False where it says nothing."""


@dataclass(frozen=True)
class Template:
    """Words the platform approved beforehand. `body` has {{1}}, {{2}} … or {{name}} where values go."""

    name: str
    language: str
    category: str
    body: str
    values: tuple[str, ...] = ()
    is_approved: bool = True


class Templated(Protocol):
    """A connector whose abilities say `templates`."""

    def templates(self, account: Account) -> list[Template]:
        """Every template of the account. Raises `Trouble`."""
