"""What the walk needs around it: mail servers, a real desk in a temporary folder, an employer, people with browsers."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import make_msgid, parseaddr
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

from ganzohr.config import processes
from ganzohr.proofs import mailservers
from ganzohr.proofs.demo import free_port
from ganzohr.proofs.forms import Browser
from ganzohr.proofs.mainjob.networks import Network, open_network
from ganzohr.proofs.sample.tables import address_of, rows

if TYPE_CHECKING:
    from ganzohr.inbox.models import Conversation
    from ganzohr.proofs.mainjob.questions import Asked
    from ganzohr.proofs.mainjob.walk import Walk

DESK = "karriere@auental.example"
PASSWORD = "proof"  # noqa: S105  only on loopback, in a temporary folder
WIDGET = "proof-career-site"
START = 45.0
SHOWN = ("topic", "handle", "public_post", "channel")


@dataclass(frozen=True)
class Found:
    """A conversation as the database holds it."""

    id: int
    topic: str
    is_sure: bool


class Mail:
    """Real mail, in and out."""

    def __init__(self, servers: mailservers.Servers) -> None:
        self.servers = servers

    def send(self, mail: EmailMessage, sender: str, recipient: str) -> None:
        """Hand it over by SMTP."""
        self.servers.post(sender, recipient, mail.as_bytes(policy=policy.SMTP))

    def delivered(self, address: str) -> list[bytes]:
        """What lies in a mailbox."""
        return self.servers.inbox(address)


class Scene:
    """The desk and everybody around it."""

    def __init__(self, base: str, servers: mailservers.Servers, network: Network | None) -> None:
        self.network = network
        self.base, self.mail, self.desk_address, self.widget_key = base, Mail(servers), DESK, WIDGET
        self.names: dict[str, str] = {}
        self._managers = threading.local()
        self._visitors: dict[int, Browser] = {}
        self._seen: set[tuple[str, bytes]] = set()

    def manager(self) -> Browser:
        """A signed-in community manager, one for each thread."""
        if not hasattr(self._managers, "browser"):
            from ganzohr.accounts.actions import sign_in_link
            from ganzohr.accounts.models import User

            browser = Browser(self.base)
            page = browser.get(sign_in_link(User.objects.get(role="manager")))
            if page.forms and "demo" in page.url:
                browser.submit(page, page.forms[0], {})
            self._managers.browser = browser
        found: Browser = self._managers.browser
        return found

    def visitor(self, number: int) -> Browser:
        """Somebody outside, with an address of their own on loopback."""
        if number not in self._visitors:
            self._visitors[number] = Browser(self.base, source=f"127.0.{1 + number // 200}.{1 + number % 200}")
        return self._visitors[number]

    def slug(self, words: str) -> str:
        """The topic meant by the words of the questions' file."""
        from ganzohr.proofs.mainjob.questions import topic_slug

        return topic_slug(words, self.names)

    def conversations(self, walks: Sequence[Walk]) -> list[Found | None]:
        """For each walk the conversation its question stands in, once it is understood; told apart by the person."""
        from ganzohr.inbox.models import Message

        rows = Message.objects.filter(direction="in").exclude(understood_at=None)
        by_person = {
            (person_of(row.conversation), plain(row.text)): row.conversation
            for row in rows.select_related(*(f"conversation__{name}" for name in SHOWN))
        }
        found = [by_person.get((self.person(walk), plain(walk.asked.question))) for walk in walks]
        return [Found(row.pk, row.topic.slug if row.topic else "", row.topic_is_sure) if row else None for row in found]

    @staticmethod
    def person(walk: Walk) -> str:
        """By what this candidate can be told from all others: where they came from, their address, their comment."""
        return f"proof-{walk.asked.number}" if walk.asked.way == "website" else walk.address

    def is_asked(self, conversation: int) -> bool | None:
        """Whether an expert was asked in this conversation; None if not (yet)."""
        from ganzohr.inquiries.models import Inquiry

        return Inquiry.objects.filter(conversation=conversation).exclude(asked_at=None).exists() or None

    def choose_topic_and_ask(self, conversation: int, slug: str) -> None:
        """One press where the topic is proposed; else choose it, then ask whoever the desk names, or anybody."""
        from ganzohr.topics.models import Topic

        manager, topic = self.manager(), str(Topic.objects.get(slug=slug).pk)
        page = manager.get(f"/inbox/{conversation}/")
        offers = [form for form in page.forms if ("topic", topic) in form.buttons]
        if offers:
            manager.submit(page, offers[0], {}, ("topic", topic))
        else:
            page = manager.get(f"/inbox/{conversation}/topic/")
            manager.submit(page, page.form(action=f"/inbox/{conversation}/topic/"), {}, ("topic", topic))
        if not offers or not self.is_asked(conversation):
            self._ask_by_hand(manager, conversation)

    @staticmethod
    def _ask_by_hand(manager: Browser, conversation: int) -> None:
        page = manager.get(f"/inbox/{conversation}/?mode=ask")
        form = page.form(field="question")
        first = re.search(r'<option value="(\d+)"', page.body)
        assert first
        manager.submit(page, form, {"colleague": form.fields.get("colleague") or first.group(1)})

    def asked_by_mail(self, walk: Walk) -> tuple[bytes, str] | None:
        """The mail in which an expert is asked this question, and the expert's address; each mail is taken once."""
        needle = plain(walk.asked.question)
        for address in self.mail.servers.passwords:
            for raw in self.mail.delivered(address) if address.endswith("@auental.example") else []:
                if address == DESK or (address, raw) in self._seen or needle not in words_of(raw):
                    continue
                if self._conversation_of(self.ask_link(raw)) == walk.conversation:
                    self._seen.add((address, raw))
                    return raw, address
        return None

    def deputies_asked(self) -> int:
        """How many inquiries lie with somebody who stands in for an absent colleague."""
        from ganzohr.inquiries.models import Inquiry

        return sum(bool(why.get("deputy_of")) for why in Inquiry.objects.values_list("why", flat=True))

    @staticmethod
    def _conversation_of(link: str) -> int:
        """Which conversation the private link of a mail belongs to, as the desk knows it."""
        from ganzohr.core.crypto import token_hash
        from ganzohr.inquiries.models import Inquiry
        from ganzohr.notifications.models import Ask

        ask = Ask.objects.get(token_hash=token_hash(link.rstrip("/").rsplit("/", 1)[-1]))
        return Inquiry.objects.get(pk=ask.subject_id).conversation_id

    def ask_link(self, raw: bytes) -> str:
        """The button of an expert's mail."""
        found = re.search(r"https?://[^\s<>\"]+/ask/[^\s<>\"]+", words_of(raw, apart="\n"))
        if not found:
            raise LookupError("no private link in the expert's mail")
        return found.group()

    def auto_reply(self, raw: bytes, expert: str) -> None:
        """An out-of-office answer from the expert's mailbox; it must become no draft."""
        asked = message_from_bytes(raw, policy=policy.default)
        reply = EmailMessage()
        reply["From"], reply["To"] = expert, str(asked["Reply-To"] or asked["From"])
        reply["Subject"] = f"Abwesenheitsnotiz: {asked['Subject']}"
        reply["Auto-Submitted"] = "auto-replied"
        reply["In-Reply-To"] = str(asked["Message-ID"])
        reply["Message-ID"] = make_msgid(domain="colleagues.example")
        reply.set_content("Ich bin bis Montag nicht im Haus. In dringenden Fällen hilft die Zentrale, Telefon 0.")
        self.mail.send(reply, expert, self.bare(str(reply["To"])))

    def own_words_of(self, address: str) -> str:
        """All words in a mailbox but those quoted."""
        plain = "\n".join(words_of(raw, apart="\n") for raw in self.mail.delivered(address))
        return "\n".join(line for line in plain.splitlines() if not line.startswith(">"))

    def post_by_hand(self, conversation: int) -> str:
        """Open what is to be posted, copy it, confirm that it was posted."""
        from ganzohr.channels.models import Outgoing

        row = Outgoing.objects.filter(message__conversation=conversation, kind="answer").first()
        if row is None or row.state not in {Outgoing.State.BY_HAND, Outgoing.State.ACCEPTED}:
            return ""
        manager = self.manager()
        page = manager.get(f"/outbox/{row.pk}/post/")
        area = re.search(r"<textarea[^>]*readonly[^>]*>(.*?)</textarea>", page.body, re.DOTALL)
        copied = unescape(area.group(1)) if area else page.text
        if row.state == Outgoing.State.BY_HAND:
            manager.submit(page, page.form(action=f"/outbox/{row.pk}/posted/"), {})
        return copied

    @staticmethod
    def bare(address: str) -> str:
        """Without the name."""
        return parseaddr(address)[1]


