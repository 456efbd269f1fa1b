"""What is kept for whoever asked about their data or is named in a held case; and that who breaks stops nobody else."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from incidents.actions.keeping.accounts import forget_leavers
from incidents.actions.keeping.daily import run_of_today
from incidents.actions.keeping.destroying import destroy_due
from incidents.actions.keeping.due import WaitsFor, due_of_case, due_of_cases
from incidents.actions.keeping.rows import links_to_people
from incidents.actions.keeping.stays import keep_longer, lift_stay
from incidents.models import (
    Alarm,
    CaseLink,
    DataRequest,
    DestroyedPart,
    Heartbeat,
    Incident,
    Involvement,
    Note,
    Person,
    Reaction,
    Task,
    Witness,
)
from incidents.vocabulary import CaseStatus, KeptPart, StayKind
from tests import clock
from tests.incidents.kept import agree_terms, close, full_case, make_person
from tests.world import Place, make_incident, make_user
from vpdportal.accounts.models import Membership, User
from vpdportal.accounts.roles import Role
from vpdportal.audit.models import AuditEvent, ChainHead

NO_END = datetime(9999, 12, 31, tzinfo=UTC)
GRANTED = ("limitation", "objection")


def ask(town: Place, kind: str = "access", **about: Any) -> DataRequest:
    """A request; a limitation or an objection was granted, anything else is not decided."""
    now = clock.now()
    request = DataRequest(
        organisation=town.organisation, reference=f"AV-{DataRequest.objects.count()}", kind=kind,
        subject="employee" if "user" in about else "citizen", received_on=now.date(),
        due_on=now.date() + timedelta(days=30), created_at=now, **about,
    )  # fmt: skip
    if kind in GRANTED:
        request.status, request.is_granted = "decided", True
        request.decided_at, request.decided_by = now, town.auditor
    request.name = request.contact = request.words = "Wat weten jullie van mij?"
    request.save(force_insert=True)
    return request


def settle(request: DataRequest, town: Place) -> None:
    """Withdrawn, or the limit ended."""
    if request.kind in GRANTED:
        request.ended_at, request.ended_by = clock.now(), town.auditor
    else:
        request.status = "withdrawn"
    request.save()


class TestLeavers:
    """Who left on 24 November 2026 and is in no case as a party; in 2032 every term has passed."""

    @pytest.fixture
    def leaver(self, town: Place) -> User:
        agree_terms(town)
        user = make_user("Wie vertrok")
        town.join(user, Role.SUPPORT)
        Membership.objects.filter(user=user).update(ends_on=clock.START.date())
        User.objects.filter(pk=user.pk).update(is_active=False)
        return user

    def forgotten(self, user: User) -> bool:
        forget_leavers(now=clock.now())
        user.refresh_from_db()
        return user.name == "Oud-medewerker"

    @pytest.mark.parametrize("kind", ["access", *GRANTED])
    def test_not_while_their_request_is_open_or_limits(self, town: Place, leaver: User, kind: str):
        clock.set_to(clock.START.replace(year=2032))
        request = ask(town, kind, user=leaver)
        assert not self.forgotten(leaver)
        settle(request, town)
        assert self.forgotten(leaver)

    @pytest.mark.parametrize("is_joined", [False, True])
    @pytest.mark.parametrize("column", ["note", "signer", "second", "assignee", "link"])
    def test_not_while_a_case_that_names_them_is_held(self, town: Place, leaver: User, column: str, is_joined: bool):
        case, named = full_case(town), full_case(town)
        if is_joined:
            named.tasks.all().delete()
            Incident.objects.filter(pk=named.pk).update(
                status=CaseStatus.MERGED, merged_into=case, merged_at=clock.now(), merged_by=town.adviser
            )
        else:
            case = named
        rows: dict[str, Any] = {
            "note": lambda: Note.objects.filter(incident=named).update(by=leaver),
            "signer": lambda: Reaction.objects.filter(incident=named).update(signer=leaver),
            "second": lambda: Reaction.objects.filter(incident=named).update(second=leaver),
            "assignee": lambda: Task.objects.filter(pk=make_task(named).pk).update(assignee=leaver),
            "link": lambda: CaseLink.objects.create(
                organisation=town.organisation, one=make_incident(town), other=named, kind="same_perpetrator",
                at=clock.now(), by=leaver,
            ),
        }  # fmt: skip
        assert rows[column]()
        close(case, town.adviser)
        stay = keep_longer(
            incident=case, kind=StayKind.LEGAL_HOLD, part=KeptPart.EVIDENCE, until=date(2027, 6, 1),
            reason="De rechtszaak", by=town.adviser, now=clock.now(),
        )  # fmt: skip
        clock.set_to(clock.START.replace(year=2032))
        assert not self.forgotten(leaver)
        lift_stay(stay=stay, by=town.adviser, now=clock.now())
        assert self.forgotten(leaver)

    def test_every_column_that_names_someone_in_a_case_counts(self, town: Place):
        found = {(model.__name__, column) for model, _path, column in links_to_people()}
        assert found >= {
            ("Incident", "closed_by"), ("Note", "by"), ("Statement", "by"), ("Message", "by"), ("Task", "finished_by"),
            ("TimelineEntry", "by"), ("Breach", "by"), ("LetterVersion", "by"), ("Notice", "recipient"),
        }  # fmt: skip


def make_task(incident: Incident) -> Task:
    task = incident.tasks.first()
    return task or Task.objects.create(
        organisation=incident.organisation, incident=incident, kind="talk", menu_version=incident.menu_version,
        assigned_at=clock.now(), status="done", finished_at=clock.now(), finished_by=incident.reporter,
    )  # fmt: skip


class TestPersons:
    @pytest.mark.parametrize("kind", ["access", "limitation"])
    def test_not_loose_while_a_request_holds_it(self, town: Place, kind: str):
        agree_terms(town)
        person = make_person(town)
        clock.set_to(clock.START.replace(year=2029))
        request = ask(town, kind, person=person)
        destroy_due(now=clock.now())
        assert Person.objects.get(pk=person.pk).destroyed_at is None
        settle(request, town)
        destroy_due(now=clock.move(days=1))
        assert Person.objects.get(pk=person.pk).destroyed_at is not None

    def test_not_with_a_case_that_was_destroyed_before_and_not_forever(self, town: Place):
        """Asked between finding what is due and letting go: the parts are gone, the record goes when it may."""
        agree_terms(town)
        case = close(full_case(town), town.adviser)
        clock.set_to(clock.START.replace(year=2033))
        people = set(Involvement.objects.filter(incident=case).values_list("person", flat=True))
        destroy_due(now=clock.now())
        kept = Person.objects.get(pk=people.pop())
        Person.objects.filter(pk=kept.pk).update(destroyed_at=None)
        request = ask(town, "limitation", person=kept)
        destroy_due(now=clock.move(days=1))
        assert Person.objects.get(pk=kept.pk).destroyed_at is None
        settle(request, town)
        destroy_due(now=clock.move(days=1))
        assert Person.objects.get(pk=kept.pk).destroyed_at is not None


def test_a_request_of_a_witness_holds_the_case_back(town: Place):
    agree_terms(town)
    case = close(full_case(town), town.adviser)
    clock.set_to(clock.START.replace(year=2033))
    request = ask(town, user=town.support)
    assert Witness.objects.get(incident=case).user == town.support
    for due in (due_of_case(town.organisation, case.pk, clock.now())[1],
                due_of_cases(town.organisation, [case.pk], clock.now())):  # fmt: skip
        assert due and all(WaitsFor.REQUEST in one.waits_for for one in due)
    assert destroy_due(now=clock.now()).destroyed == 0
    settle(request, town)
    assert destroy_due(now=clock.now()).destroyed == 4


class TestWhatBreaks:
    """Of one organisation a row was written over with a day after which no term can be counted."""

    @pytest.fixture(params=["first", "last"])
    def places(self, request: Any, town: Place, other_town: Place) -> tuple[Place, Place]:
        """The organisation that is broken, and the one that is whole."""
        for place in (town, other_town):
            agree_terms(place)
            close(full_case(place), place.adviser)
        clock.set_to(clock.START.replace(year=2033, hour=2))
        broken, whole = (town, other_town) if request.param == "first" else (other_town, town)
        Reaction.objects.filter(organisation=broken.organisation).update(given_at=NO_END)
        return broken, whole

    def test_the_others_are_destroyed_and_someone_is_told(self, places: tuple[Place, Place]):
        broken, whole = places
        outcome = run_of_today(now=clock.now())
        assert outcome is not None and outcome.destroyed == 4 and outcome.failed
        assert set(DestroyedPart.objects.values_list("organisation", flat=True)) == {whole.organisation.pk}
        alarms = Alarm.objects.filter(kind="retention_failed")
        told = {broken.adviser.pk, broken.administrator.pk, broken.auditor.pk}
        assert set(alarms.values_list("recipient", flat=True)) == told
        events = AuditEvent.objects.filter(action="retention.failed")
        assert set(events.values_list("organisation_id", flat=True)) == {broken.organisation.pk}
        assert {code for event in events for code in event.fields} == {"warning", "due", "ValueError"}
        assert Heartbeat.objects.get(name="retention").counts == {"destroyed": 4, "failed": outcome.failed}
        assert Alarm.objects.filter(kind="retention_due", organisation=whole.organisation).exists()

    def test_who_left_is_forgotten_beside_one_who_cannot_be(self, town: Place):
        agree_terms(town)
        people = []
        for ends_on in (clock.START.date(), NO_END.date()):
            user = make_user("Wie vertrok")
            town.join(user, Role.SUPPORT)
            Membership.objects.filter(user=user).update(ends_on=ends_on)
            User.objects.filter(pk=user.pk).update(is_active=False)
            people.append(user)
        clock.set_to(clock.START.replace(year=2033))
        assert forget_leavers(now=clock.now()) == 1
        assert [User.objects.get(pk=one.pk).name for one in people] == ["Oud-medewerker", "Wie vertrok"]

    def test_a_log_that_takes_nothing_more(self, town: Place, other_town: Place):
        """Then it cannot be written down either: people are told all the same."""
        for place in (town, other_town):
            agree_terms(place)
            close(full_case(place), place.adviser)
        clock.set_to(clock.START.replace(year=2033, hour=2))
        ChainHead.objects.filter(chain=str(town.organisation.pk)).update(position=0)
        outcome = run_of_today(now=clock.now())
        assert outcome is not None and outcome.destroyed == 4 and outcome.failed
        assert set(DestroyedPart.objects.values_list("organisation", flat=True)) == {other_town.organisation.pk}
        told = {town.adviser.pk, town.administrator.pk, town.auditor.pk}
        assert set(Alarm.objects.filter(kind="retention_failed").values_list("recipient", flat=True)) == told
        assert Heartbeat.objects.filter(name="retention").exists()
