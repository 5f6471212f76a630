"""A page over Graph: its posts and their comments. POST on a comment itself EDITS it, as the real one does."""

from __future__ import annotations

from typing import Any

from ganzohr.proofs.meta import shapes
from ganzohr.proofs.meta.errors import GraphError, bad, may_not
from ganzohr.proofs.meta.fields import Field, of_request, paged, parse, shown
from ganzohr.proofs.meta.graph import Asking, Road, Roads
from ganzohr.proofs.meta.world import Comment, Media, Page, Person, Post

POST_FIELDS = "id,created_time,message"
COMMENT_FIELDS = "id,created_time,from,message"
LONGEST_COMMENT = 8000
TIME = "%Y-%m-%dT%H:%M:%S+0000"


def author(by: Person | None, page: Page) -> dict[str, Any] | None:
    """Who wrote it, where the person shows."""
    return shapes.author(by, page).get("from")


def _address(asking: Asking, id_: str, edge: str) -> str:
    return f"{asking.platform.url}/v25.0/{id_}/{edge}"


def draw_post(asking: Asking, post: Post, fields: list[Field]) -> dict[str, Any]:
    """A post as asked for."""
    values = {
        "id": post.id,
        "message": post.text or None,
        "created_time": post.at.strftime(TIME),
        "updated_time": max([post.at, *(one.at for one in post.comments)]).strftime(TIME),
        "permalink_url": post.permalink,
        "full_picture": post.photo or None,
        "from": author(post.by, post.page),
        "is_published": True,
        "is_hidden": False,
        "comments": lambda one: _comments(asking, post, one),
        "likes": lambda one: _likes(post.likes, one),
        "reactions": lambda one: _likes(post.likes, one),
    }
    return shown(values, fields)


def draw_comment(asking: Asking, comment: Comment, fields: list[Field]) -> dict[str, Any]:
    """A comment as asked for."""
    now, page = asking.platform.now(), comment.post.page
    is_young = (now - comment.at).days < 7
    values = {
        "id": comment.id,
        "message": comment.text,
        "created_time": comment.at.strftime(TIME),
        "from": author(comment.by, page),
        "permalink_url": f"{comment.post.permalink}?comment_id={comment.id.rpartition('_')[2]}",
        "is_hidden": comment.is_hidden,
        "is_private": False,
        "like_count": len(comment.likes),
        "comment_count": len(_children(comment)),
        "can_reply_privately": comment.by is not None and is_young and not comment.was_replied_privately,
        "parent": {"id": comment.parent.id, "message": comment.parent.text} if comment.parent else None,
        "attachment": {"type": "photo", "media": {"image": {"src": comment.photo}}} if comment.photo else None,
        "comments": lambda one: _comments(asking, comment, one),
        "likes": lambda one: _likes(comment.likes, one),
        "reactions": lambda one: _likes(comment.likes, one),
    }
    return shown(values, fields)


def _children(comment: Comment) -> list[Comment]:
    return [one for one in comment.post.comments if one.parent is comment and not one.is_removed]


def _comments(asking: Asking, parent: Post | Comment, one: Field) -> dict[str, Any]:
    is_stream = one.modifiers.get("filter") == "stream"
    if isinstance(parent, Comment):
        found = _children(parent)
    else:
        found = [each for each in parent.comments if not each.is_removed and (is_stream or each.parent is None)]
    if one.modifiers.get("order") == "reverse_chronological":
        found = found[::-1]
    address = _address(asking, parent.id, "comments")
    return paged(found, one, lambda each, fields: draw_comment(asking, each, fields), address, COMMENT_FIELDS)


def _likes(likes: list[tuple[str, str]], one: Field) -> dict[str, Any]:
    found: dict[str, Any] = {"data": [{"id": who, "type": kind.upper()} for who, kind in likes]}
    return found | ({"summary": {"total_count": len(likes)}} if "summary" in one.modifiers else {})


# Reading


def _page(asking: Asking) -> dict[str, Any]:
    page: Page = asking.thing
    is_ours = asking.token.subject == page.id or asking.token.kind == "USER"
    values = {
        "id": page.id, "name": page.name, "link": f"https://www.facebook.com/{page.id}", "category": "Hospital",
        "access_token": page.token if is_ours else None, "tasks": ["MODERATE", "MESSAGING", "CREATE_CONTENT"],
    }  # fmt: skip
    return shown(values, parse(str(asking.values.get("fields") or "id,name")))


def _feed(asking: Asking) -> dict[str, Any]:
    page, values = asking.thing, asking.values
    since, until = (float(values.get(name) or bound) for name, bound in (("since", 0), ("until", 1e12)))
    posts = [post for post in asking.platform.world.each(Post) if post.page is page and not post.is_removed]
    posts = [post for post in posts if since <= post.at.timestamp() <= until]
    if not asking.request.path.endswith("/feed"):
        posts = [post for post in posts if post.by is None]
    posts.sort(key=lambda post: post.at, reverse=True)
    one = of_request(values, POST_FIELDS)
    address = _address(asking, page.id, "feed")
    return paged(posts, one, lambda post, fields: draw_post(asking, post, fields), address, POST_FIELDS)


def _read_post(asking: Asking) -> dict[str, Any]:
    return draw_post(asking, asking.thing, of_request(asking.values, POST_FIELDS).inside)


def _read_comment(asking: Asking) -> dict[str, Any]:
    return draw_comment(asking, asking.thing, of_request(asking.values, COMMENT_FIELDS).inside)


def _read_comments(asking: Asking) -> dict[str, Any]:
    return _comments(asking, asking.thing, of_request(asking.values, COMMENT_FIELDS))


# Writing


