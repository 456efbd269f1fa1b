"""Linking people to a case and what follows from it. Each change is one action."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incidents.actions.advice import complete_facts
from incidents.actions.informing import put_off_telling, tell_person
from incidents.actions.person_facts import describe_unknown, take_over_facts
from incidents.actions.person_lookups import TooManyLookups
from incidents.actions.persons import INTERNAL, PersonGone, Typed, link_person, make_person, unlink_person
from incidents.actions.refusals import Refused
from incidents.forms.persons import DelayForm, LinkReasonForm, PersonForm, ToldForm, UnknownForm, UnlinkForm
from incidents.models import Incident, Involvement, Person
from incidents.views.case_persons import changes_text, found_page, people_page
from incidents.views.places import PortalRequest, case_for, is_uuid
from incidents.views.typed import comes_back, is_of_another, is_shown_again, keeps_what_is_typed, status_of_return
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.roles import Right


@keeps_what_is_typed
@require_POST
@require(Right.WORK_CASES)
def find(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Look whether the person is known. It changes nothing, and is sent so that no name stands in an address."""
    incident = _case_with_persons(request, pk)
    if is_of_another(request):
        return redirect("case_people", pk=pk)
    form = PersonForm(request.POST, now=request.now, auto_id="find-%s")
    if is_shown_again(request, form):
        return people_page(request, incident, status_of_return(request), find_form=form)
    return _found(request, incident, form, reason=request.POST)