def person_of(conversation: Conversation) -> str:
    """The same of a conversation: source, mail address, id at the platform, link of the comment."""
    if conversation.channel.kind == "website":
        return conversation.source
    if conversation.channel.app_id:
        return conversation.handle.external_id
    post = conversation.public_post
    return post.permalink if post else conversation.handle.external_id


def plain(text: str) -> str:
    """White space normalised."""
    return " ".join(text.split())


def words_of(raw: bytes, apart: str = " ") -> str:
    """The plain text of a mail, white space normalised unless `apart` is a line break."""
    body = message_from_bytes(raw, policy=policy.default).get_body(("plain",))
    text = body.get_content() if body else ""
    return text if apart != " " else " ".join(text.split())


@contextmanager
def open_scene(folder: Path, candidates: Sequence[str], asked: Sequence[Asked]) -> Iterator[Scene]:
    """A desk that is ready, with its employer and channels; everything is ended afterwards."""
    addresses = [DESK, *(address_of(row[0]) for row in rows("colleagues.txt")), *candidates]
    mails = folder / "mails"
    mails.mkdir()
    with (
        mailservers.running(dict.fromkeys(addresses, PASSWORD), mails) as servers,
        open_network(asked) as network,
    ):
        port = free_port()
        told = _environment(folder, port)
        os.environ.update(told)
        desk = processes.start(
            [sys.executable, "-m", "ganzohr", "desk", "--port", str(port)],
            with_signal=signal.SIGTERM,
            output=_log(folder),
        )
        scene = Scene(f"http://127.0.0.1:{port}", servers, network)
        try:
            _wait_until_ready(scene, desk)
            _furnish(scene)
            yield scene
        finally:
            desk.terminate()
            try:
                desk.wait(6)
            except subprocess.TimeoutExpired:
                desk.kill()
                desk.wait()


