"""What the platform holds: people, pages with posts and comments, talks, numbers, templates, files, tokens."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

PAGE_SCOPES = (
    "pages_show_list", "pages_read_engagement", "pages_read_user_content", "pages_manage_engagement",
    "pages_manage_posts", "pages_manage_metadata", "pages_messaging",
)  # fmt: skip
NUMBER_SCOPES = ("whatsapp_business_messaging", "whatsapp_business_management")
PAGE_FIELDS = (
    "feed", "mention", "ratings", "messages", "message_echoes", "message_edits", "message_reactions",
    "message_deliveries", "message_reads", "messaging_postbacks", "messaging_optins",
)  # fmt: skip


class Clock:
    """The platform's time: the real one, moved on by `pass_by`."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC) + self.ahead

    def pass_by(self, **much: float) -> None:
        """Hours and days go by at once."""
        self.ahead += timedelta(**much)


class Ids:
    """Ids that look like Meta's; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)

    def digits(self, how_many: int = 15) -> str:
        """A number as text."""
        return str(self._dice.randint(10 ** (how_many - 1), 10**how_many - 1))

    def mid(self) -> str:
        """A Messenger message."""
        return "m_" + base64.urlsafe_b64encode(self._dice.randbytes(48)).decode().rstrip("=")

    def wamid(self) -> str:
        """A WhatsApp message."""
        return "wamid." + base64.b64encode(b"\x1d\x05\x0c" + self._dice.randbytes(30)).decode()

    def letters(self, how_many: int = 20) -> str:
        """Capital letters and digits."""
        return "".join(self._dice.choices("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", k=how_many))


@dataclass
class Token:
    """A key of ours: what it is for, what it may, and until when."""

    value: str
    subject: str
    scopes: set[str]
    kind: str = "PAGE"
    expires_at: datetime | None = None
    is_valid: bool = True


@dataclass(eq=False)
class Person:
    """Somebody. `id` is what the page sees; `user_id` the business-scoped id of WhatsApp; `phone` its number."""

    id: str
    name: str
    phone: str = ""
    user_id: str = ""
    username: str = ""
    hides_phone: bool = False
    is_hidden: bool = False
    has_blocked_us: bool = False
    is_capped: bool = False
    reads: bool = False

    @property
    def app_scoped_id(self) -> str:
        """By which the app knows them when they use it themselves: never the page's."""
        return f"10{self.id}"


@dataclass(eq=False)
class Page:
    """A page of ours. `fields` are what our app subscribed."""

    id: str
    name: str
    token: str
    fields: set[str] = field(default_factory=set)
    is_restricted: bool = False


@dataclass(eq=False)
class Number:
    """A number of ours at WhatsApp."""

    id: str
    waba_id: str
    phone: str
    name: str
    token: str
    is_subscribed: bool = False
    quality: str = "GREEN"
    sender_limit: str = "TIER_2K"


@dataclass(eq=False)
class Comment:
    """A comment below a post or below another comment. `by` is None where the page itself wrote it."""

    id: str
    post: Post
    by: Person | None
    text: str
    at: datetime
    parent: Comment | None = None
    photo: str = ""
    is_hidden: bool = False
    is_removed: bool = False
    was_replied_privately: bool = False
    likes: list[tuple[str, str]] = field(default_factory=list)
    edits: list[str] = field(default_factory=list)


@dataclass(eq=False)
class Post:
    """A post of the page, or of a person on the page."""

    id: str
    page: Page
    text: str
    at: datetime
    by: Person | None = None
    photo: str = ""
    is_removed: bool = False
    was_replied_privately: bool = False
    comments: list[Comment] = field(default_factory=list)
    likes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def permalink(self) -> str:
        """Where people see it."""
        return f"https://www.facebook.com/{self.page.id}/posts/{self.id.rpartition('_')[2]}"


@dataclass(eq=False)
class Letter:
    """One message of a private talk. `body` is the message as the platform takes or tells it."""

    id: str
    by_us: bool
    kind: str
    text: str
    at: datetime
    body: dict[str, Any] = field(default_factory=dict)
    media: str = ""
    reply_to: str = ""
    reactions: dict[str, str] = field(default_factory=dict)
    progress: str = "sent"
    is_removed: bool = False
    edits: int = 0
    callback: str = ""


@dataclass(eq=False)
class Talk:
    """A private talk of a person with a page (Messenger) or with a number (WhatsApp)."""

    id: str
    place: Page | Number
    person: Person
    letters: list[Letter] = field(default_factory=list)

    def last_of_person(self) -> datetime | None:
        """When the person wrote last: the window hangs on it."""
        return max((one.at for one in self.letters if not one.by_us and one.kind != "call"), default=None)


@dataclass(eq=False)
class Media:
    """Bytes somebody put in, under an id."""

    id: str
    content: bytes
    content_type: str
    name: str
    at: datetime
    is_ours: bool
    opened_at: datetime | None = None


@dataclass(eq=False)
class Template:
    """Words of ours the platform looked at beforehand."""

    id: str
    waba_id: str
    name: str
    language: str
    category: str
    body: str
    status: str = "APPROVED"


@dataclass
class World:
    """All of it, by id."""

    ids: Ids
    clock: Clock = field(default_factory=Clock)
    tokens: dict[str, Token] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)
    talks: dict[tuple[str, str], Talk] = field(default_factory=dict)

    def keep(self, thing: Any) -> Any:
        """Findable by its id from now on."""
        self.things[thing.id] = thing
        return thing

    def each(self, kind: type[Any]) -> Iterator[Any]:
        """Everything of a kind, oldest first."""
        return (thing for thing in list(self.things.values()) if isinstance(thing, kind))

    def talk(self, place: Page | Number, person: Person) -> Talk:
        """The one talk of the two."""
        known = self.talks.get((place.id, person.id))
        if known is None:
            known = self.keep(Talk(f"t_{self.ids.digits()}", place, person))
            self.talks[place.id, person.id] = known
        return known

    def talk_of(self, letter_id: str) -> tuple[Talk, Letter] | None:
        """Where a message stands."""
        return next(((talk, one) for talk in self.talks.values() for one in talk.letters if one.id == letter_id), None)
