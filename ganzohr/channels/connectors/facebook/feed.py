"""What happens on our page: posts and comments, ours and other people's, their likes, and mentions elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ganzohr.channels.connectors.base import Incoming, IncomingFile, IncomingPost
from ganzohr.channels.connectors.facebook.place import Author, Place, author_of, file_behind, fingerprint, made_id
from ganzohr.channels.connectors.meta.values import moment, part, parts, text, text_id

Values = Mapping[str, Any]

VERBS = {
    **dict.fromkeys(("", "add", "added", "create", "created", "publish", "published"), "add"),
    **dict.fromkeys(("edit", "edited", "update", "updated"), "edit"),
    **dict.fromkeys(("remove", "removed", "delete", "deleted"), "remove"),
    **dict.fromkeys(("hide", "hidden"), "hide"),
    **dict.fromkeys(("unhide", "unhidden"), "unhide"),
}
REACTIONS = ("reaction", "like")
POSTS = frozenset(
    {
        *("post", "status", "photo", "video", "share", "link", "album", "note", "event", "offer", "coupon"),
        *("milestone", "story", "place", "question", "live", "live_video", "reel", "reels", "job"),
    }
)


def read_feed(place: Place, value: Values) -> Iterator[Incoming]:
    """Everything that one change of the feed says."""
    item, verb = item_of(value), VERBS.get(text(value, "verb").lower(), "")
    if item in REACTIONS:
        yield _reaction(place, value)
    elif item == "comment" and verb:
        yield comment(place, value, verb)
    elif item in POSTS and verb and _post_id(value):
        yield from _post(place, value, item, verb)
    else:
        yield place.unsupported(f"feed {item} {text(value, 'verb')}".strip(), value)


def item_of(value: Values) -> str:
    """What it is about; guessed from its ids where it does not say so."""
    item = text(value, "item").lower()
    if item:
        return item
    if text(value, "reaction_type"):
        return "reaction"
    if value.get("comment_id"):
        return "comment"
    return "post" if value.get("post_id") else ""


# Comments


def comment(place: Place, value: Values, verb: str, *, form: str = "", on_ours: bool = True) -> Incoming:
    """A comment that was written, changed, taken away, hidden or shown again."""
    id_ = text_id(value.get("comment_id")) or text_id(value.get("id")) or made_id("comment", fingerprint(value))
    author = author_of(place, value, id_)
    if verb != "add":
        return _change(place, value, id_, author, verb)
    post = post_of(place, value, is_ours=on_ours)
    return _said(
        place, value, author, id_, post,
        reply_to=_parent(value, post),
        target=target_of(place, id_, post, author, place.when(value.get("created_time"))),
        form=form,
    )  # fmt: skip


def post_of(place: Place, value: Values, *, is_ours: bool = True) -> IncomingPost:
    """The post that a comment stands under; made up from the comment's id where it is not named."""
    about = part(value, "post")
    id_ = text_id(value.get("post_id")) or text_id(about.get("id")) or _post_of_comment(place, value)
    return IncomingPost(
        external_id=id_,
        permalink=text(about, "permalink_url") or text(value, "post_permalink_url"),
        text=text(about, "message"),
        author_is_us=is_ours,
        posted_at=moment(about.get("created_time")),
    )


def _post_of_comment(place: Place, value: Values) -> str:
    before, dash, _ = text_id(value.get("comment_id") or value.get("parent_id")).partition("_")
    return f"{place.page_id}_{before}" if dash and place.page_id else before or "unknown"


def _parent(value: Values, post: IncomingPost) -> str:
    """The comment above this one; '' for a comment on the post itself, whichever way the post's id is written."""
    parent = text_id(value.get("parent_id")) or text_id(part(value, "parent").get("id"))
    is_post = parent.rpartition("_")[2] == post.external_id.rpartition("_")[2]
    return "" if is_post or parent == text_id(value.get("comment_id")) else parent


def target_of(place: Place, comment_id: str, post: IncomingPost, author: Author, at: datetime) -> dict[str, str]:
    """What answering exactly this needs."""
    return {
        "comment_id": comment_id,
        "post_id": post.external_id,
        "page_id": place.page_id,
        "sender_id": "" if author.id.startswith("unknown:") else author.id,
        "written_at": at.isoformat(),
    }


# Posts


def _post_id(value: Values) -> str:
    names = ("post_id", "share_id", "photo_id", "video_id", "link_id", "album_id", "event_id", "id")
    return next((id_ for name in names if (id_ := text_id(value.get(name)))), "")


