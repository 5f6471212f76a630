"""What people do on the platform: comment, write, react, call; and how what we send reaches them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ganzohr.proofs.meta import shapes
from ganzohr.proofs.meta.phones import Phones
from ganzohr.proofs.meta.world import Comment, Letter, Number, Page, Person, Post, Talk

if TYPE_CHECKING:
    from ganzohr.proofs.meta.platform import Platform

EMOJI = {"like": "👍", "love": "❤️", "smile": "😀", "wow": "😮", "sad": "😢", "angry": "😠"}


class People(Phones):
    """Every method does one thing somebody could do, and tells the desk as the platform would."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def person(self, name: str, phone: str = "", **more: Any) -> Person:
        """Somebody new. `hides_phone` with `username` writes by WhatsApp without showing a number."""
        with self.platform.lock:
            ids = self.platform.world.ids
            made = Person(ids.digits(17), name, phone.lstrip("+"), f"DE.{ids.digits(19)}", **more)
            self.platform.world.keep(made)
            return made

    # On the page, for everybody to read

    def post(self, page: Page, text: str, *, by: Person | None = None, photo: str = "", at: Any = None) -> Post:
        """A post of the page; with `by` one that somebody left on it."""
        with self.platform.lock:
            number = self.platform.world.ids.digits()
            made = Post(f"{page.id}_{number}", page, text, at or self.platform.now(), by, photo)
            self.platform.world.keep(made)
            self.platform.tell_page(page, "feed", shapes.post(made, "add", made.at))
            return made

    def comment(self, post: Post, person: Person, text: str, *, photo: str = "", at: Any = None) -> Comment:
        """Somebody writes below a post."""
        return self.add_comment(post, person, text, photo=photo, at=at)

    def reply(self, comment: Comment, person: Person, text: str, *, at: Any = None) -> Comment:
        """Somebody answers a comment."""
        return self.add_comment(comment.post, person, text, parent=comment, at=at)

    def add_comment(
        self,
        post: Post,
        by: Person | None,
        text: str,
        *,
        parent: Comment | None = None,
        photo: str = "",
        at: Any = None,
    ) -> Comment:
        """A comment of somebody, or of the page itself (`by` is None)."""
        platform = self.platform
        with platform.lock:
            id_ = f"{post.id.rpartition('_')[2]}_{platform.world.ids.digits()}"
            made = Comment(id_, post, by, text, at or platform.now(), parent, photo)
            post.comments.append(made)
            platform.world.keep(made)
            platform.tell_page(post.page, "feed", shapes.comment(made, "add", made.at))
            return made

    def edit(self, what: Comment | Post, text: str) -> None:
        """The words are changed."""
        with self.platform.lock:
            if isinstance(what, Comment):
                what.edits.append(what.text)
                what.text = text
                entry = shapes.comment(what, "edited", self.platform.now())
                return self.platform.tell_page(what.post.page, "feed", entry)
            what.text = text
            return self.platform.tell_page(what.page, "feed", shapes.post(what, "edited", self.platform.now()))

    def remove(self, what: Comment | Post) -> None:
        """It is gone, with what hangs below it."""
        with self.platform.lock:
            what.is_removed = True
            if isinstance(what, Post):
                entry = shapes.post(what, "remove", self.platform.now())
                return self.platform.tell_page(what.page, "feed", entry)
            for below in what.post.comments:
                if below.parent is what and not below.is_removed:
                    self.remove(below)
            return self.platform.tell_page(what.post.page, "feed", shapes.comment(what, "remove", self.platform.now()))

    def react(self, what: Comment | Post, person: Person, kind: str = "like") -> None:
        """A like (or love, wow, …); an empty kind takes it back."""
        with self.platform.lock:
            before = next((old for who, old in what.likes if who == person.id), "")
            what.likes[:] = [one for one in what.likes if one[0] != person.id]
            if kind:
                what.likes.append((person.id, kind))
            verb = "remove" if not kind else "edit" if before else "add"
            page = what.post.page if isinstance(what, Comment) else what.page
            entry = shapes.page_reaction(what, person, kind or before, verb, self.platform.now())
            self.platform.tell_page(page, "feed", entry)

    def mention(self, page: Page, person: Person, text: str) -> str:
        """Somebody names the page on a place of their own; the id of that post."""
        with self.platform.lock:
            post_id = f"{person.id}_{self.platform.world.ids.digits()}"
            now = self.platform.now()
            value = {
                "post_id": post_id, "sender_name": person.name, "sender_id": person.id, "item": "post", "verb": "add",
                "message": text, "created_time": shapes.seconds(now),
            }  # fmt: skip
            self.platform.tell_page(page, "mention", shapes.change(page, "mention", value, now))
            return post_id

    def review(self, page: Page, person: Person, text: str, *, recommends: bool = True) -> str:
        """Somebody recommends the page, or not; the id of the review."""
        with self.platform.lock:
            story, now = self.platform.world.ids.digits(), self.platform.now()
            value = {
                "item": "rating", "verb": "add", "recommendation_type": "POSITIVE" if recommends else "NEGATIVE",
                "review_text": text, "reviewer_id": person.id, "reviewer_name": person.name,
                "open_graph_story_id": story, "created_time": shapes.seconds(now),
            }  # fmt: skip
            self.platform.tell_page(page, "ratings", shapes.change(page, "ratings", value, now))
            return story

    # By Messenger

    def write(self, page: Page, person: Person, text: str, *, reply_to: str = "", at: Any = None) -> Letter:
        """Somebody writes to the page."""
        return self._tell(page, person, "text", text, {"text": text}, reply_to=reply_to, at=at)

    def attach(self, page: Page, person: Person, content: bytes, content_type: str, name: str) -> Letter:
        """Somebody sends a file; its address is a public one as there."""
        with self.platform.lock:
            media = self.platform.keep_media(content, content_type, name, is_ours=False)
            kind = content_type.partition("/")[0]
            kind = kind if kind in ("image", "video", "audio") else "file"
            address = f"{self.platform.url}/stand-in/files/{media.id}"
            body = {"attachments": [{"type": kind, "payload": {"url": address}}]}
            return self._tell(page, person, kind, "", body, media=media.id)

    def press(self, page: Page, person: Person, title: str, payload: str) -> None:
        """A button of ours is pressed."""
        talk = self.platform.world.talk(page, person)
        postback = {"mid": self.platform.world.ids.mid(), "title": title, "payload": payload}
        entry = shapes.messaging(talk, self.platform.now(), postback=postback)
        self.platform.tell_page(page, "messaging_postbacks", entry)

    def _tell(
        self, page: Page, person: Person, kind: str, text: str, body: dict[str, Any], *,
        reply_to: str = "", media: str = "", at: Any = None,
    ) -> Letter:  # fmt: skip
        with self.platform.lock:
            talk = self.platform.world.talk(page, person)
            letter = Letter(self.platform.world.ids.mid(), False, kind, text, at or self.platform.now(), body, media)
            letter.reply_to = reply_to
            talk.letters.append(letter)
            message = {"mid": letter.id, **body} | ({"reply_to": {"mid": reply_to}} if reply_to else {})
            self.platform.tell_page(page, "messages", shapes.messaging(talk, letter.at, message=message))
            return letter

    def rewrite(self, letter: Letter, text: str) -> None:
        """Somebody edits a message of theirs (Messenger allows five times)."""
        talk = self._talk(letter)
        assert isinstance(talk.place, Page)
        letter.text, letter.edits = text, letter.edits + 1
        event = {"mid": letter.id, "text": text, "num_edit": str(letter.edits)}
        entry = shapes.messaging(talk, self.platform.now(), message_edit=event)
        self.platform.tell_page(talk.place, "message_edits", entry)

    def unsend(self, letter: Letter) -> None:
        """Somebody takes a message of theirs back."""
        talk = self._talk(letter)
        assert isinstance(talk.place, Page)
        letter.is_removed, letter.text = True, ""
        entry = shapes.messaging(talk, self.platform.now(), message={"mid": letter.id, "is_deleted": True})
        self.platform.tell_page(talk.place, "messages", entry)

    def react_to(self, letter: Letter, kind: str = "love") -> None:
        """Somebody reacts to a message; an empty kind takes it back."""
        talk = self._talk(letter)
        if isinstance(talk.place, Number):
            return self._react_by_phone(talk, letter, EMOJI.get(kind, kind))
        letter.reactions[talk.person.id] = EMOJI.get(kind, kind)
        said = {"mid": letter.id, "action": "react" if kind else "unreact"}
        said |= {"emoji": EMOJI.get(kind, kind), "reaction": kind} if kind else {}
        entry = shapes.messaging(talk, self.platform.now(), reaction=said)
        return self.platform.tell_page(talk.place, "message_reactions", entry)

    # How ours arrive

    def arrives(self, talk: Talk, letter: Letter) -> None:
        """On their phone: sent, delivered, and read where the person is one who reads."""
        now = self.platform.now()
        letter.progress = "delivered"
        if isinstance(talk.place, Number):
            for name in ("sent", "delivered"):
                self.platform.tell_number(talk.place, shapes.status(talk, letter, name, now))
        else:
            event = {"mids": [letter.id], "watermark": shapes.millis(letter.at)}
            self.platform.tell_page(talk.place, "message_deliveries", shapes.messaging(talk, now, delivery=event))
        if talk.person.reads:
            self.read(talk)

    def read(self, talk: Talk) -> None:
        """The person looks: everything of ours in this talk is read."""
        with self.platform.lock:
            unread = [one for one in talk.letters if one.by_us and one.progress == "delivered"]
            for letter in unread:
                letter.progress = "read"
                if isinstance(talk.place, Number):
                    entry = shapes.status(talk, letter, "read", self.platform.now())
                    self.platform.tell_number(talk.place, entry)
            if unread and isinstance(talk.place, Page):
                event = {"watermark": shapes.millis(unread[-1].at)}
                entry = shapes.messaging(talk, self.platform.now(), read=event)
                self.platform.tell_page(talk.place, "message_reads", entry)

    def _talk(self, letter: Letter) -> Talk:
        pair = self.platform.world.talk_of(letter.id)
        assert pair
        return pair[0]
