"""Being away, for everyone who is given tasks or signs: who is on duty at the desk takes over what cannot wait."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from incidents.forms.casework import AbsenceForm
from incidents.views.places import PortalRequest
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.actions import (
    AccountsError,
    CancelledBefore,
    cancel_absence,
    plan_absence_everywhere,
    was_cancelled,
)
from vpdportal.accounts.models import Absence, Organisation, User
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
    cancel_planned(request, pk, user=request.user)
    return redirect("absence")


def cancel_planned(request: PortalRequest, pk: UUID, **of: User | Organisation) -> None:
    """Cancel the absence of this person, and say so; or that it was cancelled already. Raises Http404."""
    try:
        cancel_absence(absence=_planned(pk, **of), by=request.user, now=request.now)
    except CancelledBefore as refused:
        messages.info(request, str(refused))
    else:
        messages.success(request, _("The absence is cancelled."))


def _planned(pk: UUID, **of: User | Organisation) -> Absence:
    """Raises CancelledBefore, and Http404 where there was none of this person."""
    found = Absence.objects.filter(pk=pk, **of).first()
    if found is None and was_cancelled(pk):
        raise CancelledBefore
    if found is None:
        raise Http404
    return found


def organisations_with_tasks(request: PortalRequest) -> list[Organisation]:
    """Where this person can have tasks, by name."""
    here = standing(request.user, request.now)
    found = {organisation.pk: organisation for right in AWAY for organisation in here.organisations(right)}
    return sorted(found.values(), key=lambda organisation: organisation.name)
