"""Roles that open much are given by two people (design of access, R8, R10, R11; T31)."""

from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from incidents.actions.giving_roles import agree_with_role_asked, ask_for_role
from incidents.actions.reminders.sweep import sweep
from incidents.models import Alarm
from incidents.vocabulary import AlarmKind
from tests import clock
from tests.at_once import at_once
from tests.signing_in import proven
from tests.world import Place, make_user
from vpdportal.accounts.actions import NeedsSecondPerson, RolesCollide, end_role, give_role, invite_person
from vpdportal.accounts.models import Membership, ProposalStatus, RoleProposal, User
from vpdportal.accounts.role_proposals import (
    AlreadyDecided,
    AskerGone,
    DeputyTooLong,
    HeldAlready,
    NobodyElse,
    NotYours,
    OwnProposal,
    OwnRole,
    ProposedAlready,
    TooOld,
    agree_with_role,
    propose_role,
    refuse_role,
    withdraw_role,
)
from vpdportal.accounts.roles import FORBIDDEN_PAIRS, NEEDS_TWO, RIGHTS, Right, Role
from vpdportal.audit.models import AuditEvent

TODAY = date(2026, 11, 24)
ALONE = [role for role in Role if role not in NEEDS_TWO]


@pytest.fixture
def someone(town: Place) -> User:
    return make_user("Nieuwe Naam 🌷")


def ask(town: Place, person: User, role: Role = Role.ADVISER, by: User | None = None, **more: Any) -> RoleProposal:
    if role == Role.DEPUTY:
        more.setdefault("ends_on", TODAY + timedelta(days=90))
    return propose_role(
        user=person,
        organisation=town.organisation,
        role=role,
        by=by or town.administrator,
        now=clock.now(),
        **{"starts_on": TODAY, **more},
    )


def holds(town: Place, person: User, role: Role = Role.ADVISER) -> bool:
    return Membership.objects.filter(organisation=town.organisation, user=person, role=role).exists()


def second_administrator(town: Place) -> User:
    other = make_user("Tweede Beheerder")
    town.join(other, Role.ADMINISTRATOR)
    return other


# --- which roles ------------------------------------------------------------------------------------------------------


def test_whoever_reads_what_others_wrote_or_gives_roles_is_given_by_two():
    opens_much = {
        *(Right.WORK_CASES, Right.HANDLE_PERSONS, Right.ADMINISTER, Right.SEE_AUDIT, Right.EXPORT_ROWS),
        *(Right.EXPORT_CASES, Right.DECIDE_PRIVACY, Right.HANDLE_DATA_REQUESTS, Right.SEE_EXACT_FIGURES),
    }
    assert {role for role in Role if RIGHTS[role] & opens_much} == NEEDS_TWO


@pytest.mark.parametrize("role", sorted(NEEDS_TWO))
def test_one_person_cannot_give_it(town: Place, someone: User, role: Role):
    given: dict[str, Any] = {"user": someone, "organisation": town.organisation, "role": role, "starts_on": TODAY}
    for asked_by in (None, town.administrator):
        with pytest.raises(NeedsSecondPerson):
            give_role(**given, by=town.administrator, asked_by=asked_by, now=clock.now())
    assert not holds(town, someone, role)
    give_role(**given, by=town.auditor, asked_by=town.administrator, now=clock.now())
    assert holds(town, someone, role)


@pytest.mark.parametrize("role", ALONE)
def test_the_other_roles_are_given_by_one(town: Place, someone: User, role: Role):
    give_role(
        user=someone,
        organisation=town.organisation,
        role=role,
        by=town.administrator,
        starts_on=TODAY,
        now=clock.now(),
        department=town.department,
    )
    assert holds(town, someone, role)


# --- asking, agreeing -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", sorted(NEEDS_TWO))
def test_it_holds_from_when_the_second_one_agreed(town: Place, someone: User, role: Role):
    proposal = ask(town, someone, role)
    assert not holds(town, someone, role)
    now = clock.move(days=2)
    agree_with_role(proposal=proposal, by=town.auditor, now=now)
    membership = Membership.objects.get(user=someone)
    assert (membership.role, membership.starts_on) == (role, TODAY + timedelta(days=2))
    proposal.refresh_from_db()
    assert (proposal.status, proposal.decided_by, proposal.decided_at) == ("agreed", town.auditor, now)
    events = AuditEvent.objects.filter(action__startswith="role.").order_by("position")
    assert [(event.action, event.actor_id) for event in events] == [
        ("role.proposed", town.administrator.pk),
        ("role.given", town.auditor.pk),
        ("role.agreed", town.auditor.pk),
    ]
    assert all(someone.name not in str(event.fields) for event in events)


