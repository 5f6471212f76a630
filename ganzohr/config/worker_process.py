"""`./run worker`: one worker process, niced below web."""

from __future__ import annotations

import asyncio
import logging
import os
import signal

NICENESS = 10


def main(_arguments: list[str]) -> int:
    """Work until SIGINT or SIGTERM. A call into a network that hangs does not hold the end up."""
    if os.nice(0) == 0:
        os.nice(NICENESS)
    os.environ.setdefault("GANZOHR_DATABASE_POOL", "24")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ganzohr.config.settings")
    import django

    django.setup()
    from ganzohr.channels import stuck
    from ganzohr.config import migrating

    stuck.arm()  # first: what is erased again after a restore reads deliveries
    migrating.ensure()
    asyncio.run(_until_told())
    logging.shutdown()
    os._exit(0)


async def _until_told() -> None:
    from ganzohr.config import wiring, worker

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await worker.work(stop, wiring.KEEPERS)
