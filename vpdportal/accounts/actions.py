"""Every change to people, roles and organisations. Each is one transaction and leaves an audit row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from vpdportal.accounts.departments import fault_of_place
from vpdportal.accounts.models import Absence, Department, Membership, Organisation, User
from vpdportal.accounts.roles import FORBIDDEN_PAIRS, NEEDS_TWO, Role
from vpdportal.accounts.signing_in.noted import note_of_person
from vpdportal.accounts.signing_in.sessions import take_off_list
from vpdportal.audit.chain import record
from vpdportal.audit.models import AuditEvent
from vpdportal.seen import CHANGED_SINCE, Seen


class AccountsError(Exception):
    """A change that may not be made; the message tells the person what to do instead."""


class OneOrganisationOnly(AccountsError):
    """SQLite has no second lock (row-level security) between organisations, so it serves one."""


class RolesCollide(AccountsError):
    """Who controls may not be who is controlled."""


class NeedsSecondPerson(AccountsError):
    """A role that opens much is not given by one person."""


class AccountClosed(AccountsError):
    """Who may not sign in can do nothing with a role."""


class ChangedMeanwhile(AccountsError):
    """Two administrators at once, or one person on two pages."""

    def __init__(self) -> None:
        super().__init__(str(CHANGED_SINCE))


class DepartmentNameTaken(AccountsError):
    """Two departments of one name could not be told apart."""


class DepartmentMisplaced(AccountsError):
    """A department cannot be where it was put: someone else moved departments at the same time."""


class LastAdviser(AccountsError):
    """An organisation may not be left without a VPD adviser."""

    def __init__(self) -> None:
        super().__init__(_("This is the only VPD adviser. Give the role to someone else first."))


class LastAdministrator(AccountsError):
    """Without an administrator nobody could give a role to anyone, nor ask for one."""

    def __init__(self) -> None:
        super().__init__(_("This is the only administrator. Give the role to someone else first."))


class CancelledBefore(AccountsError):
    """An absence that is not there any more: it was cancelled on another page, or by someone else."""

    def __init__(self) -> None:
        super().__init__(_("This absence was cancelled already."))


class AlreadyAway(AccountsError):
    """Two absences in the same time would have to be cancelled twice."""

    def __init__(self, planned: Absence) -> None:
        days = {
            "first": date_format(localtime(planned.starts_at), "j F Y"),
            "back": date_format(localtime(planned.ends_at), "j F Y"),
        }
        text = _(
            "An absence from %(first)s until %(back)s is planned already. Cancel that one first, or choose other days."
        )
        super().__init__(text % days)


NEVER_WITHOUT: dict[Role, type[LastAdviser | LastAdministrator]] = {
    Role.ADVISER: LastAdviser,
    Role.ADMINISTRATOR: LastAdministrator,
}


@dataclass(frozen=True)
class NewOrganisation:
    name: str
    slug: str
    kind: str
    reference_prefix: str
    internal_alarm: str = ""
    emergency_instruction: str = ""
    confidant: str = ""
    support_contact: str = ""


def create_organisation(*, details: NewOrganisation, is_demo: bool, now: datetime) -> Organisation:
    """A new organisation. Raises OneOrganisationOnly on SQLite outside a demonstration."""
    with transaction.atomic():
        if connection.vendor == "sqlite" and not is_demo and Organisation.objects.exists():
            raise OneOrganisationOnly(
                _(
                    "SQLite serves one organisation only: it has no row-level security, the second lock between "
                    "organisations. Set DATABASE_URL to a PostgreSQL database to add another."
                )
            )
        organisation = Organisation(**details.__dict__, is_demo=is_demo)
        organisation.full_clean()
        organisation.save(force_insert=True)
        _note("organisation.created", organisation, organisation.pk, None, now)
    return organisation


def save_department(
    *,
    department: Department,
    by: User,
    now: datetime,
    changed: list[str] | None = None,
    seen: Seen | None = None,
) -> Department:
    """Add or change a department that a form has validated; `changed` names the fields, without it all are saved.

    `seen`: what the page showed of it, where it was there. Raises ChangedMeanwhile, DepartmentNameTaken, and
    DepartmentMisplaced when others were moved meanwhile, so that it cannot be part of what was chosen.
    """
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=department.organisation_id)
        known = list(Department.objects.filter(organisation=department.organisation_id))
        if seen and any(seen.is_old(one) for one in known if one.pk == department.pk):
            raise ChangedMeanwhile
        if fault := fault_of_place(department, known):
            raise DepartmentMisplaced(fault)
        if any(one.name.casefold() == department.name.casefold() for one in known if one.pk != department.pk):
            raise DepartmentNameTaken(_("There is already a department with this name."))
        department.save(update_fields=None if department._state.adding else changed)
        _note("department.saved", department, department.organisation_id, by, now)
    return department


def save_organisation(
    *, organisation: Organisation, by: User, changed: list[str], now: datetime, seen: Seen | None = None
) -> Organisation:
    """Change the organisation's own details that a form has validated; `changed` names the fields.

    `seen`: what the page showed. Raises ChangedMeanwhile.
    """
    with transaction.atomic():
        kept = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        if seen and seen.is_old(kept):
            raise ChangedMeanwhile
        organisation.save(update_fields=changed)
        _note("organisation.saved", organisation, organisation.pk, by, now, changed)
    return organisation


def invite_person(*, email: str, name: str, phone: str = "", language: str = "nl") -> User:
    """The account of this address: the existing one, or a new one. Its owner chooses a password by mail."""
    user, _is_new = User.objects.get_or_create(
        email=email.lower(), defaults={"name": name, "phone": phone, "language": language, "password": "!"}
    )
    return user


def set_password(*, user: User, password: str, by: User | None, now: datetime) -> None:
    """Give a person a password that a caller has validated. It ends that person's other sessions."""
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        note_password_set(user=user, by=by, now=now)


