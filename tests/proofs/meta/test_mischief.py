"""What goes wrong with the stand-in, exactly or by dice; and what it does about a desk that does not take."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from ganzohr.proofs.meta import Mischief, Platform, running
from ganzohr.proofs.meta.hooks import signed_request
from tests.proofs.meta.desk import Client, Desk


def talk(platform: Platform) -> tuple[str, dict[str, object]]:
    page, lena = platform.add_page("Auental"), platform.people.person("Lena")
    platform.people.write(page, lena, "Hallo")
    return f"/{page.id}/messages", {"recipient": {"id": lena.id}, "message": {"text": "Ja"}}


@pytest.mark.parametrize(
    ("fault", "taken"), [("timeout_before", 0), ("timeout_after", 1), ("drop_before", 0), ("drop_after", 1)]
)
def test_silence_comes_before_or_after_it_was_taken(platform: Platform, graph: Client, fault: str, taken: int) -> None:
    path, said = talk(platform)
    platform.silence = 5.0
    platform.faults.next(fault, on="messenger.send")
    graph.http.timeout = 0.3
    with pytest.raises((httpx.TimeoutException, httpx.RemoteProtocolError)):
        graph.post(path, **said)
    assert platform.record.often("Ja") == taken
    graph.http.timeout = 10
    assert graph.code(path, **said) == (0, 0)
    assert [one.fault for one in platform.record.accepted] == ([fault] if taken else []) + [""]


@pytest.mark.parametrize(
    ("fault", "status", "code", "header"),
    [
        ("throttle_app", 403, 4, "X-App-Usage"),
        ("throttle_page", 400, 80001, "X-Business-Use-Case-Usage"),
        ("throttle_429", 429, 130429, "Retry-After"),
        ("unavailable", 500, 2, ""),
        ("server_error", 500, 1, ""),
        ("token_expired", 401, 190, "WWW-Authenticate"),
        ("restricted", 403, 10, ""),
    ],
)
def test_refusals_have_their_codes_and_headers(
    platform: Platform, graph: Client, fault: str, status: int, code: int, header: str
) -> None:
    path, said = talk(platform)
    platform.faults.next(fault)
    answer = graph.post(path, **said)
    assert (answer.status_code, answer.json()["error"]["code"], header in answer.headers) == (
        status,
        code,
        bool(header),
    )
    assert graph.code(path, **said) == (0, 0)
    assert platform.record.often("Ja") == 1


def test_usage_is_told_always_and_too_much_is_too_much(platform: Platform, graph: Client) -> None:
    page = platform.add_page("Auental")
    platform.calls_per_hour = 2
    graph.get(f"/{page.id}")
    answer = graph.http.get(f"/{page.id}")
    usage = json.loads(answer.headers["X-Business-Use-Case-Usage"])[page.id][0]
    assert (usage["call_count"], usage["estimated_time_to_regain_access"]) == (100, 9)
    assert graph.http.get(f"/{page.id}").json()["error"]["code"] == 80001
    platform.clock.pass_by(hours=1.1)
    assert graph.http.get(f"/{page.id}").status_code == 200


def test_a_desk_that_does_not_take_gets_it_again(platform: Platform, desk: Desk) -> None:
    desk.answers = [500, 0, 503]
    talk(platform)
    assert platform.settle()
    assert [one.answers for one in platform.hooks.sent] == [[500, 0, 503, 200]]
    assert (len(desk.bodies), len(desk.signed_by)) == (1, 4)


def test_by_dice_events_come_twice_together_late_and_in_any_order_but_all_of_them() -> None:
    desk = Desk()
    mischief = Mischief(seed=4, duplicate=0.3, reorder=0.3, batch=0.4, delay=0.3, longest_delay=0.01)
    with running(mischief, post=desk.take) as platform:
        platform.hook_up("http://desk.example", "key")
        desk.secrets = platform.secrets
        page, lena = platform.add_page("Auental"), platform.people.person("Lena")
        mids = [platform.people.write(page, lena, str(number)).id for number in range(60)]
        assert platform.settle()
    came = Counter(value["message"]["mid"] for _, value in desk.events())
    assert (set(came), max(came.values()) > 1) == (set(mids), True)
    assert list(came) != mids
    assert len(desk.bodies) < came.total()
    assert len(desk.signed_by) == len(desk.bodies)
    assert set(desk.signed_by) == set(platform.secrets)


def test_the_handshake_keeps_only_an_address_that_answers_and_callbacks_are_signed() -> None:
    class Hook(BaseHTTPRequestHandler):
        posted = b""

        def do_GET(self) -> None:
            body = self.path.partition("hub.challenge=")[2].encode() if "good-token" in self.path else b"no"
            self._say(body)

        def do_POST(self) -> None:
            type(self).posted = self.rfile.read(int(self.headers["Content-Length"]))
            self._say(b"{}")

        def _say(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}/hooks/facebook/key/"
    with running() as platform:
        graph = Client(platform, platform.app_token.value)
        wanted = {"object": "page", "callback_url": url}
        assert graph.code(f"/{platform.app_id}/subscriptions", **wanted, verify_token="bad")[0] == 2200
        assert graph.code(f"/{platform.app_id}/subscriptions", **wanted, verify_token="good-token") == (0, 0)
        assert platform.hooks.urls == {"page": url}
        platform.hooks.call_back(url + "deletion", {"user_id": "7"})
    server.shutdown()
    server.server_close()
    assert Hook.posted.startswith(b"signed_request=")
    total, payload = signed_request("secret", {"user_id": "7"}).split(".")
    again = base64.urlsafe_b64encode(hmac.new(b"secret", payload.encode(), hashlib.sha256).digest()).rstrip(b"=")
    assert again.decode() == total
