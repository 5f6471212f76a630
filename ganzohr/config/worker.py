"""The worker's loop: answers doorbells, runs rounds, keeps long readers alive."""

from __future__ import annotations

from procrastinate import App


def add_tasks(app: App) -> None:
    """Give Procrastinate the one task there is: answer a doorbell."""
    from ganzohr.core import jobs

    def doorbell(queue: str) -> None:
        jobs.answer(queue)

    app.task(name="doorbell")(doorbell)