def note_password_set(*, user: User, by: User | None, now: datetime, keep_session: str | None = None) -> None:
    """Write down that a person's password was set, by Django's own form or by a command. Their sessions end."""
    take_off_list(user, keep=keep_session)
    note_of_person(action="password.set", person=user, by=by, now=now)


def save_mail_choices(
    *, user: User, changed: list[str], by: User | None, now: datetime, organisation: Organisation | None = None
) -> User:
    """Change on which days someone works, the language of the mails, and which mails come; `changed` names the columns.

    `by` is None where the address in a mail did it; `organisation` is given where its administrator did. Reminders that
    wait are planned anew by who calls this.
    """
    with transaction.atomic():
        user.save(update_fields=changed)
        _note("mails.chosen", user, organisation.pk if organisation else None, by, now, changed)
    return user


def give_role(
    *,
    user: User,
    organisation: Organisation,
    role: Role,
    by: User | None,
    now: datetime,
    department: Department | None = None,
    starts_on: date,
    ends_on: date | None = None,
    asked_by: User | None = None,
    source: str = "",
) -> Membership:
    """Make a person something in an organisation. The same role twice is the same membership.

    A role that opens much takes two people: `asked_by` and `by` (vpdportal.accounts.role_proposals). `by` is None for
    the installation itself: a command, or an identity provider that the installation trusts with it; `source` is then
    the provider's id, and what it gave it also ends.

    Raises NeedsSecondPerson, RolesCollide, and AccountClosed for who may not sign in any more.
    """
    if role in NEEDS_TWO and by is not None and (asked_by is None or asked_by.pk == by.pk):
        raise NeedsSecondPerson(_("A second person has to agree with this role. Ask for it, and it waits for them."))
    if not user.is_active:
        raise AccountClosed(_("The account of this person is closed. Open it again first, then give the role."))
    with transaction.atomic():
        check_no_collision(user, organisation, role, starts_on, ends_on)
        what = {"user": user, "organisation": organisation, "role": role, "department": department, "ends_on": ends_on}
        held = Membership.objects.filter(**what).first()  # several, where it ended more than once on one day
        if held is not None:
            return held
        membership = Membership.objects.create(**what, starts_on=starts_on, source=source)
        _note("role.given", membership, organisation.pk, by, now, [role, *_told_by(source)])
    return membership


