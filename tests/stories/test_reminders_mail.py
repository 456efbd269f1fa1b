"""A mail server that fails in every way in the middle of hundreds of reminders: it delays them, and loses none."""

from datetime import timedelta

import pytest

from incidents.models import Mail
from tests.smtp import MailServer, Mode
from tests.stories.machine import Machine, wait_for
from tests.stories.reminders import Figures, Reminders
from vpdportal.accounts.models import User

pytestmark = pytest.mark.services
PAUSE = timedelta(minutes=16)  # longer than the longest pause after trouble with the server
TROUBLED = 20  # addresses, where the trouble is about some
DUTY = "adviser@storm.invalid"
ADMINISTRATOR = "administrator@storm.invalid"
OF_SERVER = [Mode.HANGS, Mode.REFUSES, Mode.BUSY, Mode.NO_SENDERS, Mode.DATA_LATER, Mode.DROPS, Mode.DROPS_ACCEPTED]


def refused() -> set[str]:
    """The addresses that are taken to be wrong."""
    return set(User.objects.filter(mail_refused_at__isnull=False).values_list("email", flat=True))


@pytest.mark.parametrize("mode", OF_SERVER)
def test_a_mail_server_that_fails_delays(
    machine: Machine, reminders: Reminders, post: MailServer, figures: Figures, mode: Mode
):
    if mode == Mode.HANGS:
        machine.environment["EMAIL_TIMEOUT"] = "1"  # seconds, so that there is not much to wait for
    machine.start_worker(1)
    machine.start_beat()
    reminders.fall_due()
    reminders.wait_until_at_work()
    post.behave(mode)
    wait_for(lambda: post.troubled[mode] > 1, f"the worker met a mail server that {mode}")
    waiting = len(reminders.waiting())
    post.behave(Mode.OK)
    reminders.wait_until_sent(machine, PAUSE)
    assert waiting, "the trouble came in the middle"
    reminders.judge(figures, excused=post.unanswered)
    assert not refused(), "the server is nobody's address"
    assert not Mail.objects.filter(status="failed").exists()


@pytest.mark.parametrize("mode", [Mode.LATER, Mode.DATA_NO])
def test_trouble_with_some_keeps_no_other_from_their_mail(
    machine: Machine, reminders: Reminders, post: MailServer, figures: Figures, mode: Mode
):
    reminders.fall_due()
    troubled = set(sorted(reminders.due)[:: len(reminders.due) // TROUBLED])
    post.behave(mode, only=troubled)
    machine.start_worker(1)
    machine.start_beat()
    others = reminders.due.keys() - troubled
    wait_for(lambda: others <= post.reached() and post.troubled[mode] >= len(troubled), "the others have theirs")
    assert not troubled & post.reached()
    post.behave(Mode.OK)
    reminders.wait_until_sent(machine, PAUSE)
    reminders.judge(figures)
    assert not refused()


def test_what_an_unknown_address_does_not_get_goes_to_who_is_on_duty(
    machine: Machine, reminders: Reminders, post: MailServer, figures: Figures
):
    reminders.fall_due()
    unknown = set(sorted(reminders.due)[:: len(reminders.due) // TROUBLED])
    post.behave(Mode.UNKNOWN, only=unknown)
    machine.start_worker(1)
    machine.start_beat()
    others = reminders.due.keys() - unknown
    wait_for(lambda: others <= post.reached() and refused() == unknown, "the others have theirs")
    reminders.time.move(hours=23)  # what can wait comes with the mail of the next morning
    reminders.wait_until_sent(machine)
    reminders.judge(figures)
    assert {DUTY, ADMINISTRATOR} <= post.reached()
    assert not unknown & post.reached()
