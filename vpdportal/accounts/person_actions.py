"""Changes to one account: its address, closing it and opening it again. Each is one transaction with audit rows."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vpdportal.accounts.access import standing
from vpdportal.accounts.actions import AccountsError, LastAdviser, lasting_advisers
from vpdportal.accounts.models import Membership, Organisation, User
from vpdportal.accounts.roles import Right, Role
from vpdportal.audit.chain import record


class OwnAccount(AccountsError):
    """Who closes their own account cannot open it again."""


class NotOnlyYours(AccountsError):
    """The person belongs to an organisation that this administrator does not administer."""


class AddressTaken(AccountsError):
    """An address belongs to one account."""


def change_address(*, user: User, email: str, organisation: Organisation, by: User, now: datetime) -> User:
    """Give an account another address, which a form has validated; mail goes there from now on. It ends no session.

    Who has an address can choose a password by it, so only who administers all that the person is may change it.
    Raises NotOnlyYours, AddressTaken.
    """
    with transaction.atomic():
        check_only_yours(user, by, now)
        user.email, user.mail_refused_at = email.lower(), None
        try:
            with transaction.atomic():
                user.save(update_fields=["email", "mail_refused_at"])
        except IntegrityError:
            raise AddressTaken(_("Another account has this address. Check what you typed.")) from None
        _note("address.changed", user, organisation.pk, by, now, ["email"])
    return user


def mail_arrives_again(*, user: User, organisation: Organisation, by: User, now: datetime) -> None:
    """The mail server takes the address again, so the person gets reminders. A second click does nothing."""
    with transaction.atomic():
        if User.objects.filter(pk=user.pk, mail_refused_at__isnull=False).update(mail_refused_at=None):
            _note("address.mended", user, organisation.pk, by, now)


def close_account(*, user: User, by: User, now: datetime) -> None:
    """Let a person sign in no more: sessions and links to choose a password end at once, roles count no more.

    The password goes, so that what ended stays ended when the account is opened again.
    Raises OwnAccount, NotOnlyYours, LastAdviser. What still waits for the person: incidents.actions.closing_accounts.
    """
    if user.pk == by.pk:
        raise OwnAccount(_("You cannot close your own account. Ask another administrator."))
    with transaction.atomic():
        organisations = hold_organisations_of(user)
        check_only_yours(user, by, now)
        for membership in _held(user, now):
            is_adviser = membership.role == Role.ADVISER
            if is_adviser and not lasting_advisers(membership.organisation_id).exclude(user=user).exists():
                raise LastAdviser(_("This is the only VPD adviser. Give the role to someone else first."))
        closed = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if closed.is_active:
            closed.is_active = False
            closed.set_unusable_password()
            closed.save(update_fields=["is_active", "password"])
            _note_everywhere("account.closed", user, organisations, by, now)


def open_account(*, user: User, by: User, now: datetime) -> None:
    """Let a person in again, as what they still are; they choose a new password by mail. Raises NotOnlyYours."""
    with transaction.atomic():
        organisations = hold_organisations_of(user)
        check_only_yours(user, by, now)
        if User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
            _note_everywhere("account.opened", user, organisations, by, now)


def hold_organisations_of(user: User) -> list[UUID]:
    """The organisations in which this person is or was something, held as end_role holds them, in one order."""
    theirs = Membership.objects.filter(user=user).values("organisation")
    held = Organisation.objects.select_for_update(no_key=True).filter(pk__in=theirs).order_by("pk")
    return [organisation.pk for organisation in held]


def is_only_yours(user: User, by: User, now: datetime) -> bool:
    """Whether all that this person is now, with an open account or a closed one, is in organisations of `by`."""
    yours = {organisation.pk for organisation in standing(by, now).organisations(Right.ADMINISTER)}
    return {membership.organisation_id for membership in _held(user, now)} <= yours


def check_only_yours(user: User, by: User, now: datetime) -> None:
    """Raises NotOnlyYours. It names no other organisation: where someone else works is not theirs to read."""
    if not is_only_yours(user, by, now):
        raise NotOnlyYours(
            _(
                "This person also has a role in an organisation that you do not administer. Ask the administrator of "
                "that organisation; this person knows who that is. What you can do: end the roles in your own."
            )
        )


def _held(user: User, now: datetime) -> list[Membership]:
    today = timezone.localdate(now)
    return [membership for membership in Membership.objects.filter(user=user) if membership.holds_on(today)]


def _note_everywhere(action: str, user: User, organisations: list[UUID], by: User, now: datetime) -> None:
    for organisation in organisations:
        _note(action, user, organisation, by, now)


def _note(
    action: str, user: User, organisation: UUID, by: User, now: datetime, fields: list[str] | None = None
) -> None:
    record(
        action=action,
        now=now,
        actor_id=by.pk,
        organisation_id=organisation,
        object_type="user",
        object_id=user.pk,
        fields=fields or [],
    )