def _words(asking: Asking) -> str:
    text = str(asking.values.get("message") or "")
    if not text.strip() and not any(name in asking.values for name in ("attachment_url", "attachment_id")):
        raise bad("Missing message or attachment")
    if len(text) > LONGEST_COMMENT:
        raise bad("The comment text is too long", 1349125)
    return text


def _reply(asking: Asking) -> dict[str, Any]:
    above: Comment | Post = asking.thing
    post = above.post if isinstance(above, Comment) else above
    text = _words(asking)
    parent = above if isinstance(above, Comment) else None
    photo = str(asking.values.get("attachment_url") or "")
    if known := str(asking.values.get("attachment_id") or ""):
        if not isinstance(asking.platform.world.things.get(known), Media):
            raise bad("Invalid attachment id", 1349019)
        photo = f"{asking.platform.url}/stand-in/files/{known}"
    made = asking.platform.people.add_comment(post, None, text, parent=parent, photo=photo)
    to = parent.by.id if parent and parent.by else post.id
    asking.accept(post.page.id, to, made.id, text)
    return {"id": made.id} | draw_comment(asking, made, parse(str(asking.values.get("fields") or "id")))


def _change_comment(asking: Asking) -> dict[str, Any]:
    """Hides or shows; with `message` it overwrites the words of whoever wrote them."""
    comment: Comment = asking.thing
    platform, values = asking.platform, asking.values
    if "is_hidden" in values:
        if comment.by is None:
            raise GraphError(1446036, "This comment cannot be hidden.", subcode=1446036)
        comment.is_hidden = str(values["is_hidden"]).lower() in ("true", "1")
        verb = "hide" if comment.is_hidden else "unhide"
        platform.tell_page(comment.post.page, "feed", shapes.comment(comment, verb, platform.now()))
        asking.road = f"comment.{verb}"
        asking.accept(comment.post.page.id, comment.by.id, comment.id, "")
    if "message" in values:
        asking.road = "comment.overwrite"
        platform.people.edit(comment, _words(asking))
        asking.accept(comment.post.page.id, comment.by.id if comment.by else "", comment.id, comment.text)
    return {"success": True}


def _like(asking: Asking) -> dict[str, Any]:
    what: Comment | Post = asking.thing
    page = what.post.page if isinstance(what, Comment) else what.page
    verb = "remove" if asking.request.method == "DELETE" else "add"
    if verb == "add" and (page.id, "like") not in what.likes:
        what.likes.append((page.id, "like"))
    if verb == "remove":
        what.likes[:] = [one for one in what.likes if one[0] != page.id]
    platform = asking.platform
    platform.tell_page(page, "feed", shapes.page_reaction(what, None, "like", verb, platform.now()))
    asking.accept(page.id, what.by.id if what.by else page.id, what.id, "like" if verb == "add" else "")
    return {"success": True}


def _remove(asking: Asking) -> dict[str, Any]:
    what: Comment | Post = asking.thing
    asking.platform.people.remove(what)
    page = what.post.page if isinstance(what, Comment) else what.page
    asking.accept(page.id, what.by.id if what.by else page.id, what.id, "")
    return {"success": True}


def _upload(asking: Asking) -> dict[str, Any]:
    """A picture laid down unpublished, to hang it under a comment."""
    upload = asking.request.files.get("source")
    if upload is None or str(asking.values.get("published")).lower() != "false":
        raise bad("Only unpublished pictures with their bytes are taken here", 1366046)
    return {"id": asking.platform.keep_media(upload.content, upload.content_type, upload.name, is_ours=True).id}


def _publish(asking: Asking) -> dict[str, Any]:
    page: Page = asking.thing
    if asking.token.subject != page.id:
        raise may_not("pages_manage_posts")
    made = asking.platform.people.post(page, _words(asking))
    asking.accept(page.id, page.id, made.id, made.text)
    return {"id": made.id}


ROADS: Roads = {
    ("GET", Page, ""): Road("page.read", "", _page),
    ("GET", Page, "feed"): Road("page.feed", "pages_read_engagement", _feed),
    ("GET", Page, "posts"): Road("page.feed", "pages_read_engagement", _feed),
    ("GET", Page, "published_posts"): Road("page.feed", "pages_read_engagement", _feed),
    ("POST", Page, "feed"): Road("page.publish", "pages_manage_posts", _publish),
    ("POST", Page, "photos"): Road("page.photo", "pages_manage_posts", _upload),
    ("GET", Post, ""): Road("post.read", "pages_read_engagement", _read_post),
    ("GET", Post, "comments"): Road("comment.list", "pages_read_user_content", _read_comments),
    ("GET", Comment, ""): Road("comment.read", "pages_read_user_content", _read_comment),
    ("GET", Comment, "comments"): Road("comment.list", "pages_read_user_content", _read_comments),
    ("POST", Comment, "comments"): Road("comment.reply", "pages_manage_engagement", _reply),
    ("POST", Post, "comments"): Road("comment.reply", "pages_manage_engagement", _reply),
    ("POST", Comment, ""): Road("comment.change", "pages_manage_engagement", _change_comment),
    ("DELETE", Comment, ""): Road("comment.remove", "pages_manage_engagement", _remove),
    ("DELETE", Post, ""): Road("post.remove", "pages_manage_posts", _remove),
    ("POST", Comment, "likes"): Road("comment.like", "pages_manage_engagement", _like),
    ("DELETE", Comment, "likes"): Road("comment.unlike", "pages_manage_engagement", _like),
    ("POST", Post, "likes"): Road("post.like", "pages_manage_engagement", _like),
    ("DELETE", Post, "likes"): Road("post.unlike", "pages_manage_engagement", _like),
}
