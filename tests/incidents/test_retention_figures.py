"""Exact figures and the audit log go by their own terms, and what proves or shows them stays as it was (T36)."""

import json
import re
from datetime import date, datetime
from importlib import import_module
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import translation

from incidents.actions.keeping.destroying import destroy_due
from incidents.actions.keeping.figures import destroy_figures, figures_due
from incidents.actions.keeping.old_log import destroy_log, log_due
from incidents.actions.keeping.stays import keep_longer, lift_stay
from incidents.actions.keeping.terms import TooShort, agree_term, choose_term
from incidents.actions.trail import record_view
from incidents.models import Correction, Destruction, Incident, LogReview, Release, RetentionTerm, TimelineEntry
from incidents.overview.archive import read, read_exactly
from incidents.overview.corrections import period_of
from incidents.overview.overview_document import notes_of
from incidents.vocabulary import KeptPart, StayKind
from tests import clock
from tests.incidents.kept import agree_terms, close, full_case
from tests.incidents.overviews import PERIOD, fixed_months, grown
from tests.world import Place, make_incident, make_place
from vpdportal.audit.chain import record, verify
from vpdportal.audit.models import AuditEvent
from vpdportal.encryption import seal

FIGURES, LOG = KeptPart.EXACT_FIGURES, KeptPart.AUDIT


def on(year: int, month: int, day: int, hour: int = 9) -> datetime:
    return clock.set_to(clock.START.replace(year=year, month=month, day=day, hour=hour))


@pytest.fixture
def fixed(town: Place) -> Place:
    """September 2025 up to October 2026 with their quarters and the year 2025; the last month was found otherwise
    twice, and a figure of it that was found as it was again."""
    grown(town)
    fixed_months(town)
    last = Release.objects.get(organisation=town.organisation, kind="month", year=2026, number=10)
    for figure, number, is_as_fixed in (("reports", 47, False), ("severe", 3, True)):
        correct(last, figure, number, is_as_fixed)
    return town


def correct(release: Release, figure: str, number: int, is_as_fixed: bool) -> None:
    row = Correction(
        organisation=release.organisation, release=release, figure=figure, found_at=clock.now(), reasons=["joined"],
        shown=json.dumps([number, number, number]), is_as_fixed=is_as_fixed,
    )  # fmt: skip
    row.sealed_exact = json.dumps(number)
    row.save(force_insert=True)


def kept() -> set[str]:
    rows = Release.objects.filter(sealed_exact__isnull=False)
    return {period_of(row).code for row in rows}


def all_but_exact() -> list[Any]:
    """Every column of what was fixed, but the exact figures."""
    found = []
    for model in (Release, Correction):
        names = [one.attname for one in model._meta.concrete_fields if one.attname != "sealed_exact"]
        found += list(model.objects.order_by("pk").values_list(*names))
    return found