def test_another_administrator_agrees_too(town: Place, someone: User):
    agree_with_role(proposal=ask(town, someone), by=second_administrator(town), now=clock.now())
    assert holds(town, someone)


def test_never_who_asked_and_never_who_gets_it(town: Place):
    other = second_administrator(town)
    proposal = ask(town, other, Role.ANALYST)
    for by, refusal in ((town.administrator, OwnProposal), (other, OwnRole)):
        with pytest.raises(refusal):
            agree_with_role(proposal=proposal, by=by, now=clock.now())
    assert not holds(town, other, Role.ANALYST)
    agree_with_role(proposal=proposal, by=town.auditor, now=clock.now())
    assert holds(town, other, Role.ANALYST)


def test_the_database_holds_it_as_well(town: Place, someone: User):
    proposal = ask(town, someone)
    proposal.status, proposal.decided_by, proposal.decided_at = ProposalStatus.AGREED, town.administrator, clock.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        proposal.save()


def test_who_asked_must_still_be_an_administrator(town: Place, someone: User):
    other = second_administrator(town)
    proposal = ask(town, someone, by=other)
    Membership.objects.filter(user=other).update(ends_on=TODAY - timedelta(days=1))
    with pytest.raises(AskerGone):
        agree_with_role(proposal=proposal, by=town.auditor, now=clock.now())
    Membership.objects.filter(user=other).update(ends_on=None)
    agree_with_role(proposal=RoleProposal.objects.get(), by=town.auditor, now=clock.now())


def test_what_was_asked_long_ago_is_not_agreed_with(town: Place, someone: User):
    proposal, late = ask(town, someone), ask(town, someone, Role.ANALYST)
    clock.move(days=30)
    agree_with_role(proposal=proposal, by=town.auditor, now=clock.now())
    with pytest.raises(TooOld):
        agree_with_role(proposal=late, by=town.auditor, now=clock.move(seconds=1))
    refuse_role(proposal=late, by=town.auditor, now=clock.now())


def test_whose_last_day_passed_gets_nothing(town: Place, someone: User):
    proposal = ask(town, someone, Role.DEPUTY, ends_on=TODAY + timedelta(days=3))
    clock.move(days=3)
    other = ask(town, make_user(), Role.DEPUTY, ends_on=TODAY + timedelta(days=3))
    agree_with_role(proposal=other, by=town.auditor, now=clock.now())
    with pytest.raises(TooOld):
        agree_with_role(proposal=proposal, by=town.auditor, now=clock.move(days=1))


def test_it_is_decided_once(town: Place, someone: User):
    for decide, by in ((refuse_role, town.auditor), (withdraw_role, town.administrator)):
        proposal = ask(town, someone)
        with pytest.raises((NotYours, OwnProposal)):
            decide(
                proposal=proposal,
                by=town.administrator if by == town.auditor else town.auditor,
                now=clock.now(),
            )
        decide(proposal=proposal, by=by, now=clock.now())
        for again, who in ((agree_with_role, town.auditor), (refuse_role, town.auditor)):
            with pytest.raises(AlreadyDecided):
                again(proposal=proposal, by=who, now=clock.now())
    assert not holds(town, someone)
    assert AuditEvent.objects.filter(action__in=["role.refused", "role.withdrawn"]).count() == 2


def test_what_is_asked_twice_or_held_already_is_refused(town: Place, someone: User):
    proposal = ask(town, someone)
    with pytest.raises(ProposedAlready):
        ask(town, someone)
    ask(town, someone, Role.ANALYST)  # another role may be asked beside it
    agree_with_role(proposal=proposal, by=town.auditor, now=clock.now())
    with pytest.raises(HeldAlready):
        ask(town, someone)


def test_a_deputy_is_asked_anew_for_longer(town: Place, someone: User):
    agree_with_role(
        proposal=ask(town, someone, Role.DEPUTY, ends_on=TODAY + timedelta(days=10)), by=town.auditor, now=clock.now()
    )
    with pytest.raises(HeldAlready):
        ask(town, someone, Role.DEPUTY, ends_on=TODAY + timedelta(days=10))
    ask(town, someone, Role.DEPUTY, ends_on=TODAY + timedelta(days=11))


