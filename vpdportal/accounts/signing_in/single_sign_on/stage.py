"""The second step of signing in, left out for whom the provider proved one already."""

from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest

from vpdportal.accounts.models import User
from vpdportal.accounts.signing_in.single_sign_on.marks import provider_proved_second_factor


class SecondStepStage(AuthenticateStage):  # type: ignore[misc]
    """Asked of everyone with a factor of ours, but for who used one at the provider a moment ago."""

    def _should_handle(self, request: HttpRequest) -> bool:
        user = self.login.user
        if isinstance(user, User) and provider_proved_second_factor(request, user):
            return False
        return bool(super()._should_handle(request))