def check_no_collision(
    user: User, organisation: Organisation, role: Role, starts_on: date, ends_on: date | None
) -> None:
    """Raises RolesCollide when on some day the person would hold this role and one that controls it, or the other way.

    A role that ends counts as long as it holds: a deputy always has a last day.
    """
    held = Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gte=starts_on), user=user, organisation=organisation)
    if ends_on is not None:
        held = held.filter(starts_on__lte=ends_on)
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two roles at once would both find nothing
    others = list(held.values_list("role", flat=True))
    if any(frozenset({role, Role(other)}) in FORBIDDEN_PAIRS for other in others):
        raise RolesCollide(_("This person holds a role that this one has to control. End that role first."))


def end_role(*, membership: Membership, by: User, last_day: date, now: datetime) -> None:
    """Let a role end after `last_day`; one that ended before stays ended, so that nobody gets it back this way.

    Raises LastAdviser when nobody would be left to act on reports, LastAdministrator when nobody to give roles.
    """
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=membership.organisation_id)
        membership.refresh_from_db(fields=["ends_on"])
        if membership.ends_on is not None and membership.ends_on <= last_day:
            return
        check_others_last(membership, ~Q(pk=membership.pk))
        membership.ends_on = max(last_day, membership.starts_on)
        membership.save(update_fields=["ends_on"])
        _note("role.ended", membership, membership.organisation_id, by, now, [membership.role])


def check_others_last(membership: Membership, others: Q) -> None:
    """Raises LastAdviser or LastAdministrator where of such a role none lasts among `others`."""
    if membership.role not in NEVER_WITHOUT:
        return
    lasting = Membership.objects.filter(
        organisation_id=membership.organisation_id, role=membership.role, ends_on__isnull=True, user__is_active=True
    )
    if not lasting.filter(others).exists():
        raise NEVER_WITHOUT[Role(membership.role)]


def plan_absence(
    *, user: User, organisation: Organisation, starts_at: datetime, ends_at: datetime, by: User, now: datetime
) -> Absence:
    """New tasks and reminders of this person go to the deputy from `starts_at` until `ends_at`.

    Raises AlreadyAway when a part of that time is planned already; one may begin at the moment another ends.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)  # a second click waits for the first
        coming = Absence.objects.filter(user=user, organisation=organisation, ends_at__gt=now)
        if planned := coming.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).first():
            raise AlreadyAway(planned)
        absence = Absence.objects.create(user=user, organisation=organisation, starts_at=starts_at, ends_at=ends_at)
        _note("absence.planned", absence, organisation.pk, by, now)
    return absence


def plan_absence_everywhere(
    *,
    user: User,
    organisations: Iterable[Organisation],
    starts_at: datetime,
    ends_at: datetime,
    by: User,
    now: datetime,
) -> list[Absence]:
    """The same absence in each of these organisations, or in none. Raises AlreadyAway."""
    with transaction.atomic():
        return [
            plan_absence(user=user, organisation=one, starts_at=starts_at, ends_at=ends_at, by=by, now=now)
            for one in organisations
        ]


def cancel_absence(*, absence: Absence, by: User, now: datetime) -> None:
    """The person is not away then. Raises CancelledBefore."""
    with transaction.atomic():
        if not Absence.objects.select_for_update().filter(pk=absence.pk).exists():
            raise CancelledBefore
        _note("absence.cancelled", absence, absence.organisation_id, by, now)
        absence.delete()


def was_cancelled(absence: UUID) -> bool:
    """Whether there was such an absence, until it was cancelled."""
    told = AuditEvent.objects.filter(
        action="absence.cancelled", object_type=Absence._meta.model_name, object_id=absence
    )
    return told.exists()


def _told_by(source: str) -> list[str]:
    """How the audit trail names the identity provider that told it."""
    return [f"provider:{source}"] if source else []


def _note(
    action: str, row: Any, organisation_id: Any, by: User | None, now: datetime, fields: list[str] | None = None
) -> None:
    record(
        action=action,
        now=now,
        actor_id=by.pk if by else None,
        organisation_id=organisation_id,
        object_type=row._meta.model_name,
        object_id=row.pk,
        fields=fields or [],
    )