@pytest.mark.parametrize(("days", "is_too_long"), [(90, False), (91, True), (None, True)])
def test_a_deputy_has_a_last_day(town: Place, someone: User, days: int | None, is_too_long: bool):
    ends_on = TODAY + timedelta(days=days) if days else None
    if not is_too_long:
        assert ask(town, someone, Role.DEPUTY, ends_on=ends_on).ends_on == ends_on
        return
    with pytest.raises(DeputyTooLong):
        ask(town, someone, Role.DEPUTY, ends_on=ends_on)


def test_with_nobody_to_agree_it_says_what_to_do(town: Place, someone: User):
    Membership.objects.filter(user=town.auditor).update(ends_on=TODAY - timedelta(days=1))
    with pytest.raises(NobodyElse, match=r"manage\.py give_role|give_role"):
        ask(town, someone)
    second_administrator(town)
    ask(town, someone)


def test_who_controls_is_not_who_is_controlled_also_until_a_day(town: Place):
    """A deputy always has a last day: until it, that person is no data protection officer."""
    Membership.objects.filter(user=town.deputy).update(ends_on=TODAY + timedelta(days=10))
    with pytest.raises(RolesCollide):
        ask(town, town.deputy, Role.AUDITOR)
    ask(town, town.deputy, Role.AUDITOR, starts_on=TODAY + timedelta(days=11))


def test_what_collides_by_the_time_of_agreeing_is_refused(town: Place, someone: User):
    auditor, adviser = ask(town, someone, Role.AUDITOR), ask(town, someone, Role.ADVISER)
    agree_with_role(proposal=auditor, by=town.auditor, now=clock.now())
    with pytest.raises(RolesCollide):
        agree_with_role(proposal=adviser, by=town.auditor, now=clock.now())
    adviser.refresh_from_db()
    assert adviser.status == ProposalStatus.OPEN and not holds(town, someone, Role.ADVISER)


def test_the_forbidden_pairs_are_those_of_the_design():
    assert {frozenset({"administrator", "auditor"}), frozenset({"adviser", "auditor"})} <= FORBIDDEN_PAIRS


def test_a_role_that_ended_does_not_come_back_by_ending_it(town: Place, as_user: Any):
    membership = Membership.objects.get(user=town.deputy)
    Membership.objects.filter(pk=membership.pk).update(ends_on=TODAY - timedelta(days=30))
    address = reverse("administration_role_end", args=[town.organisation.slug, membership.pk])
    as_user(town.administrator).post(address)
    membership.refresh_from_db()
    assert membership.ends_on == TODAY - timedelta(days=30)
    assert as_user(User.objects.get(pk=town.deputy.pk)).get(reverse("work_list")).status_code == 403
    open_one = Membership.objects.get(user=town.legal)
    end_role(membership=open_one, by=town.administrator, last_day=TODAY, now=clock.now())
    open_one.refresh_from_db()
    assert open_one.ends_on == TODAY


def test_two_who_agree_at_once_give_it_once(committed: None, town: Place, someone: User):
    proposal, other = ask(town, someone), second_administrator(town)

    def agree(by: User) -> Any:
        return lambda: agree_with_role(proposal=proposal, by=by, now=clock.now())

    raised = at_once(agree(town.auditor), agree(other))
    assert [type(refusal) for refusal in raised] == [AlreadyDecided]
    assert Membership.objects.filter(user=someone).count() == 1


# --- mail -------------------------------------------------------------------------------------------------------------


def told(kind: AlarmKind) -> set[User]:
    return {alarm.recipient for alarm in Alarm.objects.filter(kind=kind).select_related("recipient")}


def ask_and_tell(town: Place, person: User, role: Role = Role.ADVISER) -> RoleProposal:
    return ask_for_role(
        user=person,
        organisation=town.organisation,
        role=role,
        starts_on=TODAY,
        by=town.administrator,
        now=clock.now(),
    )


def test_who_can_agree_hears_of_it_and_who_must_know_hears_that_it_was_given(
    town: Place, other_town: Place, someone: User
):
    other = second_administrator(town)
    User.objects.update(language="en")
    proposal = ask_and_tell(town, someone)
    assert told(AlarmKind.ROLE_PROPOSED) == {town.auditor, other} and not told(AlarmKind.ROLE_GIVEN)
    agree_with_role_asked(proposal=proposal, by=other, now=clock.now())
    assert told(AlarmKind.ROLE_GIVEN) == {town.adviser, town.auditor}
    sweep(now=clock.now())
    (message,) = [one for one in mail.outbox if one.to == [town.adviser.email]]
    page = reverse("role_proposals", args=[town.organisation.slug])
    assert page in message.body and "was given a role that opens much" in message.body
    assert someone.name not in message.body and "dviser" not in message.body.replace("VPD-adviseur", "")


