"""Rounds that keep the engine of background work itself in order."""

from __future__ import annotations

from asgiref.sync import async_to_sync
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from procrastinate.manager import JobManager

DEAD_AFTER = 30


def tidy_jobs() -> int:
    """Give bells of dead workers another try and forget heard ones; how many there were."""
    from procrastinate.contrib.django import app

    return async_to_sync(_tidy)(app.job_manager)


async def _tidy(manager: JobManager) -> int:
    await manager.prune_stalled_workers(DEAD_AFTER)
    stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER))
    for job in stalled:
        try:
            await manager.retry_job(job)
        except ConnectorException:  # somebody rang meanwhile: that bell does for both
            await manager.finish_job(job, status=Status.FAILED, delete_job=True)
    await manager.delete_old_jobs(nb_hours=1, include_failed=True, include_cancelled=True, include_aborted=True)
    return len(stalled)
