"""`./run demo`: a desk with a believable employer in a temporary folder, and a stage around it to play on.

Ends within three seconds on SIGINT or SIGTERM and leaves nothing behind. Imports no Django, to be quick.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ganzohr.config import postgres, processes
from ganzohr.config.supervisor import Child, Desk, Ending, end_on_signals


class Demo(Desk):
    """The desk, its sample, and beside it the career site, the mailboxes and a platform with its page and phones."""

    def __init__(self, port: int, server: postgres.Server) -> None:
        super().__init__(port, server)
        python = [sys.executable, "-m"]
        self.building: subprocess.Popen[bytes] | None = None
        self.build_command = [*python, "ganzohr.proofs.sample.build"]
        self.stage = Child("stage", [*python, "ganzohr.proofs.stage"])
        self.platform = Child("platform", [*python, "ganzohr.proofs.meta"])
        self.children[:0] = [self.stage, self.platform]

    def prepare(self) -> None:
        """Database and sample, before anything else runs."""
        assert self.server
        self.stage.start()
        self.platform.start()
        self.database = self.server.start(output=self.diary)
        for name in ("GANZOHR_DEMO_SMTP", "GANZOHR_DEMO_META"):
            wait_for_port(int(os.environ[name]))
        self.building = processes.start(self.build_command)
        if code := self.building.wait():
            raise SystemExit(code)

    def say_ready(self) -> None:
        """What `./run` says, and where to look."""
        super().say_ready()
        say_hello(int(os.environ["GANZOHR_DEMO_META"]))
        print((self.server.home / "demo.txt").read_text(), flush=True) if self.server else None

    def end(self) -> None:
        """As the desk, but nothing here is kept, so nobody who might take long is asked politely."""
        if self.building and self.building.poll() is None:
            self.building.kill()
            self.building.wait()
        for child in self.children:
            if child.name in {"web", "worker"} and child.process:
                child.process.kill()
        super().end()


def say_hello(port: int) -> None:
    """Let the platform ask for our hook addresses, as it does when they are saved in the app's settings."""
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.suppress(OSError, http.client.HTTPException):  # the desk is well without it
        asking.request("POST", "/stand-in/hello")
        asking.getresponse().read()
    asking.close()


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether we could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait_for_port(port: int, patience: float = 30.0) -> None:
    """Return once somebody listens there; `TimeoutError` if nobody does."""
    until = time.monotonic() + patience
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise TimeoutError(f"nobody listens on {port}") from None
            time.sleep(0.05)
        else:
            return


def environment(folder: Path, port: int) -> dict[str, str]:
    """What the demo's processes are told; nothing of a real desk's settings gets in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GANZOHR_")}
    kept.pop("DATABASE_URL", None)
    site, room, pages = (near if is_free(near) else free_port() for near in range(port + 1, port + 4))
    return kept | {
        "GANZOHR_HOME": str(folder / "desk"),
        "GANZOHR_DEMO": "1",
        "DJANGO_SETTINGS_MODULE": "ganzohr.config.settings",
        "GANZOHR_PORT": str(port),
        "GANZOHR_URL": f"http://127.0.0.1:{port}",
        "GANZOHR_EMPLOYER": "Kliniken Auental",
        "GANZOHR_MAIL_URL": "",
        "GANZOHR_DEMO_SITE": str(site),
        "GANZOHR_DEMO_MAILROOM": str(room),
        "GANZOHR_DEMO_SMTP": str(free_port()),
        "GANZOHR_DEMO_IMAP": str(free_port()),
        "GANZOHR_DEMO_MAILS": str(folder / "mails"),
        "GANZOHR_DEMO_META": str(free_port()),
        "GANZOHR_DEMO_META_PAGES": str(pages),
        "GANZOHR_DEMO_META_KEY": "sample-app",
    }


def main(arguments: list[str]) -> int:
    """Build, run until told to end, remove everything."""
    parser = argparse.ArgumentParser(prog="./run demo")
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args(arguments).port or free_port()
    if not is_free(port):
        print(f"Port {port} is taken. Choose another one: ./run demo --port {free_port()}", file=sys.stderr)
        return 2
    folder = Path(tempfile.mkdtemp(prefix="ganzohr-demo-"))
    folder.chmod(0o711)
    told = environment(folder, port)
    os.environ.clear()
    os.environ.update(told)
    (folder / "mails").mkdir()
    (folder / "desk").mkdir(mode=0o711)
    (folder / "desk").chmod(0o711)
    end_on_signals()
    demo = Demo(port, postgres.Server(folder / "desk", quick=True))
    try:
        demo.prepare()
        demo.run()
    except Ending:
        return 0
    except postgres.CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        demo.end()
        shutil.rmtree(folder, ignore_errors=True)
    return 0
