"""Roles that open much are given by two people: one asks, another one agrees (design of access, R8).

Who agrees is another administrator or the data protection officer of the organisation; never who asked, and never who
gets the role. Mails about it: incidents.actions.giving_roles.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vpdportal.accounts.access import memberships_at, standing
from vpdportal.accounts.actions import AccountClosed, AccountsError, check_no_collision, give_role
from vpdportal.accounts.models import Department, Membership, Organisation, ProposalStatus, RoleProposal, User
from vpdportal.accounts.roles import DEPUTY_DAYS, RIGHTS, Right, Role
from vpdportal.audit.chain import record

HOLDS_FOR = timedelta(days=30)  # [OWN] after which a proposal is no longer what the organisation wants today
AGREES = (Right.ADMINISTER, Right.DECIDE_PRIVACY)
AGREEING = [role for role in Role if RIGHTS[role] & set(AGREES)]


class RoleRefused(AccountsError):
    """The base of refusals about a proposal. `message` says how to go on."""

    message = _("This is not possible now.")

    def __str__(self) -> str:
        return str(self.message)


class NobodyElse(RoleRefused):
    message = _(
        "Nobody else here can agree with this role: there is no other administrator and no data protection officer. "
        "Ask who runs the portal to give the role, with the command manage.py give_role."
    )


class HeldAlready(RoleRefused):
    message = _("This person has this role already, for at least as long.")


class ProposedAlready(RoleRefused):
    message = _("This role is already asked for this person. It waits for a second person.")


class DeputyTooLong(RoleRefused):
    message = _("Give a last day, at most 90 days from today. You can extend it later.")


class AlreadyDecided(RoleRefused):
    message = _("Someone else decided on this role just before you. Look at the page again.")


class OwnProposal(RoleRefused):
    message = _("You asked for this role yourself. Someone else has to agree.")


class OwnRole(RoleRefused):
    message = _("This role is for you. Someone else has to agree.")


class AskerGone(RoleRefused):
    message = _("Who asked for this role is no administrator any more. Refuse it; an administrator can ask again.")


class TooOld(RoleRefused):
    message = _("This was asked too long ago, or its last day has passed. Refuse it; an administrator can ask again.")


class NotYours(RoleRefused):
    message = _("Only who asked for this role can withdraw it. You can refuse it.")


def who_can_agree(*, organisation: Organisation, without: set[UUID], now: datetime) -> QuerySet[Membership]:
    """The roles by which someone may agree with what was asked, without these people."""
    return memberships_at(now).filter(organisation=organisation, role__in=AGREEING).exclude(user__in=without)


def propose_role(
    *,
    user: User,
    organisation: Organisation,
    role: Role,
    by: User,
    now: datetime,
    department: Department | None = None,
    starts_on: date,
    ends_on: date | None = None,
) -> RoleProposal:
    """Ask for a role for someone; it holds when a second person agreed.

    Raises AccountClosed, DeputyTooLong, HeldAlready, ProposedAlready, RolesCollide, NobodyElse.
    """
    if not user.is_active:
        raise AccountClosed(_("The account of this person is closed. Open it again first, then give the role."))
    if role == Role.DEPUTY and (ends_on is None or (ends_on - starts_on).days > DEPUTY_DAYS):
        raise DeputyTooLong
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        held = Membership.objects.filter(user=user, organisation=organisation, role=role, starts_on__lte=starts_on)
        if held.filter(Q(ends_on=None) | Q(ends_on__gte=ends_on or date.max)).exists():
            raise HeldAlready
        waiting = RoleProposal.objects.filter(organisation=organisation, user=user, role=role)
        if waiting.filter(status=ProposalStatus.OPEN).exists():
            raise ProposedAlready
        check_no_collision(user, organisation, role, starts_on, ends_on)
        if not who_can_agree(organisation=organisation, without={by.pk, user.pk}, now=now).exists():
            raise NobodyElse
        proposal = RoleProposal.objects.create(
            organisation=organisation,
            user=user,
            role=role,
            department=department,
            starts_on=starts_on,
            ends_on=ends_on,
            proposed_by=by,
            proposed_at=now,
        )
        _note("role.proposed", proposal, by, now)
    return proposal


def agree_with_role(*, proposal: RoleProposal, by: User, now: datetime) -> Membership:
    """Give the role that someone else asked for, from today at the earliest.

    Raises AlreadyDecided, OwnProposal, OwnRole, AskerGone, TooOld, and what give_role raises.
    """
    with transaction.atomic():
        held = _held(proposal)
        if by.pk == held.proposed_by_id:
            raise OwnProposal
        if by.pk == held.user_id:
            raise OwnRole
        if not standing(held.proposed_by, now).may(Right.ADMINISTER, held.organisation_id):
            raise AskerGone
        today = timezone.localdate(now)
        if now - held.proposed_at > HOLDS_FOR or (held.ends_on is not None and held.ends_on < today):
            raise TooOld
        membership = give_role(
            user=held.user,
            organisation=held.organisation,
            role=Role(held.role),
            department=held.department,
            starts_on=max(held.starts_on, today),
            ends_on=held.ends_on,
            asked_by=held.proposed_by,
            by=by,
            now=now,
        )
        _decide(held, ProposalStatus.AGREED, by, now)
    return membership


def refuse_role(*, proposal: RoleProposal, by: User, now: datetime) -> None:
    """Not agreed with, by anyone who could agree; also by who would get it. Raises AlreadyDecided, OwnProposal."""
    with transaction.atomic():
        held = _held(proposal)
        if by.pk == held.proposed_by_id:
            raise OwnProposal
        _decide(held, ProposalStatus.REFUSED, by, now)


def withdraw_role(*, proposal: RoleProposal, by: User, now: datetime) -> None:
    """Who asked for it thinks better of it. Raises AlreadyDecided, NotYours."""
    with transaction.atomic():
        held = _held(proposal)
        if by.pk != held.proposed_by_id:
            raise NotYours
        _decide(held, ProposalStatus.WITHDRAWN, by, now)


def _held(proposal: RoleProposal) -> RoleProposal:
    """The proposal as it is now, after its organisation and locked. Raises AlreadyDecided."""
    Organisation.objects.select_for_update(no_key=True).get(pk=proposal.organisation_id)
    rows = RoleProposal.objects.select_related("organisation", "user", "department", "proposed_by")
    held: RoleProposal = rows.select_for_update(of=("self",), no_key=True).get(pk=proposal.pk)
    if held.status != ProposalStatus.OPEN:
        raise AlreadyDecided
    return held


def _decide(proposal: RoleProposal, status: ProposalStatus, by: User, now: datetime) -> None:
    proposal.status, proposal.decided_by, proposal.decided_at = status, by, now
    proposal.save(update_fields=["status", "decided_by", "decided_at"])
    _note(f"role.{status}", proposal, by, now)


def _note(action: str, proposal: RoleProposal, by: User, now: datetime) -> None:
    """The person it is for stands among the codes, so that the log tells whose role it was."""
    record(
        action=action,
        now=now,
        actor_id=by.pk,
        organisation_id=proposal.organisation_id,
        object_type="roleproposal",
        object_id=proposal.pk,
        fields=[proposal.role, str(proposal.user_id)],
    )