def _post(place: Place, value: Values, item: str, verb: str) -> Iterator[Incoming]:
    id_ = _post_id(value)
    author = author_of(place, value, id_)
    post = _of_itself(place, value, author, id_)
    if author.is_own:
        yield _ours(place, value, author, post, verb)
    if not author.is_own and verb == "add":
        target = target_of(place, "", post, author, place.when(value.get("created_time")))
        yield _said(place, value, author, id_, post, target=target, form="share" if item == "share" else "post")
    elif not author.is_own or verb in ("remove", "hide", "unhide"):  # a visitor's post may be taken away by us
        yield _change(place, value, id_, author, verb)


def _of_itself(place: Place, value: Values, author: Author, id_: str) -> IncomingPost:
    return IncomingPost(
        external_id=id_,
        permalink=text(value, "permalink_url") or text(part(value, "post"), "permalink_url"),
        text=text(value, "message", "story", "title"),
        author=author.name,
        author_is_us=author.is_own,
        posted_at=place.when(value.get("created_time")),
    )


def _ours(place: Place, value: Values, author: Author, post: IncomingPost, verb: str) -> Incoming:
    at = place.when(value.get("created_time"))
    is_new = verb == "add"
    headers: dict[str, Any] = {"hidden": verb == "hide"} if "hide" in verb else {}
    if verb == "remove":
        headers = {"removed": True}
    return Incoming(
        what="post",
        external_id=post.external_id if is_new else made_id(post.external_id, verb, stamp(place, value)),
        sender_id=author.id,
        sender_name=author.name,
        provider_at=at,
        text=post.text,
        visibility="public",
        reply_to="" if is_new else post.external_id,
        post=post,
        files=files_of(value),
        headers={**headers, **({"changed_at": _changed_at(place, value)} if place.at and not is_new else {})},
        is_own=True,
        account=place.page_id,
    )


# What both have in common


def _said(
    place: Place,
    value: Values,
    author: Author,
    id_: str,
    post: IncomingPost,
    *,
    target: Values,
    reply_to: str = "",
    form: str = "",
) -> Incoming:
    permalink = text(value, "permalink_url") or _link_to(post, text_id(value.get("comment_id")))
    is_file = item_of(value) in ("photo", "video") or bool(value.get("photo_id") or value.get("video_id"))
    headers = {"form": form, "permalink": permalink, "link": "" if is_file else text(value, "link")}
    return Incoming(
        what="message",
        external_id=id_,
        sender_id=author.id,
        sender_name=author.name,
        provider_at=place.when(value.get("created_time")),
        text=text(value, "message", "text"),
        visibility="public",
        reply_to=reply_to,
        post=post,
        files=files_of(value),
        target=dict(target),
        headers={name: one for name, one in headers.items() if one},
        is_own=author.is_own,
        account=place.page_id,
    )


def _link_to(post: IncomingPost, comment_id: str) -> str:
    if not post.permalink or not comment_id:
        return ""
    return f"{post.permalink}{'&' if '?' in post.permalink else '?'}comment_id={comment_id.rpartition('_')[2]}"


def _change(place: Place, value: Values, id_: str, author: Author, verb: str) -> Incoming:
    """An edit, a deletion or a hiding of what has this id."""
    is_hide = verb in ("hide", "unhide")
    headers: dict[str, Any] = {"hidden": verb == "hide"} if is_hide else {}
    if place.at:
        headers["changed_at"] = _changed_at(place, value)
    return Incoming(
        what="hide" if is_hide else "edit" if verb == "edit" else "delete",
        external_id=made_id(id_, verb, stamp(place, value)),
        sender_id=author.id,
        sender_name=author.name,
        provider_at=place.when(value.get("created_time")),
        text=text(value, "message", "text") if verb == "edit" else "",
        visibility="public",
        reply_to=id_,
        files=files_of(value) if verb == "edit" else (),
        headers=headers,
        is_own=author.is_own,
        account=place.page_id,
    )


def _changed_at(place: Place, value: Values) -> str:
    """When the change was told; it may name the time of the thing itself."""
    at = place.when(value.get("created_time"))
    return max(place.at or at, at).isoformat()


def stamp(place: Place, value: Values) -> str:
    """What tells two changes of the same thing apart."""
    at = place.when(value.get("created_time"))
    return f"{int(at.timestamp())}.{int((place.at or at).timestamp())}.{fingerprint(text(value, 'message'))[:8]}"