@keeps_what_is_typed
@require_POST
@require(Right.WORK_CASES)
def link(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Link the record that was chosen, or make a new one."""
    incident = _case_with_persons(request, pk)
    if is_of_another(request):
        return redirect("case_people", pk=pk)
    form = PersonForm(request.POST, now=request.now, auto_id="find-%s")
    reason_form = LinkReasonForm(request.POST, auto_id=False)
    if not form.is_valid():
        return people_page(request, incident, status_of_return(request), find_form=form)
    if is_shown_again(request, reason_form):
        return _found(request, incident, form, status_of_return(request), request.POST)
    try:
        _linked(request, incident, form.typed(), reason_form.cleaned_data["reason"])
    except Refused as refused:
        messages.error(request, str(refused))
        return _found(request, case_for(request, pk), form, 409, request.POST)
    messages.success(request, _done_text(incident, case_for(request, pk)))
    return redirect("case_people", pk=pk)


@keeps_what_is_typed
@require_POST
@require(Right.WORK_CASES)
def unlink(request: PortalRequest, pk: UUID, involvement_pk: UUID) -> HttpResponse:
    incident = _case_with_persons(request, pk)
    form = UnlinkForm(request.POST, auto_id=f"unlink-{involvement_pk}-%s")
    involvement = Involvement.objects.filter(pk=involvement_pk, incident=incident).first()
    if involvement is None:
        messages.info(request, _("This person was taken off the case already."))
        return redirect("case_people", pk=pk)

    def act() -> str:
        unlink_person(involvement=involvement, reason=form.cleaned_data["reason"], by=request.user, now=request.now)
        return _("The person is off the case. What the records had filled in is not known again.")

    return _judged(request, incident, form, act, line=involvement_pk, unlink_form=form)


@keeps_what_is_typed
@require_POST
@require(Right.WORK_CASES)
def inform(request: PortalRequest, pk: UUID, involvement_pk: UUID) -> HttpResponse:
    """Told that data are kept, or not yet, with the ground and the reason."""
    incident = _case_with_persons(request, pk)
    involvement = get_object_or_404(Involvement, pk=involvement_pk, incident=incident)
    change: dict[str, Any] = {"involvement": involvement, "by": request.user, "now": request.now}
    if request.POST.get("do") == "told":
        told = ToldForm(request.POST, auto_id=f"told-{involvement_pk}-%s")

        def tell() -> str:
            tell_person(**change, on=told.cleaned_data["informed_on"])
            return _("Kept: this person was told.")

        return _judged(request, incident, told, tell, line=involvement_pk, told_form=told)
    delay = DelayForm(request.POST, auto_id=f"delay-{involvement_pk}-%s")

    def put_off() -> str:
        put_off_telling(**change, **delay.cleaned_data)
        return _("Kept: this person is not told yet. The task comes back on the day you chose.")

    return _judged(request, incident, delay, put_off, line=involvement_pk, delay_form=delay)


@keeps_what_is_typed
@require_POST
@require(Right.WORK_CASES)
def facts(request: PortalRequest, pk: UUID) -> HttpResponse:
    """What is known without a record: nobody knows who it was, it was a group, it was a colleague; or take over."""
    incident = _case_with_persons(request, pk)
    change: dict[str, Any] = {"incident": incident, "by": request.user, "now": request.now}
    form = UnknownForm(request.POST)

    def unknown() -> str:
        describe_unknown(**change, description=form.cleaned_data["description"], seen=request.POST.get("seen", ""))
        return _("Kept. Securing evidence and telling the police come first now.")

    def group() -> str:
        complete_facts(**change, answers={"perpetrator.group": True})
        return _("Kept: it was a group. The advice was made again.")

    def internal() -> str:
        relation = next((one for one in INTERNAL if one == request.POST.get("relation")), INTERNAL[0])
        complete_facts(**change, answers={"perpetrator.known": True, "perpetrator.relation": relation.value})
        return _("Kept, without a record of this person. The internal track stands in the advice.")

    def take_over() -> str:
        if not take_over_facts(**change):
            return _("No facts were changed.")
        return _("The facts were completed with what the records say, and the advice was made again.")

    acts = {"group": group, "internal": internal, "take_over": take_over}
    if act := acts.get(request.POST.get("do", "")):
        return redirect("case_people", pk=pk) if comes_back(request) else _acted(request, incident, act)
    return _judged(request, incident, form, unknown, unknown_form=form)


def _case_with_persons(request: PortalRequest, pk: UUID) -> Incident:
    """The case, for who works on it and also handles what its organisation keeps of people outside."""
    incident = case_for(request, pk)
    if not standing(request.user, request.now).may(Right.HANDLE_PERSONS, incident.organisation_id):
        raise PermissionDenied
    return incident


def _found(
    request: PortalRequest, incident: Incident, form: PersonForm, status: int = 200, reason: Any = None
) -> HttpResponse:
    """What was found; after the last search of the day the page of people, with all that was typed still on it."""
    try:
        return found_page(request, incident, form, status, reason)
    except TooManyLookups as refused:
        messages.error(request, str(refused))
        reason_form = LinkReasonForm(reason, auto_id="find-reason-%s") if reason and reason.get("reason") else None
        return people_page(request, incident, 409, find_form=form, reason_form=reason_form)


def _linked(request: PortalRequest, incident: Incident, typed: Typed, reason: str) -> None:
    """Raises Refused, also when the record that was chosen went meanwhile."""
    change: dict[str, Any] = {
        "incident": incident,
        "typed": typed,
        "reason": reason,
        "by": request.user,
        "now": request.now,
    }
    chosen = request.POST.get("person", "")
    if chosen == "new":
        seen = {UUID(pk) for pk in request.POST.get("seen", "").split(",") if is_uuid(pk)}
        make_person(**change, seen=seen)
        return
    handled = Person.objects.handled_by(request.user, request.now).filter(organisation=incident.organisation_id)
    person = handled.filter(pk=chosen).first() if is_uuid(chosen) else None
    if person is None:
        raise PersonGone
    link_person(**change, person=person)


def _done_text(before: Incident, after: Incident) -> str:
    """That it was done, with what became a fact by it."""
    news = {name: value for name, value in after.facts.values().items() if value != before.facts.value(name)}
    if not news:
        return _("The person is linked to the case.")
    said = "; ".join(f"{label}: {after}" for label, _before, after in changes_text(before, news))
    return _("The person is linked to the case. The advice was made again with: %(facts)s.") % {"facts": said}


def _judged(
    request: PortalRequest, incident: Incident, form: Any, act: Callable[[], str], **bound: Any
) -> HttpResponse:
    """Act on a form that is right; else the page again with what was typed. Nobody sees what someone else typed."""
    if is_of_another(request):
        return redirect("case_people", pk=incident.pk)
    if is_shown_again(request, form):
        return people_page(request, incident, status_of_return(request), **bound)
    return _acted(request, incident, act, **bound)


def _acted(request: PortalRequest, incident: Incident, act: Callable[[], str], **bound: Any) -> HttpResponse:
    try:
        done = act()
    except Refused as refused:
        messages.error(request, str(refused))
        return people_page(request, case_for(request, incident.pk), 409, **bound)
    messages.success(request, done)
    return redirect("case_people", pk=incident.pk)