class TestFigures:
    def test_each_period_goes_by_its_own_end(self, fixed: Place):
        agree_terms(fixed)
        before = kept()
        for day, gone in (
            ((2032, 9, 29), set()),
            ((2032, 9, 30), {"2025-09", "2025-k3"}),
            ((2032, 10, 30), {"2025-09", "2025-k3"}),
            ((2032, 10, 31), {"2025-09", "2025-k3", "2025-10"}),
            ((2032, 12, 31), {"2025-09", "2025-k3", "2025-10", "2025-11", "2025-12", "2025-k4", "2025"}),
        ):
            moment = on(*day)
            due = [one.release for one in figures_due(fixed.organisation, date(*day))]
            wanted = {period_of(row).code for row in Release.objects.filter(pk__in=due)}
            had = kept()
            destroy_due(now=moment)
            assert before - kept() == gone, day
            assert had - kept() == wanted, day
        rows = all_but_exact()
        destroy_due(now=on(2040, 1, 1))
        assert kept() == set() and all_but_exact() == rows
        assert not Correction.objects.filter(sealed_exact__isnull=False).exists()
        assert destroy_figures(organisation=fixed.organisation, now=clock.now()) == 0

    def test_the_certificate_and_the_log_tell_of_it(self, fixed: Place):
        agree_terms(fixed)
        destroy_due(now=on(2040, 1, 1))
        made = Destruction.objects.get()
        assert made.counts["Release"] == Release.objects.count() and made.counts["Correction"] == 2
        assert made.terms["exact_figures"] == 84 and made.digest
        events = AuditEvent.objects.filter(action="retention.figures_destroyed")
        assert {event.object_id for event in events} == {row.pk for row in Release.objects.all()}
        assert "month 2026-10" in {event.fields[0] for event in events}

    def test_the_last_day_is_that_of_the_period(self, fixed: Place):
        rows = Release.objects.all()
        assert len(rows) > 15 and all(row.last_day == period_of(row).last_day for row in rows)

    def test_nothing_goes_without_a_term_or_before_the_least(self, fixed: Place):
        destroy_due(now=on(2040, 1, 1))
        assert len(kept()) == Release.objects.count() and not Destruction.objects.exists()
        clock.set_to(clock.START)
        agree_terms(fixed, exact_figures=12)  # from before there was a least
        destroy_due(now=on(2029, 9, 29))
        assert len(kept()) == Release.objects.count()
        destroy_due(now=on(2029, 9, 30))
        assert len(kept()) == Release.objects.count() - 2

    def test_another_organisation_keeps_its_own(self, fixed: Place, other_town: Place):
        grown(other_town)
        fixed_months(other_town, months=1)
        agree_terms(fixed)
        destroy_due(now=on(2040, 1, 1))
        assert not Release.objects.filter(organisation=fixed.organisation, sealed_exact__isnull=False).exists()
        assert Release.objects.filter(organisation=other_town.organisation, sealed_exact__isnull=False).count() == 1

    def test_management_sees_the_same_byte_for_byte(self, fixed: Place, english: Any):
        agree_terms(fixed)
        on(2040, 1, 1)
        codes = sorted(kept())
        client = english(fixed.management)

        def pages() -> list[str]:
            answers = [client.get(reverse("overview", args=["vlinderwaard", code])) for code in codes]
            assert {answer.status_code for answer in answers} == {200}
            return [re.sub(r"nonce=\S+|name=\"csrfmiddlewaretoken\" value=\"\w+\"", "", one.content.decode())
                    for one in answers]  # fmt: skip

        before = pages()
        corrected = read(fixed.organisation, PERIOD)
        assert corrected and [one.figure.code for one in corrected.corrections] == ["reports"]
        destroy_due(now=clock.now())
        assert kept() == set() and pages() == before

    def test_who_asks_for_exact_figures_is_told(self, fixed: Place, english: Any):
        agree_terms(fixed)
        page = reverse("overview", args=["vlinderwaard", "2026-10"]) + "?exact=1"
        client, gone = english(fixed.adviser), "exact figures of this period were destroyed"
        assert gone not in client.get(page).content.decode()
        destroy_due(now=on(2033, 9, 30))  # of the year before too, but not of October
        near = client.get(page)
        assert near.status_code == 200 and gone not in near.content.decode()
        destroy_due(now=on(2040, 1, 1))
        text = client.get(page).content.decode()
        assert gone in text and "Exact figures, for you as adviser" not in text
        overview = read_exactly(fixed.organisation, PERIOD, fixed.adviser, clock.now())
        with translation.override("en"):
            assert overview and any(gone in note for note in notes_of(overview))
        told = read(fixed.organisation, PERIOD)
        assert told and overview.shown == told.shown

    def test_a_year_beside_one_whose_exact_figures_went(self, fixed: Place, english: Any):
        """Only the first of two years went: the second is shown exactly, beside what was told of the first."""
        agree_terms(fixed)
        destroy_due(now=on(2033, 9, 1))
        assert "2026-10" in kept() and "2025-10" not in kept()
        overview = read_exactly(fixed.organisation, PERIOD, fixed.adviser, clock.now())
        told = read(fixed.organisation, PERIOD)
        assert overview and told and overview.is_exact_view
        assert overview.number("reports").a_year_ago == told.number("reports").a_year_ago
        assert overview.number("severe").told != told.number("severe").told or overview.number("severe").told.is_exact  # type: ignore[union-attr]


class TestTheDatabaseRefuses:
    """Of what was fixed: exact → nothing, and a new seal; nothing else, whatever goes along with it."""

    @pytest.mark.parametrize("model", [Release, Correction])
    def test_only_exact_to_nothing(self, fixed: Place, model: Any):
        row = model.objects.order_by("pk").first()
        found = model.objects.filter(pk=row.pk)
        place = f"{model._meta.db_table}.sealed_exact.{row.pk}"
        others = [one for one in model._meta.concrete_fields if one.name != "sealed_exact" and not one.primary_key]
        other = model.objects.exclude(pk=row.pk).first()
        for column in others:
            value = getattr(other, column.attname)
            if value == getattr(row, column.attname):
                value = {"IntegerField": 7, "PositiveSmallIntegerField": 7}.get(column.get_internal_type(), "x")
                if column.get_internal_type() in {"BooleanField", "DateTimeField", "ForeignKey", "JSONField"}:
                    continue
            for change in ({column.attname: value}, {column.attname: value, "sealed_exact": None}):
                assert self.refuses(found, change), column.name
        assert found.update(sealed_exact=seal(b"0", place=place)) == 1
        assert found.update(sealed_exact=None) == 1
        assert self.refuses(found, {"sealed_exact": seal(b"0", place=place)}), "what is gone stays gone"
        with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
            found._raw_delete(found.db)  # straight: Django itself removes no month that was corrected

    def refuses(self, found: Any, change: dict[str, Any]) -> bool:
        before = found.values().get()
        try:
            with transaction.atomic():
                found.update(**change)
        except DatabaseError as error:
            assert "never changes" in str(error)
            return bool(found.values().get() == before)
        return False


