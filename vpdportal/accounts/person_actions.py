"""Changes to one account: its address, closing it and opening it again. Each is one transaction with audit rows."""

import logging
from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from uuid import UUID

from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vpdportal.accounts.access import memberships_at, standing
from vpdportal.accounts.actions import AccountsError, check_others_last
from vpdportal.accounts.models import Membership, Organisation, PasswordSignIn, User
from vpdportal.accounts.roles import Right
from vpdportal.accounts.signing_in.sessions import end_sessions
from vpdportal.audit.chain import record
from vpdportal.tenancy import everywhere

log = logging.getLogger(__name__)


class OwnAccount(AccountsError):
    """Who closes their own account cannot open it again."""


class NotOnlyYours(AccountsError):
    """The person belongs to an organisation that this administrator does not administer."""


class AddressTaken(AccountsError):
    """An address belongs to one account."""


class LastEmergencyAccount(AccountsError):
    """Without one, nobody could get in on the day that the organisation's own sign-in does not work."""

    def __init__(self) -> None:
        super().__init__(_("This is the last emergency account. Appoint another one first."))


def change_address(*, user: User, email: str, organisation: Organisation, by: User, now: datetime) -> User:
    """Give an account another address, which a form has validated; mail goes there from now on. It ends no session.

    Who has an address can choose a password by it, so only who administers all that the person is may change it, and
    the old address hears of it when mail arrives there. Raises NotOnlyYours, AddressTaken.
    """
    with transaction.atomic():
        check_only_yours(user, by, now)
        return _put_address(user, email, organisation, by, now, ["email"])


def follow_address(*, user: User, email: str, organisation: Organisation, source: str, now: datetime) -> User:
    """As change_address, told by the identity provider with the id `source`, which its caller trusts with this address.

    Raises AddressTaken.
    """
    with transaction.atomic():
        return _put_address(user, email, organisation, None, now, ["email", f"provider:{source}"])


def _put_address(
    user: User, email: str, organisation: Organisation, by: User | None, now: datetime, fields: list[str]
) -> User:
    changed = User.objects.select_for_update().get(pk=user.pk)  # a form has written on the caller's
    old = None if changed.mail_refused_at else changed.email
    changed.email, changed.mail_refused_at = email.lower(), None
    try:
        with transaction.atomic():
            changed.save(update_fields=["email", "mail_refused_at"])
    except IntegrityError:
        raise AddressTaken(_("Another account has this address. Check what you typed.")) from None
    _note("address.changed", changed, organisation.pk, by, now, fields)
    if old and old != changed.email:
        transaction.on_commit(partial(_tell_old_address, old, changed.language, now))
    return changed


def _tell_old_address(address: str, language: str, now: datetime) -> None:
    """At once and not from the queue, whose mails go to the address that an account has now. Failing stops nothing."""
    with translation.override(language):
        message = EmailMessage(
            subject=gettext("VPD portal: your address was changed"),
            body=gettext(
                "The address with which you sign in to the VPD portal was changed by an administrator.\n\n"
                "Not asked for by you? Tell your data protection officer or your manager.\n"
            ),
            to=[address],
            headers={"Date": format_datetime(now), "Auto-Submitted": "auto-generated"},
        )
    try:
        message.send()
    except Exception as error:  # noqa: BLE001  the address is changed, whatever the mail server says
        log.warning("mail about a changed address not sent: %s", type(error).__name__)  # its text may hold the address


def mail_arrives_again(*, user: User, organisation: Organisation, by: User, now: datetime) -> None:
    """The mail server takes the address again, so the person gets reminders. A second click does nothing."""
    with transaction.atomic():
        if User.objects.filter(pk=user.pk, mail_refused_at__isnull=False).update(mail_refused_at=None):
            _note("address.mended", user, organisation.pk, by, now)


