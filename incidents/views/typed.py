"""What someone typed is not lost when the session ended meanwhile: sign in on the spot, and it comes back."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.signing import BadSignature, Signer
from django.forms import BaseForm
from django.http import HttpResponseBase
from django.utils.translation import gettext as _

from incidents.views.places import PortalRequest
from incidents.views.signed_out import sign_in_and_go_on
from vpdportal.accounts.models import User

View = Callable[..., HttpResponseBase]
WRITER = Signer(salt="who-opened-this-form")
SENT_BEFORE = "sent_before"  # as `resume`: typed in a report that was sent meanwhile


def keeps_what_is_typed(view: View) -> View:
    """A view that a stranger gets the sign-in page of, with what was typed in it (views/signed_out.py)."""

    @login_not_required
    @wraps(view)
    def guarded(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return sign_in_and_go_on(request)
        return view(request, *args, **kwargs)

    guarded.keeps_what_is_typed = True  # type: ignore[attr-defined]
    return guarded


def comes_back(request: PortalRequest) -> bool:
    """Whether this form was typed before signing in, or on a page that grew too old: it is shown again, not sent."""
    return bool(request.POST.get("resume")) or getattr(request, "is_old_page", False)


def is_shown_again(request: PortalRequest, form: BaseForm) -> bool:
    """Whether a form is shown in place of acted upon: it came back, or is wrong. Judged either way, to show faults."""
    is_valid = form.is_valid()
    return comes_back(request) or not is_valid


def mark_of_writer(user: User) -> str:
    """The mark that a form carries as `writer`: who opened it."""
    return WRITER.sign(str(user.pk))


def is_of_another(request: PortalRequest) -> bool:
    """Whether what comes back was typed by someone else: it is not shown to this person, who is told so."""
    if not comes_back(request):
        return False
    try:
        is_own = WRITER.unsign(request.POST.get("writer", "")) == str(request.user.pk)
    except BadSignature:
        is_own = False
    if not is_own:
        messages.warning(request, _("This form was opened by someone else, so it was not sent. Start a new one."))
    return not is_own


def status_of_return(request: PortalRequest) -> int:
    """The status of a form that is shown again, after saying why: typed before signing in, an old page, or a fault."""
    if request.POST.get("resume") == SENT_BEFORE:
        messages.info(request, _("Look at it once more, take out what is double, and add it."))
        return 200
    if request.POST.get("resume"):
        messages.warning(request, _("You were away for a while. Nothing is lost: check it and send it again."))
        return 200
    if comes_back(request):
        messages.warning(request, _("This page was open for long. Nothing is lost: check it and send it again."))
        return 403
    return 400
