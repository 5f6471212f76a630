"""Reading from the page: does it work, what is behind a reference, what was written lately."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from ganzohr.channels.connectors.base import Account, Incoming, IncomingFile, Trouble
from ganzohr.channels.connectors.facebook import feed
from ganzohr.channels.connectors.facebook.place import Place
from ganzohr.channels.connectors.meta import graph
from ganzohr.channels.connectors.meta.values import moment, part, parts, snake, text, text_id

MOST_BYTES = 30_000_000
MOST_PAGES = 40
LOOK_BACK = timedelta(days=30)  # fresh comments under posts that old are found too
COMMENT = "id,message,created_time,from,parent{id},attachment,permalink_url,is_hidden"
POST = "id,message,created_time,updated_time,permalink_url,from,full_picture"
PROBES: tuple[tuple[str, dict[str, str]], ...] = (
    ("feed", {"fields": "id,comments.limit(1){id,from,message}", "limit": "1"}),  # read what people write
    ("conversations", {"platform": "messenger", "fields": "id", "limit": "1"}),
    ("subscribed_apps", {}),
)


def check(account: Account) -> str:
    """'' when the token holds, belongs to our page and may do what we do; else the code of what does not work."""
    page_id = text_id(account.settings.get("page_id"))
    if not page_id or not account.secrets.get("access_token"):
        return "no_secret"
    who = graph.call(account, "GET", "me", params={"fields": "id"})
    if not who.is_good:
        return who.code
    if text_id(who.body.get("id")) != page_id:
        return "permission_missing"  # somebody's token, but not this page's
    answers = (graph.call(account, "GET", f"{page_id}/{edge}", params=params) for edge, params in PROBES)
    return next((answer.code for answer in answers if not answer.is_good), "")


def fetch(account: Account, reference: str) -> IncomingFile:
    """The picture, voice or file behind an address that came with a message. Raises `Trouble`."""
    try:
        content, type_ = graph.download(account, reference, most=MOST_BYTES)
    except Trouble as trouble:
        if trouble.code == "permission_missing":  # its addresses are good for some days only
            raise Trouble("target_gone", trouble.detail) from trouble
        raise
    name = urlsplit(reference).path.rpartition("/")[2][-100:] or "file"
    guessed = type_ or mimetypes.guess_type(name)[0] or "application/octet-stream"
    if "." not in name:
        name += mimetypes.guess_extension(guessed) or ""
    return IncomingFile(name, guessed, content, reference=reference)


def post(account: Account, external_id: str) -> Incoming:
    """What one post says and shows now, as the webhook would have told it. Raises `Trouble`."""
    place = Place.of(account, {})
    answer = graph.call(account, "GET", external_id, params={"fields": POST})
    if not answer.is_good:
        raise Trouble(answer.code, answer.words)
    told = _as_told(answer.body, {"item": "post", "post_id": answer.body.get("id") or external_id})
    found = next((one for one in feed.read_feed(place, told) if one.post), None)
    if found is None or found.post is None:
        raise Trouble("not_possible", "no post")
    return replace(found, what="post", post=replace(found.post, external_id=external_id))


def recent(account: Account, since: datetime) -> Iterator[Incoming]:
    """Posts and comments since then, as the webhook would have told them. Raises `Trouble`."""
    place = Place.of(account, {})
    fields = f"{POST},comments.filter(stream).order(reverse_chronological).limit(50){{{COMMENT}}}"
    params = {"fields": fields, "since": str(int((since - LOOK_BACK).timestamp())), "limit": "25"}
    for post in _pages(account, f"{place.page_id}/feed", params):
        if (moment(post.get("created_time")) or since) >= since:
            yield from feed.read_feed(place, _as_told(post, {"item": "post", "post_id": post.get("id")}))
        yield from _comments(account, place, post, since)


def _comments(account: Account, place: Place, post: Mapping[str, Any], since: datetime) -> Iterator[Incoming]:
    first = part(post, "comments")
    params = {"fields": COMMENT, "filter": "stream", "order": "reverse_chronological", "limit": "50"}
    for comment in _on(account, f"{text_id(post.get('id'))}/comments", params, first):
        if (moment(comment.get("created_time")) or since) < since:
            return
        yield from _comment(place, post, comment)


def _comment(place: Place, post: Mapping[str, Any], comment: Mapping[str, Any]) -> Iterator[Incoming]:
    about = {name: post.get(name) for name in ("id", "permalink_url", "message", "created_time")}
    is_ours = text_id(part(post, "from").get("id")) in {*place.ours, ""}
    more = {"item": "comment", "comment_id": comment.get("id"), "post_id": post.get("id"), "post": about}
    value = _as_told(comment, more | {"parent_id": part(comment, "parent").get("id") or post.get("id")})
    found = feed.comment(place, value, "add", on_ours=is_ours)
    if comment.get("is_hidden") is False:
        found = replace(found, headers={**found.headers, "is_shown": True})
    yield replace(found, post=replace(found.post, author=text(part(post, "from"), "name"))) if found.post else found
    if comment.get("is_hidden") is True:
        yield feed.comment(place, {**value, "verb": "hide", "message": ""}, "hide")


def _as_told(thing: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = snake({**thing, "verb": "add", **more})
    return found


def _pages(account: Account, path: str, params: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    answer = graph.call(account, "GET", path, params=params)
    if not answer.is_good:
        raise Trouble(answer.code, answer.words)
    yield from _on(account, path, params, answer.body)


def _on(account: Account, path: str, params: Mapping[str, str], first: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """This page of a list and all that follow, by cursor: the platform's own addresses would carry our token."""
    listed = first
    for _page in range(MOST_PAGES):
        yield from parts(listed, "data")
        paging = part(listed, "paging")
        after = text(part(paging, "cursors"), "after")
        if not paging.get("next") or not after:
            return
        answer = graph.call(account, "GET", path, params={**params, "after": after})
        if not answer.is_good:
            raise Trouble(answer.code, answer.words)
        listed = answer.body