def test_a_second_role_on_one_day_is_told_again(town: Place, someone: User):
    User.objects.update(language="en")
    agree_with_role_asked(proposal=ask_and_tell(town, someone), by=town.auditor, now=clock.now())
    sweep(now=clock.now())
    agree_with_role_asked(proposal=ask_and_tell(town, someone, Role.ANALYST), by=town.auditor, now=clock.now())
    sweep(now=clock.move(hours=1))
    about = [one for one in mail.outbox if one.to == [town.adviser.email] and "opens much" in one.body]
    assert len(about) == 2


# --- the command ------------------------------------------------------------------------------------------------------


def give(town: Place, **more: str) -> str:
    values = {"organisation": town.organisation.slug, "email": "eerste@vlinderwaard.invalid", "name": "Eerste", **more}
    out = StringIO()
    call_command("give_role", *(f"--{name}={value}" for name, value in values.items()), stdout=out)
    return out.getvalue()


def test_who_runs_the_portal_gives_a_role_where_nobody_can_agree(town: Place):
    assert "eerste@vlinderwaard.invalid is now administrator" in give(town, role="administrator")
    person = User.objects.get(email="eerste@vlinderwaard.invalid")
    assert holds(town, person, Role.ADMINISTRATOR) and not person.has_usable_password()
    (event,) = AuditEvent.objects.filter(action="role.given")
    assert event.actor_id is None and event.organisation_id == town.organisation.pk
    assert told(AlarmKind.ROLE_GIVEN) == {town.adviser, town.auditor}


@pytest.mark.parametrize(
    "change", [{"organisation": "nergens"}, {"email": "geen adres"}, {"role": "koning"}, {"until": "morgen"}]
)
def test_the_command_refuses_what_is_wrong(town: Place, change: dict[str, str]):
    with pytest.raises(CommandError):
        give(town, **{"role": "auditor", **change})
    assert not User.objects.filter(email__in=["eerste@vlinderwaard.invalid", "geen adres"]).exists()
    give(town, role="auditor", until="2027-01-31")
    assert Membership.objects.get(user__email="eerste@vlinderwaard.invalid").ends_on == date(2027, 1, 31)


# --- the pages --------------------------------------------------------------------------------------------------------


def english(as_user: Any, person: User) -> Client:
    client: Client = as_user(person)
    client.cookies["vpd_language"] = "en"
    return client


def page_of(town: Place) -> str:
    return reverse("role_proposals", args=[town.organisation.slug])


def decide(town: Place, proposal: RoleProposal, what: str = "agree") -> str:
    return reverse(f"role_{what}", args=[town.organisation.slug, proposal.pk])


def test_from_the_form_to_the_role(town: Place, as_user: Any):
    admin, officer = english(as_user, town.administrator), english(as_user, town.auditor)
    data = {"email": "Nieuw@Vlinderwaard.invalid", "name": "<script>Nieuw", "role": "adviser"}
    answer = admin.post(reverse("administration_role_new", args=[town.organisation.slug]), data, follow=True)
    page = answer.content.decode()
    assert "A second person has to agree before &lt;script&gt;Nieuw has this role." in page
    assert "Withdraw" in page and "Agree<" not in page
    new = User.objects.get(email="nieuw@vlinderwaard.invalid")
    assert as_user(new).get(reverse("work_list")).status_code == 403
    proposal = RoleProposal.objects.get()
    assert "&lt;script&gt;Nieuw</span>" in officer.get(page_of(town)).content.decode()
    assert "now has this role" in officer.post(decide(town, proposal), follow=True).content.decode()
    assert as_user(new).get(reverse("work_list")).status_code == 200
    assert (
        "asked by administrator Vlinderwaard, decided by auditor Vlinderwaard"
        in admin.get(page_of(town)).content.decode()
    )


def test_a_refusal_on_the_page(town: Place, as_user: Any, someone: User):
    proposal = ask(town, someone)
    response = english(as_user, town.administrator).post(decide(town, proposal))
    assert response.status_code == 409 and "You asked for this role yourself." in response.content.decode()
    assert english(as_user, town.auditor).post(decide(town, proposal, "withdraw")).status_code == 409
    assert english(as_user, town.auditor).post(decide(town, proposal, "refuse")).status_code == 302
    assert not holds(town, someone)


