"""How people of an organisation sign in: for the administrator."""

from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.views.administration import is_kept
from incidents.views.administration_person import person_for
from incidents.views.places import PortalRequest, organisation_for
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.actions import AccountsError
from vpdportal.accounts.person_actions import emergency_people, is_only_yours
from vpdportal.accounts.roles import Right
from vpdportal.accounts.signing_in.again import proven_recently
from vpdportal.accounts.signing_in.emergency import set_emergency
from vpdportal.accounts.signing_in.factors import right_to_take_away, take_away_factors
from vpdportal.accounts.signing_in.plan_form import SignInPlanForm

TAKE_AWAY = (Right.ADMINISTER, Right.DECIDE_PRIVACY)


@require_http_methods(["GET", "HEAD", "POST"])
@proven_recently
@require(Right.ADMINISTER)
def plan(request: PortalRequest, slug: str) -> HttpResponse:
    """Who may use a password, and which roles need a second step."""
    organisation = organisation_for(request, slug, Right.ADMINISTER)
    people = emergency_people(organisation, request.now)
    data = request.POST if request.method == "POST" else None
    form = SignInPlanForm(data, instance=organisation, has_emergency_account=bool(people))
    status = 400 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        if is_kept(request, form):
            messages.success(request, _("How people sign in is saved."))
            return redirect("sign_in_plan", slug=slug)
        status = 409
    context = {"organisation": organisation, "form": form, "people": people}
    return render(request, "incidents/sign_in_plan.html", context, status=status)


@require_safe
@require(*TAKE_AWAY)
def person(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    """With what one person signs in: only whether there is a second step, never what it is called or holds."""
    organisation, found = person_for(request, slug, pk, *TAKE_AWAY)
    here, right = standing(request.user, request.now), right_to_take_away(found, request.now)
    is_administrator = here.may(Right.ADMINISTER, organisation.pk)
    own_right = Right.ADMINISTER if is_administrator else Right.DECIDE_PRIVACY
    context = {
        "organisation": organisation,
        "person": found,
        "has_factors": Authenticator.objects.filter(user_id=found.pk).exists(),
        "may_take_away": here.may(right, organisation.pk),
        "is_administrator": is_administrator,
        "is_yours": is_only_yours(found, request.user, request.now, own_right),
        "is_self": found.pk == request.user.pk,
    }
    return render(request, "incidents/administration_person_sign_in.html", context)


@require_POST
@proven_recently
@require(*TAKE_AWAY)
def factors_gone(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    """Someone lost telephone and key."""
    organisation, found = person_for(request, slug, pk, *TAKE_AWAY)
    try:
        take_away_factors(user=found, organisation=organisation, by=request.user, now=request.now)
    except AccountsError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(
            request, _("The second step is taken away, and %(name)s is told by mail.") % {"name": found.name}
        )
    return redirect("administration_person_sign_in", slug=slug, pk=pk)


@require_POST
@proven_recently
@require(Right.ADMINISTER)
def emergency(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    """An account for the day that the organisation's own sign-in does not work."""
    organisation, found = person_for(request, slug, pk)
    is_emergency = request.POST.get("is") == "yes"
    try:
        set_emergency(
            user=found, is_emergency=is_emergency, organisation=organisation, by=request.user, now=request.now
        )
    except AccountsError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(
            request,
            _("This is an emergency account now.") if is_emergency else _("This is an ordinary account again."),
        )
    return redirect("administration_person_sign_in", slug=slug, pk=pk)
