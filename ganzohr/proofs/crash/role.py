"""`python -m ganzohr.proofs.crash.role web|worker`: the desk's own role, with claims and leases that run out sooner."""

from __future__ import annotations

import sys

from ganzohr.config import web, worker_process
from ganzohr.proofs.crash.haste import make_haste

if __name__ == "__main__":
    make_haste()
    sys.exit({"web": web.main, "worker": worker_process.main}[sys.argv[1]](sys.argv[2:]))
