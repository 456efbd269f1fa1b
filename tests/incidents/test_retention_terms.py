"""Terms: chosen, agreed by another, held from 14 days after; the mail and the round of each day; the certificate."""

from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from incidents.actions.keeping.accounts import forget_leavers
from incidents.actions.keeping.certificates import is_as_sealed, statement_of
from incidents.actions.keeping.daily import run_of_today
from incidents.actions.keeping.destroying import destroy_due
from incidents.actions.keeping.due import in_sight
from incidents.actions.keeping.stays import LiftedBefore, NotThatDay, keep_longer, lift_stay
from incidents.actions.keeping.terms import (
    NotTheLast,
    OwnChoice,
    SameTerm,
    agree_term,
    choose_term,
    months_after,
    terms_of,
)
from incidents.actions.keeping.warnings import warn_desks
from incidents.actions.refusals import ReasonNeeded
from incidents.models import Alarm, DestroyedPart, Destruction, Incident, RestrictionCheck, RetentionStay
from incidents.vocabulary import KeptPart, StayKind
from tests import clock
from tests.incidents.kept import agree_terms, close, full_case, make_person
from tests.world import Place, make_incident
from vpdportal.accounts.models import Membership, User
from vpdportal.audit.models import AuditEvent

PERPETRATOR = KeptPart.PERPETRATOR


def choose(town: Place, months: int, part: KeptPart = PERPETRATOR) -> Any:
    return choose_term(organisation=town.organisation, part=part, months=months, by=town.administrator, now=clock.now())


def held(town: Place, day: date) -> int | None:
    return terms_of(town.organisation).months(PERPETRATOR, day)


class TestTerms:
    def test_holds_14_days_after_another_agreed(self, town: Place):
        assert set(terms_of(town.organisation).never_agreed()) == set(KeptPart)
        term = choose(town, 36)
        assert held(town, date(2030, 1, 1)) is None
        agree_term(term=term, by=town.auditor, now=clock.move(days=1))
        assert (held(town, date(2026, 12, 8)), held(town, date(2026, 12, 9))) == (None, 36)
        assert PERPETRATOR not in terms_of(town.organisation).never_agreed()

    def test_nobody_agrees_with_an_own_choice(self, town: Place):
        term = choose(town, 36)
        with pytest.raises(OwnChoice):
            agree_term(term=term, by=town.administrator, now=clock.now())
        assert agree_term(term=term, by=town.auditor, now=clock.now()).agreed_by == town.auditor

    def test_only_the_last_choice_is_agreed_with_and_once(self, town: Place):
        first, second = choose(town, 36), choose(town, 24 + int(clock.move(minutes=1).minute * 0))
        with pytest.raises(NotTheLast):
            agree_term(term=first, by=town.auditor, now=clock.now())
        agree_term(term=second, by=town.auditor, now=clock.now())
        with pytest.raises(NotTheLast):
            agree_term(term=second, by=town.auditor, now=clock.now())

    def test_the_same_choice_again_changes_nothing(self, town: Place):
        choose(town, 36)
        with pytest.raises(SameTerm):
            choose(town, 36)

    def test_the_officer_hears_of_a_choice(self, town: Place, other_town: Place):
        choose(town, 36)
        alarm = Alarm.objects.get(kind="retention_chosen")
        assert alarm.recipient == town.auditor

    @pytest.mark.parametrize("months", [12, 48])
    def test_a_shorter_or_longer_term_begins_later(self, town: Place, months: int):
        agree_terms(town)
        close(full_case(town), town.adviser)
        clock.set_to(clock.START + timedelta(days=700))
        agree_term(term=choose(town, months), by=town.auditor, now=clock.now())
        today = clock.now().date()
        ends = terms_of(town.organisation).end_of(PERPETRATOR, clock.START.date(), today)
        assert ends == (today + timedelta(days=14) if months == 12 else date(2030, 11, 24))

    def test_months(self):
        assert months_after(date(2024, 2, 29), 12) == date(2025, 2, 28)
        assert months_after(date(2026, 10, 31), 4) == date(2027, 2, 28)
        assert months_after(date(2026, 1, 15), -13) == date(2024, 12, 15)