def files_of(value: Values) -> tuple[IncomingFile, ...]:
    """Pictures and films, each once."""
    shown = part(part(part(value, "attachment"), "media"), "image")
    is_photo, is_video = (item_of(value) == one or value.get(f"{one}_id") for one in ("photo", "video"))
    found = [
        file_behind(value.get("photo")),
        file_behind(value.get("video"), "video"),
        file_behind(value.get("link"), "photo") if is_photo else None,
        file_behind(value.get("link"), "video") if is_video and not is_photo else None,
        *(file_behind(one) for one in _photos(value)),
        file_behind(value.get("full_picture")),
        file_behind(shown.get("src")),
    ]
    return tuple({one.reference: one for one in found if one}.values())


def _photos(value: Values) -> list[Any]:
    found = value.get("photos")
    listed = [one for one in found if isinstance(one, str)] if isinstance(found, list) else []
    return listed + [text(one, "link", "src", "url") for one in parts(value, "photos")]


# Likes


def _reaction(place: Place, value: Values) -> Incoming:
    """A like (or a love, …) for a comment, for a post, or for the page itself."""
    names = ("comment_id", "post_id", "parent_id", "photo_id", "video_id")
    subject = next((id_ for name in names if (id_ := text_id(value.get(name)))), "")
    author = author_of(place, value, made_id("reaction", subject or place.page_id, fingerprint(value)))
    verb = text(value, "verb").lower()
    headers = {"removed": True} if VERBS.get(verb) == "remove" else {}
    if not text_id(value.get("comment_id")):
        headers["of_post"] = True
    return Incoming(
        what="reaction",
        external_id=made_id("reaction", subject, author.id, verb or "add", stamp(place, value)),
        sender_id=author.id,
        sender_name=author.name,
        provider_at=place.when(value.get("created_time")),
        text=text(value, "reaction_type").lower() or "like",
        visibility="public",
        reply_to=subject,
        post=post_of(place, value) if text_id(value.get("post_id")) else None,
        headers=headers if subject else {**headers, "form": "page_like"},
        is_own=author.is_own,
        account=place.page_id,
    )


# Mentions and reviews


def read_mention(place: Place, value: Values) -> Iterator[Incoming]:
    """Somebody named our page in a post or a comment of their own."""
    verb = VERBS.get(text(value, "verb").lower(), "add") or "add"
    if text_id(value.get("comment_id")):
        yield comment(place, value, verb, form="mention", on_ours=False)
        return
    id_ = _post_id(value)
    if not id_:
        yield place.unsupported("mention", value)
        return
    author = author_of(place, value, id_)
    if verb != "add":
        yield _change(place, value, id_, author, verb)
        return
    post = _of_itself(place, value, author, id_)
    target = target_of(place, "", post, author, place.when(value.get("created_time")))
    yield _said(place, value, author, id_, post, target=target, form="mention")


def read_rating(place: Place, value: Values) -> Iterator[Incoming]:
    """A review of our page: stars as in former times, or a recommendation; and what is said below it."""
    verb = VERBS.get(text(value, "verb").lower(), "")
    story = text_id(value.get("open_graph_story_id")) or text_id(value.get("post_id"))
    if item_of(value) in REACTIONS:
        yield _reaction(place, {**value, "post_id": story})
    elif text_id(value.get("comment_id")) and verb:
        yield comment(place, {**value, "post_id": story}, verb, on_ours=False)
    elif verb:
        yield _review(place, {**value, "message": text(value, "review_text", "message")}, story, verb)
    else:
        yield place.unsupported("rating", value)


def _review(place: Place, value: Values, story: str, verb: str) -> Incoming:
    person = text_id(value.get("reviewer_id")) or text_id(part(value, "reviewer", "from").get("id"))
    id_ = story or made_id("review", place.page_id, person or fingerprint(value))
    author = author_of(place, value, id_)
    if verb != "add":
        return _change(place, value, id_, author, verb)
    post = _of_itself(place, value, author, id_)
    target = target_of(place, "", post, author, place.when(value.get("created_time")))
    found = _said(place, value, author, id_, post, target=target if story else {}, form="review")
    return _with_stars(found, value)


def _with_stars(found: Incoming, value: Values) -> Incoming:
    stars, said = value.get("rating"), text(value, "recommendation_type").lower()
    more: dict[str, Any] = {}
    if isinstance(stars, int | float) and not isinstance(stars, bool) and 0 < stars <= 5:
        more["rating"] = stars
    if said in ("positive", "negative"):
        more["recommends"] = said == "positive"
    return replace(found, headers={**found.headers, **more})


READERS: dict[str, Callable[[Place, Values], Iterator[Incoming]]] = {
    "feed": read_feed,
    "mention": read_mention,
    "ratings": read_rating,
    "rating": read_rating,
}
