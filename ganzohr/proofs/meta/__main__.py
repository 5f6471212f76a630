"""The stand-in in a process of its own, for the demo: Graph, webhooks and the two pages, until SIGINT or SIGTERM.

GANZOHR_DEMO_META (port of Graph), GANZOHR_DEMO_META_PAGES (port of the pages), GANZOHR_DEMO_META_KEY (key of the
desk's app), GANZOHR_URL (where the desk is). GET /stand-in/accounts says what to connect, POST /stand-in/begin lets
everything happen that people did so far (with ?hand=1 its deliveries come back in the answer instead of being sent,
each with path, headers and body), GET /stand-in/record says what was accepted.
"""

from __future__ import annotations

import os
import signal
import threading

from ganzohr.proofs.meta import scenery
from ganzohr.proofs.meta.platform import running
from ganzohr.proofs.meta.web import Request, Response, as_json


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

        def begin(request: Request) -> Response:
            handed = scenery.hand_over(platform, scene) if "hand" in request.query else []
            if not handed:
                scenery.play(platform, scene)
            return as_json({"made": {key: one.id for key, one in scene.made.items()}, "deliveries": handed})

        platform.doors["/stand-in/accounts"] = lambda request: as_json(scenery.accounts(platform, scene))
        platform.doors["/stand-in/begin"] = begin
        server = pages.serve(int(os.environ["GANZOHR_DEMO_META_PAGES"]), platform)
        told.wait()
        server.stop()


if __name__ == "__main__":
    main()
