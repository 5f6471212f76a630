"""A socket that somebody holds open for the web server: nobody is refused while it starts anew."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ganzohr.config import sockets

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60
SERVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
import django
django.setup()
from ganzohr.config import composite, hooks_alone, sockets, web
web.serve(composite.Composite(hooks_alone.well_or_nothing, {}, ()), sockets.handed_over())
"""


def started(held: socket.socket) -> subprocess.Popen[bytes]:
    """As systemd starts it: the socket is its descriptor 3, and it is told its own number."""
    told = os.environ | {"DJANGO_SETTINGS_MODULE": "ganzohr.config.settings", "PYTHONPATH": str(ROOT)}
    number = held.fileno()
    return subprocess.Popen([sys.executable, "-c", SERVER, str(number)], env=told, cwd=ROOT, pass_fds=[number])


def test_whoever_connects_while_no_process_runs_is_answered_once_one_does() -> None:
    held = sockets.bind("127.0.0.1", 0)
    where = ("127.0.0.1", sockets.port_of(held))
    early = socket.create_connection(where)
    early.sendall(b"GET /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    process = started(held)
    try:
        early.settimeout(PATIENCE)
        assert early.recv(100).startswith(b"HTTP/1.1 404")
    finally:
        early.close()
        process.terminate()
        process.wait(PATIENCE)
    socket.create_connection(where).close()  # its end closed its own hold only
    held.close()


def test_a_socket_that_was_meant_for_another_process_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTEN_PID", "1")
    monkeypatch.setenv("LISTEN_FDS", "1")
    assert sockets.handed_over() == []