class TestStays:
    def test_put_off_for_a_year_at_most(self, town: Place):
        incident = make_incident(town)
        options: dict[str, Any] = {
            "incident": incident, "kind": StayKind.POSTPONED, "part": None, "by": town.adviser, "now": clock.now(),
        }  # fmt: skip
        for until in (date(2026, 11, 24), date(2027, 11, 25)):
            with pytest.raises(NotThatDay):
                keep_longer(until=until, reason="De rechtszaak", **options)
        with pytest.raises(ReasonNeeded):
            keep_longer(until=date(2027, 11, 24), reason="  ", **options)
        first = keep_longer(until=date(2027, 11, 24), reason="De rechtszaak", **options)
        assert keep_longer(until=date(2027, 11, 24), reason="De rechtszaak", **options) == first  # a second click
        assert RetentionStay.objects.count() == 1

    def test_lifted_once(self, town: Place):
        stay = keep_longer(
            incident=make_incident(town), kind=StayKind.LEGAL_HOLD, part=PERPETRATOR, until=date(2027, 5, 1),
            reason="De rechtszaak", by=town.adviser, now=clock.now(),
        )  # fmt: skip
        lift_stay(stay=stay, by=town.adviser, now=clock.now())
        with pytest.raises(LiftedBefore):
            lift_stay(stay=stay, by=town.adviser, now=clock.now())
        event = AuditEvent.objects.get(action="retention.legal_hold")
        assert event.fields == ["perpetrator", "until:2027-05-01"] and "rechtszaak" not in str(event.__dict__)


class TestDays:
    def test_the_desk_hears_once_when_something_comes_in_sight(self, town: Place):
        agree_terms(town)
        close(full_case(town), town.adviser)
        clock.set_to(clock.START.replace(year=2028, month=10, day=24))
        assert in_sight(town.organisation, clock.now()) == [] and warn_desks(now=clock.now()) == 0
        clock.move(days=1)
        assert len(in_sight(town.organisation, clock.now())) == 3
        assert warn_desks(now=clock.now()) == 2
        people = set(Alarm.objects.filter(kind="retention_due").values_list("recipient", flat=True))
        assert people == {town.adviser.pk, town.deputy.pk}
        for _day in range(40):
            assert warn_desks(now=clock.move(days=1)) == 0

    def test_a_hold_is_looked_at_again(self, town: Place):
        agree_terms(town)
        keep_longer(
            incident=close(full_case(town), town.adviser), kind=StayKind.LEGAL_HOLD, part=None,
            until=date(2027, 5, 1), reason="De rechtszaak", by=town.adviser, now=clock.now(),
        )  # fmt: skip
        clock.set_to(clock.START.replace(year=2027, month=4, day=30))
        assert warn_desks(now=clock.now()) == 0
        assert warn_desks(now=clock.move(days=1)) == 2
        assert warn_desks(now=clock.move(days=1)) == 0

    def test_once_a_day_in_a_quiet_hour(self, town: Place):
        night = clock.set_to(clock.START.replace(hour=2))
        assert run_of_today(now=night) is not None
        assert run_of_today(now=clock.move(hours=1)) is None
        assert run_of_today(now=clock.move(hours=20)) is not None  # the next night: 00:00 here
        assert run_of_today(now=clock.move(hours=36)) is None  # by day
        assert run_of_today(now=clock.move(hours=13)) is not None  # two nights were missed

    def test_dry_run_says_what_the_real_one_does(self, town: Place):
        agree_terms(town)
        cases = [close(full_case(town), town.adviser) for _number in range(2)]
        clock.set_to(clock.START.replace(year=2029))
        said = StringIO()
        call_command("destroy_due", "--dry-run", stdout=said)
        assert not DestroyedPart.objects.exists()
        destroy_due(now=clock.now())
        rows = DestroyedPart.objects.values_list("incident__reference", "part")
        assert sorted(said.getvalue().splitlines()) == sorted(f"vlinderwaard {number} {part}" for number, part in rows)
        assert len(rows) == 3 * len(cases)


