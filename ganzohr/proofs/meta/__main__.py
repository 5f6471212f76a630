"""The stand-in in a process of its own, for the demo: Graph, webhooks and the two pages, until SIGINT or SIGTERM.

GANZOHR_DEMO_META (port of Graph), GANZOHR_DEMO_META_PAGES (port of the pages), GANZOHR_DEMO_META_KEY (key of the
desk's app), GANZOHR_URL (where the desk is). GET /stand-in/accounts says what to connect. POST /stand-in/next goes on
with the sample's days up to the next act of the desk itself and hands over what the desk is told until then (see
`course`); POST /stand-in/hello asks for the desk's hook addresses as the platform does. GET /stand-in/record says what
was accepted.
"""

from __future__ import annotations

import os
import signal
import threading

from ganzohr.proofs.meta import scenery
from ganzohr.proofs.meta.course import Course
from ganzohr.proofs.meta.platform import running
from ganzohr.proofs.meta.web import as_json


def main() -> None:
    """Start all, wait to be told to end."""
    from django.conf import settings

    from ganzohr.proofs.meta import pages

    settings.configure(USE_I18N=False)  # the pages are drawn by its templates; nothing else of it is here
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    with running(port=int(os.environ["GANZOHR_DEMO_META"])) as platform:
        platform.hook_up(os.environ["GANZOHR_URL"], os.environ["GANZOHR_DEMO_META_KEY"])
        scene = scenery.prepare(platform, os.environ.get("GANZOHR_EMPLOYER", "Kliniken Auental"))

        days = Course(platform, scene)
        platform.doors["/stand-in/accounts"] = lambda request: as_json(scenery.accounts(platform, scene))
        platform.doors["/stand-in/next"] = lambda request: as_json(days.go_on())
        platform.doors["/stand-in/hello"] = lambda request: as_json({"is_ours": platform.shake_hands()})
        server = pages.serve(int(os.environ["GANZOHR_DEMO_META_PAGES"]), platform)
        told.wait()
        server.stop()


if __name__ == "__main__":
    main()