def _log(folder: Path) -> int:
    return os.open(folder / "desk.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)


def _environment(folder: Path, port: int) -> dict[str, str]:
    for name in [name for name in os.environ if name.startswith("GANZOHR_") or name == "DATABASE_URL"]:
        del os.environ[name]
    return {
        "GANZOHR_HOME": str(folder / "desk"),
        "GANZOHR_DEMO": "1",
        "GANZOHR_PORT": str(port),
        "GANZOHR_URL": f"http://127.0.0.1:{port}",
        "GANZOHR_EMPLOYER": "Kliniken Auental",
        "DJANGO_SETTINGS_MODULE": "ganzohr.config.settings",
    }


def _wait_until_ready(scene: Scene, desk: subprocess.Popen[bytes]) -> None:
    import httpx

    from ganzohr.proofs.mainjob.walk import wait_for

    def healthy() -> bool | None:
        if desk.poll() is not None:
            raise RuntimeError("the desk ended before it was ready")
        try:
            return httpx.get(f"{scene.base}/health", timeout=2, trust_env=False).status_code == 200 or None
        except httpx.HTTPError:
            return None

    wait_for("a desk that answers /health", healthy, START)


def _furnish(scene: Scene) -> None:
    import django

    django.setup()
    from ganzohr.channels.accounts import sealed
    from ganzohr.channels.models import Channel
    from ganzohr.core import crypto
    from ganzohr.proofs.sample import employer
    from ganzohr.topics.models import Topic

    employer.build()
    common = {"languages": ["de", "nl", "en"], "signature": "none", "hours": employer.always()}
    servers = scene.mail.servers
    Channel.objects.create(
        kind="website", name="Karriereseite", key=WIDGET, secrets=sealed({"signing": crypto.new_token()}), **common
    )
    Channel.objects.create(
        kind="mail", name="Postfach", key=crypto.new_token()[:24], settings=servers.settings(DESK),
        secrets=sealed(servers.secrets(DESK)), **common,
    )  # fmt: skip
    Channel.objects.create(kind="hand", name="Von Hand", key=crypto.new_token()[:24], **common)
    if scene.network:
        scene.network.connect(**common)
        scene.network.greet(scene.base)
    for topic in Topic.objects.all():
        scene.names |= dict.fromkeys(topic.names.values(), topic.slug)
