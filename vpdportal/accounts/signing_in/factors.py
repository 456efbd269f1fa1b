"""Second factors of a person: setting up and taking away. Each is one transaction and leaves an audit row."""

import base64
import logging
from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vpdportal.accounts.access import memberships_at, standing
from vpdportal.accounts.actions import AccountsError
from vpdportal.accounts.models import Organisation, User
from vpdportal.accounts.person_actions import check_only_yours
from vpdportal.accounts.roles import NEEDS_TWO, Right
from vpdportal.accounts.signing_in.noted import note_of_person
from vpdportal.accounts.signing_in.sealing import secrets_of
from vpdportal.accounts.signing_in.second_factor import FACTORS, needs_factor
from vpdportal.accounts.signing_in.sessions import end_sessions
from vpdportal.audit.chain import record
from vpdportal.encryption import SealBroken, open_seal, seal

log = logging.getLogger(__name__)

NEW_SECRET = "vpd_new_app_secret"  # noqa: S105  a name in the session; what it holds there is sealed


class LastFactor(AccountsError):
    """A role asks for a second factor, so the only one stays until there is another."""


class OwnFactors(AccountsError):
    """Who lost a factor is known by another person, and not by their own session."""


class TakesTheOfficer(AccountsError):
    """Who can take the second step away needs but a new password: for a role that opens much that takes two people."""


class HasApp(AccountsError):
    """One app at a time: the second one would make the first one useless without a word."""


def new_app_secret(request: HttpRequest, user: User, *, is_fresh: bool) -> str:
    """The secret of an app that is being set up: sealed in the session until the app shows that it knows it."""
    if not is_fresh and (kept := request.session.get(NEW_SECRET)):
        try:
            return open_seal(base64.b64decode(kept), place=_new_place(user)).decode()
        except SealBroken:
            pass
    secret: str = generate_totp_secret()
    request.session[NEW_SECRET] = base64.b64encode(seal(secret.encode(), place=_new_place(user))).decode()
    return secret


def add_app(*, user: User, secret: str, keep_session: str | None, now: datetime) -> tuple[Authenticator, list[str]]:
    """An app that makes codes. Gives it, and recovery codes when these are the first; other sessions end."""
    with transaction.atomic():
        _hold(user)
        if Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists():
            raise HasApp(_("You have an app already. Remove that one first."))
        with secrets_of(user):
            added = TOTP.activate(user, secret).instance
        return added, _after_adding(user, added, keep_session, now)


def add_passkey(
    *, user: User, credential: dict[str, Any], keep_session: str | None, now: datetime
) -> tuple[Authenticator, list[str]]:
    """A passkey that the browser has made. Without a name: what a device is called may say whose it is."""
    with transaction.atomic():
        _hold(user)
        added = WebAuthn.add(user, "", credential).instance
        return added, _after_adding(user, added, keep_session, now)


def remove_factor(*, factor: Authenticator, keep_session: str | None, now: datetime) -> None:
    """Take away an own factor; recovery codes go with the last one. Raises LastFactor."""
    user: User = factor.user
    with transaction.atomic():
        _hold(user)
        others = Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exclude(pk=factor.pk)
        if not others.exists():
            if needs_factor(user, now):
                raise LastFactor(_("Your role asks for a second step. Add another one first, then remove this one."))
            Authenticator.objects.filter(user_id=user.pk).delete()
        kind = factor.type
        Authenticator.objects.filter(pk=factor.pk).delete()
        _tell("factor.removed", user, [kind], None, user, now)
        end_sessions(user, keep=keep_session)


def new_recovery_codes(*, user: User, now: datetime) -> list[str]:
    """Ten codes that each work once; the earlier ones work no more."""
    with transaction.atomic():
        _hold(user)
        Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES).delete()
        _tell("factor.codes_made", user, [], None, user, now)
        return _make_codes(user)


def right_to_take_away(user: User, now: datetime) -> Right:
    """Whose it is to take away this person's second step: of a role that opens much, the data protection officer's.

    An administrator can give someone another address, and with it a new password; with this too, the whole account.
    """
    opens_much = memberships_at(now).filter(user=user, role__in=NEEDS_TWO).exists()
    return Right.DECIDE_PRIVACY if opens_much else Right.ADMINISTER


def take_away_factors(*, user: User, organisation: Organisation, by: User | None, now: datetime) -> int:
    """Someone lost what they had: someone else takes all of it away, and they set it up anew after signing in.

    Their sessions end. Only who has the right to (`right_to_take_away`) wherever the person is anything may do it;
    `by` is None for who runs the installation. Raises OwnFactors, TakesTheOfficer, NotOnlyYours. Gives how many
    there were.
    """
    if by and user.pk == by.pk:
        raise OwnFactors(_("Ask someone else to take away your second step."))
    with transaction.atomic():
        _hold(user)
        right = right_to_take_away(user, now)
        if by and not standing(by, now).may(right, organisation.pk):
            raise TakesTheOfficer(
                _(
                    "This person has a role that opens much. The data protection officer takes the second step away; "
                    "where there is none, who runs the portal."
                )
            )
        if by:
            check_only_yours(user, by, now, right)
        held = Authenticator.objects.filter(user_id=user.pk)
        kinds = sorted(set(held.values_list("type", flat=True)))
        number, _each = held.delete()
        if number:
            _tell("factor.taken", user, kinds, organisation, by, now)
            end_sessions(user)
    return int(number)


def codes_left(user: User) -> int:
    held = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES).first()
    if held is None:
        return 0
    with secrets_of(user):
        return len(held.wrap().get_unused_codes())


def _hold(user: User) -> None:
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _after_adding(user: User, added: Authenticator, keep_session: str | None, now: datetime) -> list[str]:
    has_codes = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES).exists()
    _tell("factor.added", user, [added.type], None, user, now)
    end_sessions(user, keep=keep_session)
    return [] if has_codes else _make_codes(user)


def _make_codes(user: User) -> list[str]:
    with secrets_of(user):
        made: list[str] = RecoveryCodes.activate(user).generate_codes()
    return made


def _new_place(user: User) -> str:
    return f"new_app_secret.{user.pk}"


def _tell(
    action: str, user: User, kinds: Iterable[str], organisation: Organisation | None, by: User | None, now: datetime
) -> None:
    """Into the trail, and to the person: whoever did it, the owner of the account must hear of it."""
    if organisation is None:
        note_of_person(action=action, person=user, by=by, now=now, fields=kinds)
    else:
        record(
            action=action,
            now=now,
            actor_id=by.pk if by else None,
            organisation_id=organisation.pk,
            object_type="user",
            object_id=user.pk,
            fields=kinds,
        )
    transaction.on_commit(partial(_mail, user, now))


def _mail(user: User, now: datetime) -> None:
    """At once and without contents. Failing stops nothing."""
    with translation.override(user.language):
        message = EmailMessage(
            subject=gettext("VPD portal: your way of signing in was changed"),
            body=gettext(
                "The second step with which you sign in to the VPD portal was changed.\n\n"
                "Was it not you, and did you not ask for it? Tell your administrator at once.\n"
            ),
            to=[user.email],
            headers={"Date": format_datetime(now), "Auto-Submitted": "auto-generated"},
        )
    try:
        message.send()
    except Exception as error:  # noqa: BLE001  the factor is changed, whatever the mail server says
        log.warning("mail about a changed factor not sent: %s", type(error).__name__)  # its text may hold the address
