"""The aftercare of a case: for each person a line in time, help for witnesses and relatives, one more moment."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guidance.vocabulary import OFFICE_HOLDERS
from incidents.actions.care import add_care
from incidents.actions.refusals import Refused
from incidents.forms.care import ExtraForm
from incidents.models import Incident
from incidents.overview.care import (
    by_receiver,
    care_lines,
    days_that_touch_again,
    people_who_may_give,
    still_to_come,
)
from incidents.views.case_frame import show_part
from incidents.views.places import PortalRequest, case_for
from incidents.views.typed import is_of_another, is_shown_again, keeps_what_is_typed, status_of_return
from vpdportal.accounts.access import memberships_at, require
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Right

RECEPTION = timedelta(days=3)  # an extra moment is proposed as near as a reception talk [S05]


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.WORK_CASES)
def case_care(request: PortalRequest, pk: UUID) -> HttpResponse:
    """The rhythm, and adding one more moment to it."""
    incident = case_for(request, pk)
    if request.method != "POST":
        return _page(request, incident)
    if is_of_another(request):
        return redirect("case_care", pk=pk)
    form = _form(request, incident, request.POST)
    if is_shown_again(request, form):
        return _page(request, incident, status_of_return(request), form)
    try:
        add_care(
            incident=incident,
            someone=form.someone(),
            given_by=form.cleaned_data["given_by"],
            due_at=form.due_at(),
            by=request.user,
            now=request.now,
            key=form.cleaned_data["key"],
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return _page(request, case_for(request, pk), 409, form)
    messages.success(request, _("The moment is added. Plan a day and an hour for it."))
    return redirect("case_care", pk=pk)


def _page(request: PortalRequest, incident: Incident, status: int = 200, form: ExtraForm | None = None) -> HttpResponse:
    lines = care_lines(incident)
    context: dict[str, Any] = {
        "receivers": by_receiver(incident, lines),
        "coming": still_to_come(incident),
        "again": days_that_touch_again(incident, timezone.localdate(request.now)),
        "is_of_office_holder": incident.target_group in OFFICE_HOLDERS,
        "extra_form": form or _form(request, incident),
        "is_day_asked": _day_asked(request) is not None,
    }
    return show_part(request, incident, "case_care", "incidents/case_care.html", context, status=status)


def _day_asked(request: PortalRequest) -> date | None:
    """The day in the address for which a contact is planned; None where there is none."""
    try:
        return parse_date(request.GET.get("op", ""))
    except ValueError:
        return None


def _form(request: PortalRequest, incident: Incident, typed: Any = None) -> ExtraForm:
    here = memberships_at(request.now).filter(organisation=incident.organisation_id)
    first = {"due_day": timezone.localdate(request.now + RECEPTION), "care_for": "witness", "key": uuid4()}
    if asked := _day_asked(request):
        first |= {"due_day": asked, "care_for": "affected"}
    return ExtraForm(
        typed,
        initial=first,
        people=people_who_may_give(incident, request.now),
        colleagues=User.objects.filter(pk__in=here.values("user")),
        now=request.now,
        auto_id="extra-%s",
    )
