"""One round of the reminders: plan what became late, bundle what is due, send what waits."""

import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta

from incidents.actions.reminders.alarms import raise_alarms
from incidents.actions.reminders.bundling import bundle
from incidents.actions.reminders.delivery import Tally, deliver
from incidents.actions.reminders.overdue import plan_overdue
from incidents.actions.reminders.watch import Watch
from incidents.models import Heartbeat
from incidents.vocabulary import Beat

log = logging.getLogger(__name__)

BUDGET = timedelta(seconds=45)  # a round begins each minute, and a worker that has to stop waits for the one it does


def sweep(*, now: datetime) -> Tally:
    """Safe to run at any time, any number at once, and to be killed at any line.

    A part that breaks does not keep the others from their work, but the round does not count: then the work list and
    `/-/ready` say that the clock stands still. Raises the first thing that broke.
    """
    watch, tally, broken = Watch(now), Tally(), []

    def try_to(do: Callable[[], object]) -> None:
        try:
            do()
        except Exception as error:
            log.exception("a part of the round of reminders broke")
            broken.append(error)

    def plan() -> None:
        tally.planned = plan_overdue(now=now)

    def make_mails() -> None:
        tally.bundled = bundle(now=now, may_go_on=lambda: watch.elapsed < BUDGET / 2)

    for part in (plan, lambda: raise_alarms(now=now), make_mails):
        try_to(part)
    try_to(lambda: deliver(watch=watch, until=BUDGET, tally=tally))
    if broken:
        raise broken[0]
    Heartbeat.objects.update_or_create(name=Beat.SWEEP, defaults={"at": watch.now, "counts": asdict(tally)})
    return tally
