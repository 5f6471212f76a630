"""The files an administrator copies: they parse, start what exists, and give away no more than needed."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

from ganzohr.config import supervisor, web

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))


def unit(file: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(file.read_text())
    return parser


def test_there_is_a_unit_for_each_role() -> None:
    starts = {file.name: unit(file)["Service"]["ExecStart"].split(" -m ganzohr ")[1].split() for file in UNITS}
    assert set(starts) == {"ganzohr-web.service", "ganzohr-hooks.service", "ganzohr-worker@.service"}
    assert starts["ganzohr-worker@.service"] == ["worker"]
    assert web.options(starts["ganzohr-web.service"][1:]).hooks is False
    assert web.options(starts["ganzohr-hooks.service"][1:]).hooks is True


@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.name)
def test_a_unit_may_write_its_data_only_and_is_ended_in_time(file: Path) -> None:
    service = unit(file)["Service"]
    assert (service["User"], service["ProtectSystem"], service["ReadWritePaths"]) == (
        "ganzohr",
        "strict",
        "/var/lib/ganzohr",
    )
    assert int(service["TimeoutStopSec"]) > web.GRACE + 1
    if program := shutil.which("systemd-analyze"):
        said = subprocess.run([program, "verify", str(file)], capture_output=True, text=True, check=False).stderr
        complaints = [line for line in said.splitlines() if "is not executable" not in line and file.name in line]
        assert complaints == []


@pytest.mark.parametrize("name", ["ganzohr-web", "ganzohr-hooks"])
def test_the_port_of_what_serves_is_held_open_by_a_unit_of_its_own(name: str) -> None:
    service, held = unit(DEPLOY / f"{name}.service"), unit(DEPLOY / f"{name}.socket")
    chosen = web.options(service["Service"]["ExecStart"].split(" -m ganzohr web")[1].split())
    assert held["Socket"]["ListenStream"] == f"{chosen.host}:{chosen.port}"
    assert service["Unit"]["Requires"] == f"{name}.socket" and f"{name}.socket" in service["Unit"]["After"]


def test_one_command_starts_the_intake_apart_where_a_port_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GANZOHR_HOOKS_PORT", raising=False)
    assert [child.name for child in supervisor.Desk(8000, None).children] == ["web", "worker"]
    monkeypatch.setenv("GANZOHR_HOOKS_PORT", "8001")
    name, command = [(child.name, child.command[-4:]) for child in supervisor.Desk(8000, None).children][-1]
    assert (name, command) == ("intake", ["web", "--hooks", "--port", "8001"])


def test_the_image_runs_as_nobody_in_particular_on_hashed_pins_and_tells_its_health() -> None:
    lines = (DEPLOY / "Containerfile").read_text()
    assert all(words in lines for words in ("USER 10001", "--require-hashes", "HEALTHCHECK", "STOPSIGNAL SIGTERM"))
