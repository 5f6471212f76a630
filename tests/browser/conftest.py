"""A real browser, and the desk as it is served: the composite application on a port of loopback."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.inquiries.circle import Circle

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without Chromium these stories are skipped, but never where a build decides."""
    missing = pytest.mark.skip(reason="no Chromium on this machine")
    for item in items:
        if "/browser/" in item.nodeid and not CHROMIUM and os.environ.get("CI") != "true":
            item.add_marker(missing)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium, which knows no other host than this machine."""
    from playwright.sync_api import expect, sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in the thread of the test
    expect.set_options(timeout=15_000)  # a busy machine is slow, not wrong
    rules = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
    remembers = ["--disable-back-forward-cache"]  # Back brings pages out of memory, as it does for people
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", rules], ignore_default_args=remembers
        )
        yield running
        running.close()


@pytest.fixture
def desk(transactional_db: None, settings: Any) -> Iterator[str]:
    """The address of the desk, served by uvicorn over the test's database."""
    import uvicorn

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings.INSIDE_URL = settings.OUTSIDE_URL = f"http://127.0.0.1:{port}"
    from ganzohr.config.asgi import application

    server = uvicorn.Server(
        uvicorn.Config(application, host="127.0.0.1", port=port, log_level="error", lifespan="off", loop="asyncio")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages in a fresh context each; says afterwards what went wrong in their consoles."""
    contexts: list[Any] = []
    problems: list[str] = []

    def opened(**options: Any) -> Page:
        context = browser.new_context(**{"locale": "de-DE", "timezone_id": "Europe/Berlin", **options})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture
def house(desk: str) -> Circle:
    """The whole circle behind the desk: Sophie runs it, Karin knows about training, Thomas stands in."""
    from django.core.cache import caches

    from ganzohr.config import wiring
    from tests.inquiries.circle import open_circle

    caches["process"].clear()
    wiring.tie()
    return open_circle()


@pytest.fixture
def as_user(desk: str, new_page: Callable[..., Page]) -> Callable[..., Page]:
    """Pages of somebody who is signed in."""
    from django.conf import settings
    from django.test import Client

    def opened(user: Any, **options: Any) -> Page:
        client = Client()
        client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
        page = new_page(**{"base_url": desk, "viewport": {"width": 1440, "height": 900}, **options})
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": desk}])
        return page

    return opened
