"""Carrying out what was granted: erasing, writing down what is right, and ending a limit."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incidents.actions.data_requests.correcting import correctable, write_correction
from incidents.actions.data_requests.erasing import erase
from incidents.actions.data_requests.limiting import end_limit
from incidents.forms.data_requests import CorrectionForm
from incidents.views.data_request_page import acted, decided_by, judged, request_for
from incidents.views.places import PortalRequest, is_uuid
from incidents.views.typed import keeps_what_is_typed
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right
from vpdportal.accounts.signing_in.again import proven_recently


@require_POST
@require(Right.HANDLE_DATA_REQUESTS)
@proven_recently
def erasing(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Erase what the page showed and what may still go. Two people agreed: who laid it before, and who decided."""
    found = request_for(request, pk)
    seen = {UUID(one) for one in request.POST.getlist("cases") if is_uuid(one)}
    done = _("Erased. The certificate stands with the other certificates of destruction.")
    return acted(request, found, lambda: erase(request=found, seen=seen, by=request.user, now=request.now), done)


@keeps_what_is_typed
@require_POST
@require(Right.HANDLE_DATA_REQUESTS)
def correcting(request: PortalRequest, pk: UUID) -> HttpResponse:
    found = request_for(request, pk)
    form = CorrectionForm(
        request.POST, cases=correctable(found).only("pk", "reference", "occurred_at"), has_record=found.has_record
    )

    def act() -> None:
        data = form.cleaned_data
        write_correction(
            request=found,
            words=data["correction"],
            cases=[UUID(one) for one in data["places"] if is_uuid(one)],
            in_record=CorrectionForm.RECORD in data["places"],
            seen=data["seen"],
            by=request.user,
            now=request.now,
        )

    done = _("Written down, beside what stood there.")
    return judged(request, found, "correction_form", form, act, done)


@require_POST
@require(Right.DECIDE_PRIVACY)
def ending(request: PortalRequest, pk: UUID) -> HttpResponse:
    found = decided_by(request, pk)
    done = _("Ended. The data may be used again.")
    return acted(request, found, lambda: end_limit(request=found, by=request.user, now=request.now), done)
