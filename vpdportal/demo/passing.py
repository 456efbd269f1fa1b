"""Time that passes in the demonstration, with what the machine room does meanwhile."""

from datetime import timedelta

from incidents.actions.reminders.sweep import sweep
from incidents.tasks import fix_overviews, tidy
from vpdportal import clock
from vpdportal.demo.clock import move_clock
from vpdportal.tenancy import everywhere

HOUR = timedelta(hours=1)
ROUNDS = 96  # at most, so that a leap of weeks is no long wait


def let_pass(span: timedelta) -> None:
    """Move the clock on in steps of an hour (of more, over more than four days), with a round of reminders at each.

    So the mailbox afterwards holds what would have gone out at its own moment, and not one mail of everything. Raises
    ValueError for a step back.
    """
    step = max(HOUR, span / ROUNDS)
    left = span
    with everywhere():  # the machine's work, in the request of who moves the clock
        while left > timedelta():
            move_clock(min(step, left))
            left -= step
            sweep(now=clock.now())
        if span >= timedelta(days=1):
            tidy()
            fix_overviews()
