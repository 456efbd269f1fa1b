"""What the pages of signing in show of the organisations' own accounts."""

from typing import Any

from allauth.socialaccount.models import SocialAccount
from django import template
from django.conf import settings
from django.utils.http import urlencode

from vpdportal.sign_in_file import Provider

register = template.Library()


@register.simple_tag
def sign_in_providers() -> tuple[Provider, ...]:
    """All ways in by an organisation's own account; none is the usual case of a small installation."""
    return tuple(settings.SIGN_IN_PROVIDERS)


@register.simple_tag
def own_providers(user: Any) -> list[Provider]:
    """Those by which this person can prove to be who they are."""
    if not settings.SIGN_IN_PROVIDERS:
        return []
    linked = set(SocialAccount.objects.filter(user_id=user.pk).values_list("provider", flat=True))
    return [provider for provider in settings.SIGN_IN_PROVIDERS if provider.id in linked]


@register.simple_tag
def signed_out_of(provider_id: str) -> Provider | None:
    """The provider where someone who was just signed out here is still signed in, when one can sign out there."""
    return next((one for one in settings.SIGN_IN_PROVIDERS if one.id == provider_id and one.signs_out), None)


@register.filter
def as_next(address: str) -> str:
    """An address as a parameter of another one; empty stays empty."""
    return f"?{urlencode({'next': address})}" if address else ""
