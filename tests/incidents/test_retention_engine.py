"""Destroying, over six years of a moved clock (T36): all that is due, in every state, and nothing else."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from incidents.actions.evidence_tidying import remove_orphan_files
from incidents.actions.keeping.certificates import is_as_sealed
from incidents.actions.keeping.destroying import destroy_due
from incidents.actions.keeping.due import Due, WaitsFor, due_of_case, due_of_cases, goes_now
from incidents.actions.keeping.parts import EMPTIED, OF_CASE, OF_PERSON, OUTSIDE, REMOVED
from incidents.actions.keeping.rows import Emptied
from incidents.actions.keeping.stays import keep_longer, lift_stay
from incidents.models import (
    Alarm,
    CaseLink,
    DestroyedPart,
    Destruction,
    Evidence,
    Incident,
    Involvement,
    Message,
    Person,
    PersonKey,
    Reaction,
    Release,
    Task,
)
from incidents.overview.counting import count_month
from incidents.overview.periods import Period
from incidents.vocabulary import CaseStatus, KeptPart, StayKind
from tests import clock
from tests.incidents.kept import CANARY, agree_terms, close, full_case, make_person, sealed_texts
from tests.incidents.overviews import fixed_months, grown
from tests.world import Place, make_incident
from vpdportal.audit.chain import verify
from vpdportal.audit.models import AuditEvent
from vpdportal.encryption import EncryptedTextField

PERPETRATOR, VICTIM, EVIDENCE, MESSAGES = KeptPart.PERPETRATOR, KeptPart.VICTIM, KeptPart.EVIDENCE, KeptPart.MESSAGES


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: Any) -> Path:
    folder = tmp_path / "evidence"
    settings.STORAGES = {
        **settings.STORAGES,
        "evidence": {**settings.STORAGES["evidence"], "OPTIONS": {"location": folder}},
    }
    return folder


def files(store: Path) -> int:
    return len([path for path in store.rglob("*") if path.is_file()])


def gone(incident: Incident) -> set[str]:
    return set(DestroyedPart.objects.filter(incident=incident).values_list("part", flat=True))


def all_due(town: Place, now: datetime) -> list[Due]:
    """Of every case there is, not only of those that could go."""
    return due_of_cases(town.organisation, list(Incident.objects.values_list("pk", flat=True)), now)


def on(year: int, month: int, day: int) -> datetime:
    return clock.set_to(clock.START.replace(year=year, month=month, day=day))


class TestSixYears:
    """Closed on 24 November 2026 unless told otherwise. The days are worked out by hand."""

    def test_every_state(self, town: Place, store: Path, django_capture_on_commit_callbacks: Any):
        agree_terms(town)
        names = ("plain", "open", "reopened", "held", "put_off", "linked", "measure", "joined", "same_person")
        repeater = make_person(town)
        cases = {name: full_case(town, repeater if name == "same_person" else None) for name in names}
        later = full_case(town, repeater)
        for name, case in cases.items():
            if name != "open":
                close(case, town.adviser)
        keep(cases["held"], StayKind.LEGAL_HOLD, date(2027, 6, 1), town)
        CaseLink.objects.create(
            organisation=town.organisation, one=cases["linked"], other=later, kind="same_perpetrator",
            at=clock.now(), by=town.adviser,
        )  # fmt: skip
        Reaction.objects.filter(incident=cases["measure"]).update(
            kind="ban", status="active", starts_on=date(2026, 11, 24), ends_on=date(2027, 5, 1)
        )
        join(make_incident(town), cases["joined"], town)

        on(2027, 2, 10)  # opened again, and closed once more
        close(cases["reopened"], town.adviser)
        on(2027, 4, 1)
        close(later, town.adviser)
        on(2027, 5, 2)
        Reaction.objects.filter(incident=cases["measure"]).update(
            status="ended", end_kind="expired", ended_at=clock.now()
        )
        on(2028, 11, 1)
        keep(cases["put_off"], StayKind.POSTPONED, date(2029, 3, 5), town)

        short = {EVIDENCE: "2028-11-24", MESSAGES: "2028-11-24", PERPETRATOR: "2028-11-24", VICTIM: "2031-11-24"}
        put_off = dict.fromkeys((EVIDENCE, MESSAGES, PERPETRATOR), "2029-03-05")
        expected = {
            "plain": short,
            "open": {},
            "reopened": {**dict.fromkeys((EVIDENCE, MESSAGES, PERPETRATOR), "2029-02-10"), VICTIM: "2032-02-10"},
            "held": {},
            "put_off": {**put_off, VICTIM: "2031-11-24"},
            "linked": {**short, PERPETRATOR: "2029-04-01"},
            "measure": {**short, PERPETRATOR: "2029-05-02"},
            "joined": short,
            "same_person": {**short, PERPETRATOR: "2029-04-01"},
        }
        happened: dict[str, dict[str, str]] = {name: {} for name in names}
        for day in days(date(2028, 11, 1), date(2032, 11, 24)):
            moment = on(day.year, day.month, day.day)
            wanted = {(one.case, one.part) for one in goes_now(town.organisation, moment)}
            if day.day == 24:
                one_by_one = [due_of_case(town.organisation, case.pk, moment)[1] for case in [*cases.values(), later]]
                every = all_due(town, moment)
                assert wanted == {(one.case, one.part) for one in every if one.goes_on(day)}
                assert sorted(map(str, every)) == sorted(str(one) for some in one_by_one for one in some)
            before = set(DestroyedPart.objects.values_list("incident", "part"))
            with django_capture_on_commit_callbacks(execute=True):
                destroy_due(now=moment)
            new = set(DestroyedPart.objects.values_list("incident", "part")) - before
            assert wanted == {
                pair for pair in new if not Incident.objects.filter(pk=pair[0], merged_into__isnull=False)
            }
            for name, case in cases.items():
                for part in gone(case) - set(happened[name]):
                    happened[name][part] = day.isoformat()
        assert happened == expected
        left = sealed_texts()
        assert [text for texts in left.values() for text in texts if CANARY in text]  # of who is open or held
        for name in set(names) - {"open", "held"}:
            assert set(sealed_texts(cases[name])) == {"Incident.sealed_facts"}, name
            assert CANARY not in str(sealed_texts(cases[name]))
        for name in ("open", "held"):
            assert len(sealed_texts(cases[name])) > 40, name
            assert all(CANARY in text for key, texts in sealed_texts(cases[name]).items() for text in texts
                       if "sealed_" not in key)  # fmt: skip
        assert files(store) == 2 * 2
        assert verify(town.organisation.pk).is_whole


def days(first: date, last: date) -> Iterator[date]:
    """The days on which something can happen here, and some of the others."""
    special = {"2028-11-23", "2028-11-24", "2029-02-09", "2029-02-10", "2029-03-04", "2029-03-05", "2029-03-31"}
    special |= {"2029-04-01", "2029-05-01", "2029-05-02", "2031-11-23", "2031-11-24", "2032-02-09", "2032-02-10"}
    day = first
    while day <= last:
        if day.day == 15 or day.isoformat() in special:
            yield day
        day += timedelta(days=1)


def keep(case: Incident, kind: StayKind, until: date, town: Place, part: KeptPart | None = None) -> Any:
    return keep_longer(
        incident=case, kind=kind, part=part, until=until, reason=f"{CANARY} reden", by=town.adviser, now=clock.now()
    )


def join(report: Incident, main: Incident, town: Place) -> None:
    report.tasks.all().delete()
    Incident.objects.filter(pk=report.pk).update(
        status=CaseStatus.MERGED, merged_into=main, merged_at=clock.now(), merged_by=town.adviser
    )


@pytest.fixture
def due_case(town: Place) -> Incident:
    """Everything of it is due."""
    agree_terms(town)
    case = close(full_case(town), town.adviser)
    on(2032, 1, 1)
    return case


class TestWhatKeepsIt:
    """The same case goes when nothing keeps it: each refusal stands beside that."""

    def waits(self, town: Place) -> set[str]:
        return {waits for one in all_due(town, clock.now()) for waits in one.waits_for}

    def test_goes_when_nothing_keeps_it(self, town: Place, due_case: Incident):
        assert self.waits(town) == set()
        assert destroy_due(now=clock.now()).destroyed == 4
        assert gone(due_case) == set(OF_CASE)

    def test_open_task(self, town: Place, due_case: Incident):
        Task.objects.filter(pk=due_case.tasks.first().pk).update(status="open", finished_at=None, finished_by=None)  # type: ignore[union-attr]
        assert WaitsFor.OPEN_TASK in self.waits(town)
        assert destroy_due(now=clock.now()).destroyed == 0

    @pytest.mark.parametrize("status", ["draft", "proposed", "active"])
    def test_running_measure(self, town: Place, due_case: Incident, status: str):
        Reaction.objects.filter(incident=due_case).update(status=status)
        assert WaitsFor.MEASURE in self.waits(town)
        assert destroy_due(now=clock.now()).destroyed == 0

    def test_activity_of_the_last_30_days(self, town: Place, due_case: Incident):
        Incident.objects.filter(pk=due_case.pk).update(touched_at=clock.now() - timedelta(days=29))
        assert destroy_due(now=clock.now()).destroyed == 0
        Incident.objects.filter(pk=due_case.pk).update(touched_at=clock.now() - timedelta(days=30))
        assert destroy_due(now=clock.now()).destroyed == 4

    def test_a_message_counts_as_activity(self, town: Place, due_case: Incident):
        Message.objects.filter(incident=due_case).update(at=clock.now() - timedelta(days=3))
        assert destroy_due(now=clock.now()).destroyed == 0

    def test_same_person_in_an_open_case(self, town: Place, due_case: Incident):
        person = Involvement.objects.get(incident=due_case, role="perpetrator").person
        other = make_incident(town)
        Involvement.objects.create(
            organisation=town.organisation, incident=other, person=person, role="perpetrator", remark="",
            at=clock.now(), by=town.adviser,
        )  # fmt: skip
        assert self.waits(town) == {WaitsFor.SAME_PERSON, WaitsFor.OTHER_PARTS}
        destroy_due(now=clock.now())
        assert gone(due_case) == {EVIDENCE, MESSAGES}
        assert Person.objects.get(pk=person.pk).sealed_name == CANARY

    def test_hold_of_one_part(self, town: Place, due_case: Incident):
        stay = keep(due_case, StayKind.LEGAL_HOLD, date(2032, 6, 1), town, EVIDENCE)
        destroy_due(now=clock.now())
        assert gone(due_case) == {MESSAGES, PERPETRATOR}
        on(2034, 1, 1)  # a hold does not end by itself
        destroy_due(now=clock.now())
        assert gone(due_case) == {MESSAGES, PERPETRATOR}
        lift_stay(stay=stay, by=town.adviser, now=clock.now())
        destroy_due(now=clock.now())
        assert gone(due_case) == set(OF_CASE)

    def test_without_an_agreed_term_nothing_goes(self, town: Place):
        close(full_case(town), town.adviser)
        on(2040, 1, 1)
        assert self.waits(town) >= {WaitsFor.TERM}
        assert destroy_due(now=clock.now()).destroyed == 0


class TestWhatIsLeft:
    def test_figures_are_counted_as_before(self, town: Place):
        agree_terms(town)
        people = [make_person(town) for _number in range(2)]
        for number in range(4):
            close(full_case(town, people[number % 2]), town.adviser)
        months = [Period.month_of(clock.START).shifted(step) for step in (-1, 0, 1, 6, 12)]
        before = [count_month(town.organisation, month) for month in months]
        assert before[1].numbers["reports"] == 4 and before[1].stocks["repeat_persons"] == 2
        assert before[1].spreads["first_contact"]
        on(2032, 1, 1)
        assert destroy_due(now=clock.now()).destroyed == 16
        assert [count_month(town.organisation, month) for month in months] == before

    def test_nobody_is_found_any_more(self, town: Place, due_case: Incident, as_user: Any):
        assert Incident.objects.own(town.employee).exists() and Incident.objects.own(town.manager).exists()
        destroy_due(now=clock.now())
        people = {town.employee.pk, town.manager.pk, town.support.pk, town.legal.pk}
        kept = {"Membership", "RetentionTerm", "Department"}
        for model in apps.get_app_config("incidents").get_models():
            for column in model._meta.concrete_fields:
                if (
                    column.is_relation
                    and column.related_model._meta.label == "accounts.User"
                    and model.__name__ not in kept
                ):
                    assert not model._default_manager.filter(**{f"{column.name}__in": people}).exists(), column
        assert not PersonKey.objects.exists()
        assert all(person.destroyed_at and not person.sealed_name for person in Person.objects.all())
        client = as_user(town.adviser)
        assert client.get(f"/zaken/{due_case.pk}/").status_code in {200, 404}

    def test_destroying_twice_is_once(self, town: Place, due_case: Incident):
        destroy_due(now=clock.now())
        rows = Destruction.objects.count(), DestroyedPart.objects.count()
        assert destroy_due(now=clock.move(days=1)).destroyed == 0
        assert (Destruction.objects.count(), DestroyedPart.objects.count()) == rows == (1, 4)

    def test_what_comes_in_afterwards_goes_too(self, town: Place, due_case: Incident):
        destroy_due(now=clock.now())
        clock.move(days=10)
        Message.objects.create(
            organisation=town.organisation, incident=due_case, person=town.employee, by=town.employee,
            at=clock.now(), is_from_desk=False, form_key=due_case.pk, text=CANARY,
        )  # fmt: skip
        assert destroy_due(now=clock.now()).destroyed == 0
        destroy_due(now=clock.move(days=30))
        assert CANARY not in str(sealed_texts(due_case))


LAST_WRITE, APART = 134, 7


class Killed(BaseException):
    """The process stops here."""


class TestStops:
    """Killed at 20 of the writes of a run in which everything goes, one after another; then it goes on."""

    @pytest.fixture
    def all_due(self, town: Place, due_case: Incident) -> Incident:
        """A case, a fixed month with what it would be now, and the log of 2026."""
        grown(town)
        fixed_months(town, months=1)
        on(2034, 11, 1)
        return due_case

    @pytest.mark.parametrize("writes", range(1, LAST_WRITE + 1, APART))
    def test_killed_anywhere(self, committed: None, town: Place, all_due: Incident, store: Path, writes: int):
        due_case, left = all_due, writes

        def stop(execute: Any, sql: str, *rest: Any) -> Any:
            nonlocal left
            left -= sql.startswith(("UPDATE", "DELETE", "INSERT"))
            if not left:
                raise Killed
            return execute(sql, *rest)

        with connection.execute_wrapper(stop), pytest.raises(Killed):
            destroy_due(now=clock.now())
        for part in gone(due_case):
            for texts in EMPTIED[KeptPart(part)]:
                for row in texts.model.objects.filter(texts.only, **{texts.path: due_case.pk}):
                    assert CANARY not in str([getattr(row, column) for column in texts.columns]), part
        for part in set(OF_CASE) - gone(due_case):
            assert part == EVIDENCE or CANARY in str(sealed_texts(due_case)), part
        assert Evidence.objects.exists() == (EVIDENCE not in gone(due_case))
        old = AuditEvent.objects.filter(organisation_id=town.organisation.pk, at__year=2026)
        was_cut = AuditEvent.objects.filter(action="audit.cut", organisation_id=town.organisation.pk).exists()
        assert old.exists() != was_cut, "all of it and the cut, or nothing"
        assert verify(town.organisation.pk).is_whole and verify(None).is_whole
        destroy_due(now=clock.now())
        assert gone(due_case) == set(OF_CASE)
        assert set(sealed_texts(due_case)) == {"Incident.sealed_facts"}
        assert not Release.objects.filter(sealed_exact__isnull=False).exists() and not old.exists()
        assert verify(town.organisation.pk).is_whole and verify(None).is_whole
        made = Destruction.objects.all()
        assert files(store) == 0 and all(is_as_sealed(one) for one in made)
        assert sum(one.counts.get("Release", 0) for one in made) == 1
        assert sum(one.counts.get("part.victim", 0) for one in made) == 1

    def test_the_kills_reach_the_last_write(self, town: Place, all_due: Incident):
        writes = 0

        def count(execute: Any, sql: str, *rest: Any) -> Any:
            nonlocal writes
            writes += sql.startswith(("UPDATE", "DELETE", "INSERT"))
            return execute(sql, *rest)

        with connection.execute_wrapper(count):
            destroy_due(now=clock.now())
        assert LAST_WRITE <= writes < LAST_WRITE + APART

    def test_killed_before_the_files_went(
        self, committed: None, town: Place, due_case: Incident, store: Path, monkeypatch: pytest.MonkeyPatch
    ):
        def stop(_emptied: Emptied) -> None:
            raise Killed

        with monkeypatch.context() as patched, pytest.raises(Killed):
            patched.setattr(Emptied, "remove_files", stop)
            destroy_due(now=clock.now())
        assert gone(due_case) == {EVIDENCE} and files(store) == 2
        destroy_due(now=clock.now())
        assert files(store) == 1  # without a row: the hourly tidying finds it
        assert remove_orphan_files(now=clock.now()) == 1
        assert files(store) == 0

    def test_a_part_that_fails_stops_nothing_else(self, town: Place, due_case: Incident):
        other = close(full_case(town), town.adviser)
        on(2037, 2, 1)
        write_over(due_case.notes.first())
        assert not Alarm.objects.filter(kind="retention_failed").exists()
        outcome = destroy_due(now=clock.now())
        assert (outcome.destroyed, outcome.failed) == (4 + 2, 1)
        assert gone(other) == set(OF_CASE) and gone(due_case) == {EVIDENCE, PERPETRATOR}
        told = {town.adviser.pk, town.administrator.pk, town.auditor.pk}
        assert set(Alarm.objects.filter(kind="retention_failed").values_list("recipient", flat=True)) == told

    def test_who_runs_it_by_hand_hears_that_a_part_failed(self, town: Place, due_case: Incident):
        other = close(full_case(town), town.adviser)
        on(2037, 2, 1)
        write_over(due_case.notes.first())
        said = StringIO()
        with pytest.raises(CommandError, match="Not all of it went"):
            call_command("destroy_due", stdout=said)
        assert said.getvalue() == "6 parts destroyed, 1 failed\n" and gone(other) == set(OF_CASE)


def write_over(note: Any) -> None:
    """A text that was written over: it does not open."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE incidents_note SET text = %s WHERE id = %s", [b"\x01broken", db_id(note)])


def db_id(row: Any) -> str:
    return row.pk.hex if connection.vendor == "sqlite" else str(row.pk)


def test_every_sealed_column_is_declared():
    """A column that was forgotten fails here."""
    declared = {
        f"{texts.model.__name__}.{column}"
        for texts in [one for part in EMPTIED.values() for one in part] + list(OF_PERSON)
        for column in texts.columns
    }
    removed = {model.__name__ for rows in REMOVED.values() for model, _path in rows}
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            name = f"{model.__name__}.{column.name}"
            if isinstance(column, EncryptedTextField):
                assert (name in declared) + (name in OUTSIDE) + (model.__name__ in removed) >= 1, name
    assert settings.FIELD_KEYS
