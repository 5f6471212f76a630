"""Where a web server listens: on a socket of its own, or on those systemd holds open for it.

A socket that systemd holds (`LISTEN_FDS`, see sd_listen_fds(3)) outlives the process: whoever connects while none runs
waits in the queue of the socket and is answered after the start.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
import time

FIRST = 3  # descriptors before it are input, output and errors
QUEUE = 1024  # connections that may wait to be taken


def bind(host: str, port: int, patience: float = 0.0) -> socket.socket:
    """A listening socket, or the end of the program in words once nobody has freed it for so many seconds."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        _bind(listener, host, port, time.monotonic() + patience)
        listener.listen(QUEUE)
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no such port"
        print(f"Cannot listen on {host}:{port} ({reason}). Choose another port with --port.", file=sys.stderr)
        raise SystemExit(2) from None
    listener.setblocking(False)
    return listener


def _bind(listener: socket.socket, host: str, port: int, until: float) -> None:
    while True:
        try:
            return listener.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > until:
                raise
            time.sleep(0.05)


def handed_over() -> list[socket.socket]:
    """What systemd listens on for this very process; nothing where it was started in another way."""
    if os.environ.pop("LISTEN_PID", "") != str(os.getpid()):
        return []
    count = int(os.environ.pop("LISTEN_FDS", "0"))
    listeners = [socket.socket(fileno=number) for number in range(FIRST, FIRST + count)]
    for listener in listeners:
        listener.setblocking(False)
        listener.set_inheritable(False)
    return listeners


def port_of(listener: socket.socket) -> int:
    """Where it can be reached."""
    return int(listener.getsockname()[1])