def close_account(*, user: User, by: User, now: datetime) -> None:
    """Let a person sign in no more: sessions and links to choose a password end at once, roles count no more.

    The password goes, so that what ended stays ended when the account is opened again.
    Raises OwnAccount, NotOnlyYours, LastAdviser, LastAdministrator, LastEmergencyAccount. What still waits for the
    person: incidents.actions.closing_accounts.
    """
    if user.pk == by.pk:
        raise OwnAccount(_("You cannot close your own account. Ask another administrator."))
    with transaction.atomic():
        organisations = hold_organisations_of(user)
        check_only_yours(user, by, now)
        for membership in _held(user, now):
            check_others_last(membership, ~Q(user=user))
        check_others_get_in(user, organisations, now)
        closed = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if closed.is_active:
            closed.is_active = False
            closed.set_unusable_password()
            closed.save(update_fields=["is_active", "password"])
            end_sessions(closed)
            _note_everywhere("account.closed", user, organisations, by, now)


def open_account(*, user: User, by: User, now: datetime) -> None:
    """Let a person in again, as what they still are; they choose a new password by mail. Raises NotOnlyYours."""
    with transaction.atomic():
        organisations = hold_organisations_of(user)
        check_only_yours(user, by, now)
        if User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
            _note_everywhere("account.opened", user, organisations, by, now)


def emergency_people(organisation: Organisation, now: datetime) -> list[User]:
    """Who can sign in with a password here, whatever the organisation asks of others; by name."""
    rows = memberships_at(now).filter(organisation=organisation, user__is_emergency_account=True)
    return list(User.objects.filter(pk__in=rows.values("user")).order_by("name", "pk"))


def check_others_get_in(user: User, organisations: Iterable[UUID], now: datetime) -> None:
    """Raises LastEmergencyAccount where only emergency accounts have a password, and this is the one."""
    rows = Organisation.objects.filter(pk__in=organisations, password_sign_in=PasswordSignIn.EMERGENCY)
    if any(emergency_people(one, now) == [user] for one in rows):
        raise LastEmergencyAccount


def hold_organisations_of(user: User) -> list[UUID]:
    """The organisations in which this person is or was something, held as end_role holds them, in one order."""
    theirs = Membership.objects.filter(user=user).values("organisation")
    held = Organisation.objects.select_for_update(no_key=True).filter(pk__in=theirs).order_by("pk")
    with everywhere():  # an account is the person's in all of them
        return [organisation.pk for organisation in held]


def is_only_yours(user: User, by: User, now: datetime, right: Right = Right.ADMINISTER) -> bool:
    """Whether all that this person is or is to be, also with a closed account, is in organisations of `by`.

    Those are the ones in which `by` has the right.
    """
    yours = {organisation.pk for organisation in standing(by, now).organisations(right)}
    return {membership.organisation_id for membership in _held(user, now)} <= yours


def check_only_yours(user: User, by: User, now: datetime, right: Right = Right.ADMINISTER) -> None:
    """Raises NotOnlyYours. It names no other organisation: where someone else works is not theirs to read."""
    if not is_only_yours(user, by, now, right):
        raise NotOnlyYours(
            _(
                "This person also has a role in an organisation that you do not administer. Ask the administrator of "
                "that organisation; this person knows who that is. What you can do: end the roles in your own."
            )
        )


def _held(user: User, now: datetime) -> list[Membership]:
    """The roles that have not ended, also those that are to begin."""
    with everywhere():  # also of organisations that the asker does not administer: these stop the asker
        return list(Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gte=timezone.localdate(now)), user=user))


def _note_everywhere(action: str, user: User, organisations: list[UUID], by: User, now: datetime) -> None:
    for organisation in organisations:
        _note(action, user, organisation, by, now)


def _note(
    action: str, user: User, organisation: UUID, by: User | None, now: datetime, fields: list[str] | None = None
) -> None:
    record(
        action=action,
        now=now,
        actor_id=by.pk if by else None,
        organisation_id=organisation,
        object_type="user",
        object_id=user.pk,
        fields=fields or [],
    )