def test_a_form_that_is_refused_invites_nobody(town: Place, as_user: Any):
    Membership.objects.filter(user=town.auditor).update(ends_on=TODAY - timedelta(days=1))
    data = {"email": "nieuw@vlinderwaard.invalid", "name": "Nieuw", "role": "adviser"}
    address = reverse("administration_role_new", args=[town.organisation.slug])
    response = english(as_user, town.administrator).post(address, data)
    page = response.content.decode()
    assert response.status_code == 400 and "manage.py give_role" in page and "nieuw@vlinderwaard.invalid" in page
    assert not User.objects.filter(email=data["email"]).exists() and not RoleProposal.objects.exists()


def test_who_sees_the_page_and_who_decides(town: Place, other_town: Place, as_user: Any, someone: User):
    proposal = ask(town, someone)
    for role, person in town.people.items():
        client = as_user(person)
        sees = role in {"administrator", "auditor", "adviser", "deputy"}
        assert client.get(page_of(town)).status_code == (200 if sees else 403), role
        if role not in {"administrator", "auditor"}:
            for what in ("agree", "refuse", "withdraw"):
                assert client.post(decide(town, proposal, what)).status_code == 403, role
    assert "Agree<" not in english(as_user, town.adviser).get(page_of(town)).content.decode()
    for person in (other_town.administrator, other_town.auditor):
        assert as_user(person).get(page_of(town)).status_code == 404
        assert as_user(person).post(decide(town, proposal)).status_code == 404
        elsewhere = reverse("role_agree", args=[other_town.organisation.slug, proposal.pk])
        assert as_user(person).post(elsewhere).status_code == 404
    assert Client().get(page_of(town)).status_code == 302 and Client().post(decide(town, proposal)).status_code == 302
    assert RoleProposal.objects.get().status == ProposalStatus.OPEN and not holds(town, someone)


def test_agreeing_asks_who_is_there(town: Place, as_user: Any, someone: User, strictly: None):
    proposal = ask(town, someone)
    response = proven(town.auditor, seconds_ago=301).post(decide(town, proposal))
    assert response.status_code == 200 and 'type="password"' in response.content.decode()
    assert not holds(town, someone)


def test_the_page_asks_the_same_however_many(town: Place, as_user: Any, django_assert_num_queries: Any):
    for number in (1, 2):
        for _more in range(number):
            ask(town, make_user("Persoon " * 15))
            refuse_role(proposal=ask(town, make_user(), Role.ANALYST), by=town.auditor, now=clock.now())
        client = as_user(town.administrator)
        with django_assert_num_queries(6):
            client.get(page_of(town))


# --- accounts that nobody uses ----------------------------------------------------------------------------------------


def unused(town: Place) -> str:
    return reverse("administration_unused", args=[town.organisation.slug])


def test_who_never_came_or_stopped_coming_is_listed(town: Place, as_user: Any):
    client = english(as_user, town.administrator)
    User.objects.update(last_login=clock.now())
    quiet, gone = timedelta(days=90, seconds=1), TODAY - timedelta(days=1)
    User.objects.filter(pk=town.legal.pk).update(last_login=clock.now() - quiet)
    User.objects.filter(pk=town.support.pk).update(last_login=None, is_emergency_account=True)
    User.objects.filter(pk=town.manager.pk).update(last_login=clock.now() - timedelta(days=90))
    User.objects.filter(pk=town.analyst.pk).update(last_login=None)
    Membership.objects.filter(user=town.analyst).update(ends_on=gone)
    User.objects.filter(pk=town.employee.pk).update(last_login=None, is_active=False)
    page = client.get(unused(town)).content.decode()
    shown = [role for role, person in town.people.items() if person.name in page and role != "administrator"]
    assert shown == ["support", "legal"] and page.index(town.support.name) < page.index(town.legal.name)
    assert "emergency account" in page and "never" in page


def test_the_list_of_them_is_for_the_administrator(town: Place, other_town: Place, as_user: Any):
    for role, person in town.people.items():
        assert as_user(person).get(unused(town)).status_code == (200 if role == "administrator" else 403)
    assert as_user(other_town.administrator).get(unused(town)).status_code == 404
    assert Client().get(unused(town)).status_code == 302


def test_it_asks_the_same_however_many(town: Place, as_user: Any, django_assert_num_queries: Any):
    for _number in range(2):
        client = as_user(town.administrator)
        with django_assert_num_queries(6):
            client.get(unused(town))
        for _more in range(3):
            town.join(invite_person(email=f"{make_user().pk}@vlinderwaard.invalid", name="X" * 120), Role.SUPPORT)