class TestLeavers:
    """The account of an employee who left on 24 November 2026, closed."""

    @pytest.fixture
    def leaver(self, town: Place) -> User:
        agree_terms(town)
        Membership.objects.filter(user=town.employee).update(ends_on=clock.START.date())
        User.objects.filter(pk=town.employee.pk).update(is_active=False)
        return town.employee

    def forgotten(self, user: User) -> bool:
        forget_leavers(now=clock.now())
        user.refresh_from_db()
        return user.name == "Oud-medewerker" and user.email == f"{user.pk.hex}@gewist.invalid"

    def test_forgotten_when_the_longest_term_has_passed(self, leaver: User):
        clock.set_to(clock.START.replace(year=2031, day=23))
        assert not self.forgotten(leaver)
        clock.move(days=1)
        assert self.forgotten(leaver) and not leaver.has_usable_password()
        assert forget_leavers(now=clock.now()) == 0

    def test_not_while_a_case_is_theirs(self, town: Place, leaver: User):
        case = close(full_case(town), town.adviser)
        clock.set_to(clock.START.replace(year=2031, day=23))
        clock.move(days=1)
        assert not self.forgotten(leaver)
        destroy_due(now=clock.now())
        assert self.forgotten(leaver)
        case.refresh_from_db()
        assert case.reporter.name == "Gewiste persoon" and not case.reporter.is_active

    def test_not_while_the_account_is_open(self, town: Place, leaver: User):
        User.objects.filter(pk=leaver.pk).update(is_active=True)
        clock.set_to(clock.START.replace(year=2033))
        assert not self.forgotten(leaver)


class TestCertificate:
    def test_one_for_each_round_that_did_something(self, town: Place, other_town: Place):
        agree_terms(town)
        case = close(full_case(town), town.adviser)
        clock.set_to(clock.START.replace(year=2029))
        destroy_due(now=clock.now())
        destroy_due(now=clock.move(days=1))
        clock.set_to(clock.START.replace(year=2032))
        destroy_due(now=clock.now())
        first, second = Destruction.objects.order_by("number")
        assert (first.number, second.number) == (1, 2)
        assert first.terms["perpetrator"] == 24 and first.counts["Evidence"] == 1 and first.counts["part.evidence"] == 1
        assert {"Evidence", "LetterVersion", "Message", "Note", "Person"} <= set(first.counts)
        assert second.counts["Person"] == 1 and second.counts["Statement"] == 1
        event = AuditEvent.objects.filter(action="retention.destroyed").earliest("position")
        assert event.fields == ["number:1", f"sha256:{first.digest}"]
        assert is_as_sealed(first) and is_as_sealed(second)
        assert case.reference not in statement_of(first)
        parts = AuditEvent.objects.filter(action="retention.part_destroyed", object_id=case.pk)
        assert {one.fields[1] for one in parts} == {
            "evidence",
            "messages",
            "perpetrator",
            "victim",
        } or parts.count() == 4
        Destruction.objects.filter(pk=first.pk).update(counts={})
        first.refresh_from_db()
        assert not is_as_sealed(first)

    def test_what_hangs_under_no_case_goes_too(self, town: Place):
        agree_terms(town)
        person = make_person(town)
        RestrictionCheck.objects.create(
            organisation=town.organisation, user=town.employee, at=clock.now(), reason="kanarie", has_hit=False
        )
        clock.set_to(clock.START.replace(year=2028))
        destroy_due(now=clock.now())
        assert RestrictionCheck.objects.exists() and not Destruction.objects.exists()
        destroy_due(now=clock.move(days=1))
        person.refresh_from_db()
        assert person.destroyed_at and not person.sealed_name and not RestrictionCheck.objects.exists()
        assert Destruction.objects.get().counts == {"Person": 1, "RestrictionCheck": 1}

    def test_other_organisations_wait_for_their_own_terms(self, town: Place, other_town: Place):
        agree_terms(town)
        for place in (town, other_town):
            close(full_case(place), place.adviser)
        clock.set_to(clock.START.replace(year=2033))
        destroy_due(now=clock.now())
        done = set(DestroyedPart.objects.values_list("incident__organisation", flat=True))
        assert done == {town.organisation.pk}
        assert Incident.objects.filter(organisation=other_town.organisation, reporter=other_town.employee).exists()
