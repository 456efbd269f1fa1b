"""Being away, for everyone who is given tasks or signs: who is on duty at the desk takes over what cannot wait."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from incidents.forms.casework import AbsenceForm
from incidents.views.places import PortalRequest
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.actions import AccountsError, cancel_absence, plan_absence_everywhere
from vpdportal.accounts.models import Absence, Organisation
from vpdportal.accounts.roles import Right

AWAY = (Right.WORK_CASES, Right.BE_GIVEN_TASKS, Right.SIGN)  # any of these brings tasks


@require_http_methods(["GET", "HEAD", "POST"])
@require(*AWAY)
def absence(request: PortalRequest) -> HttpResponse:
    """One's own absence, in every organisation in which one can have tasks."""
    form = AbsenceForm(request.POST if request.method == "POST" else None, now=request.now)
    status = 400 if request.method == "POST" else 200
    if form.is_valid():
        try:
            plan_absence_everywhere(
                user=request.user,
                organisations=organisations_with_tasks(request),
                starts_at=form.cleaned_data["starts_at"],
                ends_at=form.cleaned_data["ends_at"],
                by=request.user,
                now=request.now,
            )
        except AccountsError as refused:
            form.add_error(None, str(refused))
            status = 409
        else:
            messages.success(request, _("Your absence is planned. Who is on duty at the desk takes over in that time."))
            return redirect("absence")
    planned = Absence.objects.filter(user=request.user, ends_at__gt=request.now).select_related("organisation")
    context = {
        "form": form,
        "planned": planned,
        "is_desk": standing(request.user, request.now).may(Right.WORK_CASES),
    }
    return render(request, "incidents/absence.html", context, status=status)


@require_POST
@require(*AWAY)
def cancel(request: PortalRequest, pk: UUID) -> HttpResponse:
    planned = get_object_or_404(Absence, pk=pk, user=request.user)
    cancel_absence(absence=planned, by=request.user, now=request.now)
    messages.success(request, _("The absence is cancelled."))
    return redirect("absence")


def organisations_with_tasks(request: PortalRequest) -> list[Organisation]:
    """Where this person can have tasks, by name."""
    here = standing(request.user, request.now)
    found = {organisation.pk: organisation for right in AWAY for organisation in here.organisations(right)}
    return sorted(found.values(), key=lambda organisation: organisation.name)
