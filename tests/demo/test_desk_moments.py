"""The desk of the demonstration is the same whenever someone starts it: at each moment it is filled anew."""

from datetime import UTC, datetime

import pytest

from incidents.models import CareMoment, Incident, Reaction, Task
from tests.demo.conftest import filled
from tests.demo.test_desk import missing_states, of_the_desk
from vpdportal.accounts.models import Organisation
from vpdportal.audit.chain import verify

MOMENTS = (
    datetime(2026, 11, 30, 16, 50, tzinfo=UTC),  # a Monday, just after the terms of that day ended
    datetime(2026, 12, 4, 22, 30, tzinfo=UTC),  # a Friday night
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # the clocks go back half an hour later
    datetime(2026, 12, 31, 23, 30, tzinfo=UTC),  # a new year in Amsterdam, not yet elsewhere
)

pytestmark = pytest.mark.once  # as tests/demo/test_desk.py


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_nothing_is_missing_late_or_ahead_of_its_time(demo_mode: None, moment: datetime):
    with filled(reports=2, now=moment):
        assert missing_states() == []
        assert list(Task.objects.filter(incident__in=of_the_desk(), status="open", due_at__lt=moment)) == []
        assert list(CareMoment.objects.filter(status="held", planned_at__gt=moment)) == []
        assert Reaction.objects.get(status="active").ends_on > moment.date()
        assert not Incident.objects.filter(reported_at__gt=moment).exists()
        assert not Task.objects.filter(finished_at__gt=moment).exists()
        for organisation in Organisation.objects.all():
            assert verify(organisation.pk).is_whole
