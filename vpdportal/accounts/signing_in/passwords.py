"""Who may sign in at the portal itself, and not only at their organisation's own account."""

from datetime import datetime

from vpdportal.accounts.access import standing
from vpdportal.accounts.models import PasswordSignIn, User
from vpdportal.tenancy import everywhere


def may_sign_in_here(user: User, now: datetime) -> bool:
    """With a password or a passkey of the portal. False for a closed account.

    False too for who only belongs to organisations that keep this for emergency accounts, and has none.
    """
    if not user.is_active:
        return False
    if user.is_emergency_account:
        return True
    with everywhere():  # nobody is signed in yet, so nobody's organisations may be read
        organisations = {membership.organisation for membership in standing(user, now).memberships}
    return not organisations or any(one.password_sign_in == PasswordSignIn.EVERYONE for one in organisations)
