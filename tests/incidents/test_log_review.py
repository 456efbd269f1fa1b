"""The sample of each month: drawn by nobody, read and signed by the officer."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.urls import reverse

from incidents.actions.reminders.sweep import sweep
from incidents.models import Alarm, Exclusion, LogReview
from incidents.overview import log_sample
from incidents.overview.log_sample import review_due, sample, spread
from incidents.overview.periods import Period
from incidents.vocabulary import AlarmKind, PeriodKind
from tests import clock
from tests.world import Place, make_incident
from vpdportal.accounts.models import Organisation
from vpdportal.audit.chain import record
from vpdportal.audit.models import AuditEvent

HERE = ZoneInfo("Europe/Amsterdam")
OCTOBER = Period(PeriodKind.MONTH, 2026, 10)
FIRST_MONDAY = datetime(2026, 11, 2, 9, tzinfo=HERE)  # the first of November 2026 is a Sunday


def look(town: Place, day: int, person: Any, case: Any = None, action: str = "incident.viewed", hour: int = 9) -> int:
    return record(
        action=action,
        now=datetime(2026, 10, day, hour, tzinfo=HERE),
        actor_id=person.pk,
        organisation_id=town.organisation.pk,
        object_type="incident",
        object_id=case or uuid4(),
    ).position


@pytest.fixture
def october(town: Place) -> Place:
    """One adviser who looks at everything, another who looks twice, and what is always in it."""
    for number in range(100):
        look(town, 1 + number % 28, town.adviser)
    look(town, 3, town.deputy)
    look(town, 4, town.deputy)
    for action in ("incident.opened_in_need", "cases.exported", "rows.exported", "role.given", "role.agreed"):
        look(town, 5, town.manager, action=action)
    look(town, 31, town.adviser, action="incident.note_added", hour=23)
    return town


def test_the_sample_is_spread_over_people_and_holds_what_matters_most(october: Place):
    drawn = AuditEvent.objects.filter(
        organisation_id=october.organisation.pk, position__in=sample(october.organisation, OCTOBER)
    )
    views = drawn.filter(action="incident.viewed")
    assert views.count() == 20
    assert views.filter(actor_id=october.deputy.pk).count() == 2
    assert set(drawn.exclude(action="incident.viewed").values_list("action", flat=True)) == {
        "incident.opened_in_need", "cases.exported", "rows.exported", "role.given", "role.agreed",
    }  # fmt: skip


def test_the_same_log_gives_the_same_sample_and_another_seal_another_one(october: Place):
    assert sample(october.organisation, OCTOBER) == sample(october.organisation, OCTOBER)
    views = [(number, uuid4()) for number in range(100)]
    assert spread(views, "a" * 64) == spread(reversed(views), "a" * 64)
    assert spread(views, "a" * 64) != spread(views, "b" * 64)
    assert len(spread(views, "a" * 64)) == 20 and spread([], "a" * 64) == []


def test_a_day_with_very_many_cases_is_marked_and_forty_is_not(
    october: Place, as_user: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(log_sample, "ALWAYS", ())
    first = look(october, 30, october.manager, hour=8)
    for _number in range(39):
        look(october, 30, october.manager)
    assert not log_sample.busy_days(log_sample.events_of(october.organisation, OCTOBER))
    look(october, 30, october.manager)
    ((day, actor, cases, position),) = log_sample.busy_days(log_sample.events_of(october.organisation, OCTOBER))
    assert (day.day, actor, cases, position) == (30, october.manager.pk, 41, first)
    assert first in sample(october.organisation, OCTOBER)
    clock.set_to(FIRST_MONDAY)
    review_due(now=clock.now())
    client = as_user(october.auditor)
    client.cookies["vpd_language"] = "en"
    review = LogReview.objects.get()
    text = client.get(reverse("log_review", args=[october.organisation.slug, review.pk])).content.decode()
    assert "more than 40 different cases" in text and "41 cases" in text


def test_it_is_drawn_once_on_the_first_working_day_and_the_officer_hears_of_it(october: Place):
    assert review_due(now=FIRST_MONDAY - timedelta(days=1)) == 0  # a Sunday
    assert review_due(now=FIRST_MONDAY) == 1
    assert review_due(now=FIRST_MONDAY) == 0 and review_due(now=FIRST_MONDAY + timedelta(days=3)) == 0
    review = LogReview.objects.get()
    assert (review.year, review.month) == (2026, 10) and len(review.positions) == 25
    told = Alarm.objects.filter(kind=AlarmKind.LOG_REVIEW)
    assert [one.recipient for one in told] == [october.auditor]
    mail.outbox.clear()
    clock.set_to(FIRST_MONDAY + timedelta(hours=1))
    sweep(now=clock.now())
    bodies = [str(one.body) for one in mail.outbox if one.to == [october.auditor.email]]
    assert any(f"/logboek/{october.organisation.slug}/steekproef/" in body for body in bodies)
    assert AuditEvent.objects.filter(action="audit.sampled", object_id=review.pk).count() == 1


def test_an_unsigned_sample_is_told_again_after_fourteen_days_and_a_signed_one_is_not(
    october: Place, as_user: Any, monkeypatch: pytest.MonkeyPatch
):
    review_due(now=FIRST_MONDAY)
    told = Alarm.objects.filter(kind=AlarmKind.LOG_REVIEW)
    for days, number in ((13, 1), (14, 2), (15, 2), (27, 2), (28, 3)):
        review_due(now=FIRST_MONDAY + timedelta(days=days))
        assert told.count() == number, days
    sign(october, as_user(october.auditor))
    monkeypatch.setattr(log_sample, "_months_due", lambda *_args: ())
    review_due(now=FIRST_MONDAY + timedelta(days=60))
    assert told.count() == 3


def address_of(town: Place) -> str:
    return reverse("log_review", args=[town.organisation.slug, LogReview.objects.order_by("year", "month")[0].pk])


def sign(town: Place, client: Any, remark: str = "Niets vreemds gezien.") -> Any:
    client.cookies["vpd_language"] = "en"
    return client.post(address_of(town), {"remark": remark})


def test_the_officer_reads_and_signs_once(october: Place, as_user: Any):
    review_due(now=FIRST_MONDAY)
    client = as_user(october.auditor)
    assert client.get(address_of(october)).status_code == 200
    assert AuditEvent.objects.filter(action="audit.review_viewed", actor_id=october.auditor.pk).count() == 1
    assert sign(october, client, "").status_code == 400
    assert sign(october, client).status_code == 302
    again = sign(october, client, "Toch wel iets.")
    assert again.status_code == 409 and "Toch wel iets." in again.content.decode()
    review = LogReview.objects.get()
    assert review.signed_by == october.auditor and review.remark == "Niets vreemds gezien."
    signed = AuditEvent.objects.get(action="audit.reviewed")
    assert signed.fields == ["2026-10"]


def test_what_was_typed_is_not_lost_when_the_session_ended(october: Place, client: Any):
    review_due(now=FIRST_MONDAY)
    answer = sign(october, client, "Nog net getypt.")
    assert "Nog net getypt." in answer.content.decode() and LogReview.objects.get().signed_at is None


def test_only_the_officer_of_this_organisation(october: Place, other_town: Place, as_user: Any, client: Any):
    review_due(now=FIRST_MONDAY)
    listed = reverse("log_reviews", args=[october.organisation.slug])
    assert client.get(listed).status_code == 302
    for person, status in (
        (october.auditor, 200), (october.adviser, 403), (october.administrator, 403), (other_town.auditor, 404),
    ):  # fmt: skip
        browser = as_user(person)
        assert browser.get(listed).status_code == status
        assert browser.get(address_of(october)).status_code == status
        if status != 200:
            assert sign(october, browser).status_code == status
    assert LogReview.objects.get().signed_at is None


def test_an_officer_who_is_kept_out_of_a_case_does_not_meet_it_in_the_sample(october: Place, as_user: Any):
    clock.set_to(datetime(2026, 10, 20, 9, tzinfo=HERE))
    incident = make_incident(october)
    look(october, 29, october.legal, incident.pk)
    review_due(now=FIRST_MONDAY)
    client = as_user(october.auditor)
    assert incident.reference in client.get(address_of(october)).content.decode()
    Exclusion.objects.create(
        organisation=october.organisation, incident=incident, user=october.auditor, by=october.adviser, at=clock.now()
    )
    assert incident.reference not in client.get(address_of(october)).content.decode()


def test_the_pages_ask_the_same_however_much_stands_on_them(
    october: Place, as_user: Any, django_assert_num_queries: Any
):
    review_due(now=FIRST_MONDAY)
    client = as_user(october.auditor)
    review, events = LogReview.objects.get(), list(range(1, 100))
    for number in (1, 3):
        LogReview.objects.filter(pk=review.pk).update(positions=events[:number])
        with django_assert_num_queries(12):
            client.get(address_of(october))
    with django_assert_num_queries(6):
        client.get(reverse("log_reviews", args=[october.organisation.slug]))


def test_no_month_without_events_and_a_machine_that_stood_still_catches_up(town: Place):
    assert review_due(now=datetime(2026, 10, 1, 9, tzinfo=HERE)) == 0
    look(town, 2, town.adviser)
    assert review_due(now=FIRST_MONDAY) == 1
    look(town, 2, town.adviser)
    assert Organisation.objects.count() == 1
    record(
        action="incident.viewed", now=datetime(2026, 12, 5, 9, tzinfo=HERE), actor_id=town.adviser.pk,
        organisation_id=town.organisation.pk, object_type="incident", object_id=uuid4(),
    )  # fmt: skip
    review_due(now=datetime(2027, 1, 8, 9, tzinfo=HERE))
    months = set(LogReview.objects.values_list("year", "month"))
    assert (2026, 12) in months and (2026, 10) in months
