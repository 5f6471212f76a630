"""Mail servers on loopback for proofs and tests: Postfix and Dovecot where they are installed, else small ones in
Python.

Everything lives in one temporary folder on free ports and is ended by process id.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ganzohr.proofs import mailstandin

DOVECOT, POSTFIX = "/usr/sbin/dovecot", "/usr/sbin/postfix"
GONE = "gone.test"  # takes every mail, and every one of them bounces
START_SECONDS = 15.0


@dataclass
class Servers:
    """Running servers. `name` says which; every mailbox is a Maildir below `folder`."""

    name: str
    folder: Path
    passwords: Mapping[str, str]
    imap_port: int
    smtp_port: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    standins: list[mailstandin.Stoppable] = field(default_factory=list)

    def settings(self, address: str) -> dict[str, Any]:
        """What a mail channel needs to know to use this mailbox."""
        return {
            "address": address,
            "from_name": "",
            "user": address,
            "auth": "password",
            "imap_host": "127.0.0.1",
            "imap_port": self.imap_port,
            "imap_security": "none",
            "smtp_host": "127.0.0.1",
            "smtp_port": self.smtp_port,
            "smtp_security": "none",
        }

    def secrets(self, address: str) -> dict[str, str]:
        """The password of a mailbox, as a channel keeps it."""
        return {"password": self.passwords[address]}

    def maildir(self, address: str) -> Path:
        """The Maildir of an address."""
        return maildir(self.folder, address)

    def inbox(self, address: str) -> list[bytes]:
        """Every mail in the mailbox as it was delivered, oldest first; plus addresses lie in it too."""
        paths = [path for name in ("new", "cur") for path in (self.maildir(address) / name).glob("*") if path.is_file()]
        return [path.read_bytes() for path in sorted(paths, key=lambda path: (path.stat().st_mtime_ns, path.name))]

    def post(self, sender: str, recipient: str, raw: bytes) -> None:
        """Hands a mail over as the outside world does."""
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=20) as smtp:
            smtp.sendmail(sender, [recipient], raw)

    def stop(self) -> None:
        """Ends everything that was started."""
        for standin in self.standins:
            standin.stop()
        _end_postfix(self.folder)
        for process in self.processes:
            _end(process)


@contextlib.contextmanager
def running(passwords: Mapping[str, str], folder: Path) -> Iterator[Servers]:
    """Mail servers with these mailboxes, until the end of the block."""
    servers = start(passwords, folder)
    try:
        yield servers
    finally:
        servers.stop()


def start(passwords: Mapping[str, str], folder: Path) -> Servers:
    """The real servers where they can run, else the ones in Python."""
    for address in passwords:
        _make_maildir(folder, address)
    return _start_real(passwords, folder) if real_ones() else _start_standins(passwords, folder)


def real_ones() -> bool:
    """Whether Postfix and Dovecot are here and may be started (Postfix only by root)."""
    return os.path.exists(DOVECOT) and os.path.exists(POSTFIX) and os.geteuid() == 0


def maildir(folder: Path, address: str) -> Path:
    """Where mail for an address lies."""
    local, _, domain = address.lower().rpartition("@")
    return folder / "mail" / domain / local


def free_port() -> int:
    """A port of loopback nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _make_maildir(folder: Path, address: str) -> None:
    for name in ("new", "cur", "tmp"):
        (maildir(folder, address) / name).mkdir(parents=True, exist_ok=True)


def _start_standins(passwords: Mapping[str, str], folder: Path) -> Servers:
    imap = mailstandin.ImapServer(passwords, lambda address: maildir(folder, address))
    smtp = mailstandin.SmtpServer(passwords, lambda address: maildir(folder, address), GONE)
    return Servers("Python stand-ins", folder, passwords, imap.port, smtp.port, standins=[imap, smtp])


def _start_real(passwords: Mapping[str, str], folder: Path) -> Servers:
    owner = pwd.getpwnam("nobody")
    folder.chmod(0o755)
    for path in [folder / "mail", *(folder / "mail").rglob("*")]:
        os.chown(path, owner.pw_uid, owner.pw_gid)
    servers = Servers("Postfix and Dovecot", folder, passwords, free_port(), free_port())
    try:
        servers.processes.append(_dovecot(servers, owner))
        servers.processes.append(_postfix(servers, owner))
        _wait_for(servers.imap_port, servers.processes[0], folder / "dovecot" / "log")
        _wait_for(servers.smtp_port, servers.processes[1], folder / "postfix" / "log")
    except BaseException:
        servers.stop()
        raise
    return servers


