"""A row that cannot be judged, such as one of a newer version: only what its reader would hear waits for it."""

from datetime import timedelta

import pytest
from django.core import mail

from incidents.actions.reminders.sweep import sweep
from incidents.models import Alarm, Heartbeat, Mail
from incidents.vocabulary import AlarmKind, MailStatus
from tests import clock
from tests.world import Place, make_incident

UNKNOWN = "of_a_newer_version"


def alarm_for(town: Place) -> Alarm:
    """It has waited longer than all else, so it comes first each time."""
    now = clock.now()
    return Alarm.objects.create(
        organisation=town.organisation, kind=AlarmKind.NO_ADVISER, day=now.date(), recipient=town.administrator,
        send_at=now - timedelta(hours=5),
    )  # fmt: skip


@pytest.mark.parametrize("is_broken", [False, True])
def test_before_it_is_in_a_mail(town: Place, is_broken: bool):
    make_incident(town)
    alarm = alarm_for(town)
    if is_broken:
        Alarm.objects.filter(pk=alarm.pk).update(kind=UNKNOWN)
        with pytest.raises(ValueError, match=UNKNOWN):
            sweep(now=clock.now())
    else:
        sweep(now=clock.now())
    others = [one for one in mail.outbox if town.administrator.email not in one.to]
    assert {one.to[0] for one in others} >= {town.adviser.email}
    assert Heartbeat.objects.filter(name="sweep").exists() is not is_broken, "a round with a break does not count"
    if is_broken:
        Alarm.objects.filter(pk=alarm.pk).update(kind=AlarmKind.NO_ADVISER)
        before = len(mail.outbox)
        sweep(now=clock.now())
        assert len(mail.outbox) <= before + 1, "nobody hears it twice"


def test_when_it_is_in_a_mail(town: Place):
    make_incident(town)
    alarm = alarm_for(town)
    waiting = Mail.objects.create(recipient=town.administrator, kind="at_once", day=clock.now().date(),
                                  created_at=clock.now(), next_attempt_at=clock.now() - timedelta(hours=1))  # fmt: skip
    Alarm.objects.filter(pk=alarm.pk).update(kind=UNKNOWN, mail=waiting)
    sweep(now=clock.now())
    assert town.adviser.email in {one.to[0] for one in mail.outbox}
    waiting.refresh_from_db()
    assert waiting.status == MailStatus.FAILED, "the machine room shows it, and can send it again"
    assert not Mail.objects.filter(status=MailStatus.CANCELLED).exists()