class TestLeast:
    @pytest.mark.parametrize(("part", "least"), [(FIGURES, 48), (LOG, 60)])
    def test_shorter_is_refused_in_words(self, town: Place, english: Any, part: KeptPart, least: int):
        client, address = english(town.administrator), reverse("retention_choose", args=["vlinderwaard"])
        answer = client.post(address, {"part": part, "months": str(least - 1)})
        assert answer.status_code == 409 and f"at least {least} months" in answer.content.decode()
        assert not RetentionTerm.objects.exists()
        assert client.post(address, {"part": part, "months": str(least)}).status_code == 302
        with pytest.raises(TooShort):
            choose_term(organisation=town.organisation, part=part, months=1, by=town.administrator, now=clock.now())
        choose_term(
            organisation=town.organisation, part=KeptPart.VICTIM, months=1, by=town.administrator, now=clock.now()
        )


def look(town: Place, case: Incident) -> None:
    record_view(incident=case, by=town.adviser, now=clock.now())


def months(organisation_id: Any) -> list[str]:
    """Of which something stands in the log."""
    rows = AuditEvent.objects.filter(organisation_id=organisation_id).order_by("position")
    return sorted({f"{at:%Y-%m}" for at in rows.values_list("at", flat=True)})


class TestLog:
    """Noted in November 2026 and January 2027; the term is seven years, by whole months."""

    @pytest.fixture
    def case(self, town: Place) -> Incident:
        agree_terms(town)
        incident = make_incident(town)
        look(town, incident)
        on(2027, 1, 20)
        look(town, incident)
        for year, month in ((2026, 11), (2027, 1)):
            LogReview.objects.create(
                organisation=town.organisation, year=year, month=month, positions=[1], made_at=clock.now()
            )
        return incident

    def test_goes_by_whole_months(self, town: Place, case: Incident):
        of_town = town.organisation.pk
        number = AuditEvent.objects.filter(organisation_id=of_town, at__year=2026).count()
        on(2033, 11, 30)
        assert log_due(town.organisation, clock.now()) is None
        assert destroy_log(organisation=town.organisation, now=clock.now()) == 0
        on(2033, 12, 1)
        call_command("destroy_due", "--dry-run", stdout=(said := StringIO()))
        assert said.getvalue() == f"vlinderwaard {number} audit\n"
        destroy_due(now=clock.now())
        assert months(of_town) == ["2027-01", "2033-12"] and verify(of_town).is_whole
        made = Destruction.objects.get()
        assert (made.counts, made.terms["audit"]) == ({"AuditEvent": number, "LogReview": 1}, 84)
        assert LogReview.objects.get().year == 2027
        cut = AuditEvent.objects.get(action="audit.cut")
        assert (cut.organisation_id, cut.actor_id, cut.fields[1]) == (of_town, None, f"position:{number}")
        destroy_due(now=on(2033, 12, 2))
        assert Destruction.objects.count() == 1, "nothing goes twice"
        destroy_due(now=on(2034, 2, 1))
        assert months(of_town) == ["2033-12", "2034-02"] and verify(of_town).is_whole
        call_command("verify_audit", stdout=StringIO())

    def test_a_legal_hold_keeps_it_from_there_on(self, town: Place, case: Incident):
        first = AuditEvent.objects.filter(object_id=case.pk).order_by("position")[0].position
        on(2033, 12, 1)
        stay = keep_longer(
            incident=case, kind=StayKind.LEGAL_HOLD, part=None, until=date(2034, 6, 1), reason="Zaak",
            by=town.adviser, now=clock.now(),
        )  # fmt: skip
        destroy_due(now=clock.now())
        left = AuditEvent.objects.filter(organisation_id=town.organisation.pk).order_by("position")
        assert left[0].position == first and LogReview.objects.count() == 2
        lift_stay(stay=stay, by=town.adviser, now=clock.now())
        destroy_due(now=clock.now())
        assert months(town.organisation.pk) == ["2027-01", "2033-12"]

    def test_never_within_five_years_and_not_without_a_term(self, town: Place, case: Incident):
        RetentionTerm.objects.filter(part="audit").update(months=12)  # from before there was a least
        destroy_due(now=on(2031, 11, 30))
        assert months(town.organisation.pk)[0] == "2026-11"
        RetentionTerm.objects.filter(part="audit").delete()
        destroy_due(now=on(2040, 1, 1))
        assert months(town.organisation.pk)[0] == "2026-11"
        agree_terms(town, since=date(2031, 1, 1), audit=60)
        destroy_due(now=on(2031, 12, 1))
        assert months(town.organisation.pk)[0] == "2027-01"

    def test_a_longer_term_that_begins_to_hold_keeps_it(self, town: Place, case: Incident):
        on(2033, 11, 25)
        term = choose_term(organisation=town.organisation, part=LOG, months=120, by=town.administrator, now=clock.now())
        agree_term(term=term, by=town.auditor, now=clock.now())
        assert log_due(town.organisation, on(2033, 12, 1)) is not None, "before that day the shorter one still holds"
        assert log_due(town.organisation, on(2033, 12, 10)) is None
        assert log_due(town.organisation, on(2036, 12, 1)) is not None

    def test_pages_that_read_the_log_still_open(self, town: Place, case: Incident, english: Any):
        on(2033, 12, 1)
        destroy_due(now=clock.now())
        officer = english(town.auditor)
        page = reverse("audit_log", args=["vlinderwaard"])
        text = officer.get(page, {"check": "1"}).content.decode()
        assert "destroyed the oldest part of the audit log" in text and "The log is whole" in text
        assert officer.get(reverse("log_reviews", args=["vlinderwaard"])).status_code == 200
        reporter = english(case.reporter)
        for name in ("report_status", "who_looked"):
            assert reporter.get(reverse(name, args=[case.pk])).status_code == 200, name

    def test_that_of_the_installation_goes_by_the_longest_term_of_all(self, town: Place, other_town: Place):
        for number in range(3):
            record(action="sign_in.failed", now=clock.now(), actor_id=None, organisation_id=None,
                   object_type="user", fields=[str(number)])  # fmt: skip
        agree_terms(town)
        destroy_due(now=on(2040, 1, 1))
        assert months(None)[0] == "2026-11", "the other organisation has no term yet"
        clock.set_to(clock.START)
        agree_terms(other_town, audit=96)
        destroy_due(now=on(2034, 11, 30))
        assert months(None)[0] == "2026-11"
        destroy_due(now=on(2034, 12, 1))
        assert months(None) == ["2034-12"] and verify(None).is_whole


