"""Where a web server listens: on a socket of its own, or on those systemd holds open for it.

A socket that systemd holds (`LISTEN_FDS`, see sd_listen_fds(3)) outlives the process: whoever connects while none runs
waits in the queue of the socket and is answered after the start.
"""

from __future__ import annotations

import os
import socket
import sys

FIRST = 3  # descriptors before it are input, output and errors
QUEUE = 1024  # connections that may wait to be taken


def bind(host: str, port: int) -> socket.socket:
    """A listening socket, or the end of the program in words."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(QUEUE)
    except OSError as error:
        print(f"Cannot listen on {host}:{port} ({error.strerror}). Choose another port with --port.", file=sys.stderr)
        raise SystemExit(2) from None
    listener.setblocking(False)
    return listener


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
