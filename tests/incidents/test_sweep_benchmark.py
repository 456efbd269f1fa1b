"""The benchmark of the sweep does what it says it measures; how fast it is, is not asked here."""

import subprocess
from typing import Any

import pytest
from django.db import connection

from benchmarks.sweep import claim_all, plan_again, speeds, sweep_all
from benchmarks.sweep_pages import Pages
from benchmarks.sweep_rows import NOW, make_rows
from incidents.models import Mail, Notice, Task
from incidents.vocabulary import MailStatus, NoticeStep
from tests.conftest import need


@pytest.fixture
def rows(db: None) -> None:
    make_rows(notices=30, people=12)


def test_each_person_has_as_many_reminders(rows: None):
    owners = list(Task.objects.values_list("assignee", flat=True))
    assert len(owners) == Notice.objects.filter(step=NoticeStep.OVERDUE, send_at__lt=NOW).count() == 30
    assert len(set(owners)) == 12 and {owners.count(one) for one in owners} <= {2, 3, 4}


def test_a_sweep_leaves_nothing_and_asks_little(rows: None):
    found = sweep_all()
    assert found["rows"] == 30 and found["mails"] == 12 == Mail.objects.filter(status=MailStatus.SENT).count()
    assert found["memory"] > 0 and found["seconds"] > 0
    assert found["statements"] < 12 * 6 + 60, "some for each round, and few for each mail"
    assert plan_again()["rows"] == 30


@pytest.mark.services
def test_the_claim_takes_each_row_once(rows: None):
    if connection.vendor != "postgresql":  # SKIP LOCKED
        need("", "services")
    assert claim_all()["rows"] == 30 and not Notice.objects.filter(mail=None).exists()


def test_speeds_are_shown_beside_the_claim():
    found: Any = {
        "claim": [{"rows": 100, "seconds": 1, "statements": 1}],
        "sweep": [{"rows": 100, "seconds": second, "statements": 5} for second in (4, 5, 10)],
    }
    claim, sweep = list(speeds(found))[1:]
    assert "1 : 1.0" in claim and "1 : 5.0" in sweep and "10 – 25" in sweep and "0.0500" in sweep


@pytest.mark.django_db(transaction=True)
def test_the_first_adviser_is_signed_in_and_pages_are_timed(live_server: Any, settings: Any):
    settings.ALLOWED_HOSTS = ["*"]
    make_rows(notices=8, people=2)
    seen, port = Pages(), int(live_server.url.rpartition(":")[2])
    seen.measure(port, 4, process=None)
    with subprocess.Popen(["sleep", "6"], text=True) as process:  # long enough for each page, also on a busy machine
        seen.measure(port, 6, process)
    text = "\n".join(seen.lines())
    assert "work_list" in text and "my_tasks" in text and ("kept" in text or "MISSED" in text)