class TestTimeline:
    def test_hold_lift_and_destroyed_stand_in_the_case(self, town: Place, english: Any):
        agree_terms(town)
        case = close(full_case(town), town.adviser)
        touched = case.touched_at
        on(2028, 11, 20)
        options: dict[str, Any] = {"part": None, "reason": "Zaak", "by": town.adviser, "now": clock.now()}
        keep_longer(incident=case, kind=StayKind.POSTPONED, until=date(2028, 12, 1), **options)
        stay = keep_longer(incident=case, kind=StayKind.LEGAL_HOLD, until=date(2029, 1, 1), **options)
        lift_stay(stay=stay, by=town.adviser, now=clock.now())
        destroy_due(now=on(2028, 12, 1))
        rows = TimelineEntry.objects.filter(incident=case, at__year=2028).order_by("at", "pk")
        assert sorted(rows.values_list("kind", "by")) == sorted(
            [
                *((kind, town.adviser.pk) for kind in ("kept_longer", "legally_held", "stay_lifted")),
                *[("part_destroyed", None)] * 3,
            ],
            key=lambda row: (row[0], str(row[1])),
        )
        case.refresh_from_db()
        assert case.touched_at == touched, "a term that has ended is nothing that happened in the case"
        text = english(town.adviser).get(reverse("case_timeline", args=[case.pk])).content.decode()
        for words in ("Destroying was put off", "held for a legal matter", "held back destroying was lifted",
                      "A part of the case was destroyed"):  # fmt: skip
            assert words in text, words


def test_the_migration_says_which_looks_found_again_what_was_fixed(committed: None):
    """As rows stood before it: none says so. What is gone says nothing any more."""
    town = make_place("Vlinderwaard")
    grown(town)
    fixed_months(town, months=1)
    release = Release.objects.get(kind="month")
    fixed = json.loads(release.sealed_exact)["numbers"]
    for figure, number in (("reports", fixed["reports"] + 2), ("severe", fixed["severe"])):
        correct(release, figure, number, is_as_fixed=False)
    migration = import_module("incidents.migrations.0015_terms_of_figures")
    with connection.schema_editor() as editor:
        migration.unlock(None, editor)
    migration.say_what_is_as_fixed(apps, None)
    with connection.schema_editor() as editor:
        migration.lock(None, editor)
    assert dict(Correction.objects.values_list("figure", "is_as_fixed")) == {"reports": False, "severe": True}
