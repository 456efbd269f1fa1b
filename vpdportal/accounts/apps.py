from django.apps import AppConfig
from django.conf import settings

from vpdportal.accounts.roles import Role
from vpdportal.sign_in_file import SignInFileError

# Has a last day that only a person can choose (design of access, R10).
NEVER_BY_PROVIDER = Role.DEPUTY


class AccountsConfig(AppConfig):
    name = "vpdportal.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Stop the start when SIGN_IN_FILE names a role that there is not: the file itself knows no roles."""
        for provider in settings.SIGN_IN_PROVIDERS:
            for given in provider.roles:
                if given.role not in Role.values:
                    raise SignInFileError(f"SIGN_IN_FILE, {provider.id}: no role {given.role!r}. {', '.join(Role)}.")
                if given.role == NEVER_BY_PROVIDER:
                    raise SignInFileError(
                        f"SIGN_IN_FILE, {provider.id}: the role {given.role} has a last day, so give it in the portal."
                    )