def _dovecot(servers: Servers, owner: pwd.struct_passwd) -> subprocess.Popen[bytes]:
    home = servers.folder / "dovecot"
    home.mkdir(exist_ok=True)
    users = [f"{address}:{{PLAIN}}{password}::::::" for address, password in servers.passwords.items()]
    (home / "users").write_text("\n".join(users) + "\n")
    (home / "users").chmod(0o644)
    (home / "dovecot.conf").write_text(
        DOVECOT_CONF.format(
            home=home, mail=servers.folder / "mail", port=servers.imap_port, uid=owner.pw_uid, gid=owner.pw_gid
        )
    )
    return subprocess.Popen(
        [DOVECOT, "-F", "-c", home / "dovecot.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _postfix(servers: Servers, owner: pwd.struct_passwd) -> subprocess.Popen[bytes]:
    home = servers.folder / "postfix"
    for name in ("conf", "queue", "data"):
        (home / name).mkdir(parents=True, exist_ok=True)
    shutil.chown(home / "data", "postfix")
    domains = sorted({address.rpartition("@")[2] for address in servers.passwords})
    boxes = [f"{a} {a.rpartition('@')[2]}/{a.rpartition('@')[0]}/" for a in servers.passwords]
    (home / "conf" / "boxes").write_text("\n".join(boxes) + "\n")
    (home / "conf" / "transport").write_text(
        f"{GONE} error:5.1.1 nobody lives here\n.{GONE} error:5.1.1 nobody lives here\n"
    )
    (home / "conf" / "taken").write_text(f"{GONE} OK\n.{GONE} OK\n")
    (home / "conf" / "main.cf").write_text(
        MAIN_CF.format(
            home=home,
            mail=servers.folder / "mail",
            uid=owner.pw_uid,
            gid=owner.pw_gid,
            domains=" ".join(domains),
            gone=GONE,
        )
    )
    (home / "conf" / "master.cf").write_text(MASTER_CF.format(port=servers.smtp_port))
    conf = str(home / "conf")
    subprocess.run([POSTFIX, "-c", conf, "check"], check=True, capture_output=True, timeout=30)
    return subprocess.Popen(
        [POSTFIX, "-c", conf, "start-fg"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    words = log.read_text(errors="replace")[-2000:] if log.exists() else "no log"
    raise RuntimeError(f"{process.args!r} did not start: {words}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Asks the server to end itself and its children; what is left of its group is ended by force."""
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(5)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(1)


def _end_postfix(folder: Path) -> None:
    """Postfix makes a session of its own; its master writes down its number."""
    noted = folder / "postfix" / "queue" / "pid" / "master.pid"
    with contextlib.suppress(FileNotFoundError, ValueError, ProcessLookupError):
        number = int(noted.read_text())
        os.kill(number, signal.SIGTERM)
        _until_gone(number)
        os.killpg(number, signal.SIGKILL)


def _until_gone(number: int) -> None:
    ends = time.monotonic() + 1
    while time.monotonic() < ends:
        os.kill(number, 0)
        time.sleep(0.05)


DOVECOT_CONF = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:{mail}/%d/%n
mail_fsync = never
maildir_very_dirty_syncs = no
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {home}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={mail}/%d/%n
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service auth {{
  unix_listener auth-postfix {{
    mode = 0666
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
  chroot =
}}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
}}
"""

MAIN_CF = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {home}/log
maillog_file_prefixes = {home}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = mx.ganzohr.test
mydestination =
alias_maps =
local_recipient_maps =
recipient_delimiter = +
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {mail}
virtual_mailbox_maps = texthash:{home}/conf/boxes
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_mailbox_limit = 0
message_size_limit = 41943040
relay_domains = {gone} .{gone}
transport_maps = texthash:{home}/conf/transport
smtpd_reject_unlisted_recipient = no
smtpd_recipient_restrictions = check_recipient_access texthash:{home}/conf/taken,
  reject_unlisted_recipient, permit_mynetworks, reject
smtpd_sasl_auth_enable = yes
smtpd_error_sleep_time = 0
smtpd_sasl_type = dovecot
smtpd_sasl_path = {home}/../dovecot/run/auth-postfix
smtputf8_enable = no
bounce_queue_lifetime = 1h
default_process_limit = 20
in_flow_delay = 0
"""

MASTER_CF = """
127.0.0.1:{port} inet n - n - - smtpd
postlog   unix-dgram n - n - 1 postlogd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
virtual   unix  - n n - - virtual
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
"""
