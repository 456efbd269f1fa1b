"""Giving everything to someone else: for who works on cases about oneself, for the administrator about anyone.

The administrator sees numbers only: not which cases, nor what about.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from incidents.actions.handing_over import HandedOver, Work, hand_over_all, work_of
from incidents.actions.refusals import Refused
from incidents.forms.handing_over import HandOverAllForm
from incidents.views.places import PortalRequest, organisation_for
from vpdportal.accounts.access import require, standing, staying_at
from vpdportal.accounts.models import Organisation, User
from vpdportal.accounts.roles import RIGHTS, Right, Role


@dataclass(frozen=True)
class Place:
    """One organisation in which something waits for this person, and the form to give it away."""

    organisation: Organisation
    work: Work
    form: HandOverAllForm


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.WORK_CASES)
def own(request: PortalRequest) -> HttpResponse:
    """Everything of oneself, by organisation."""
    organisations = standing(request.user, request.now).organisations(Right.WORK_CASES)
    chosen = _chosen(request, organisations) if request.method == "POST" else None
    places, status = [], 200
    for organisation in organisations:
        data = request.POST if organisation == chosen else None
        form = _form(organisation, request.user, request.now, data)
        if data is not None and form.is_valid():
            if _handed_over(request, organisation, request.user, form.cleaned_data["to"]):
                return redirect("hand_over_all")
            status = 409
        elif data is not None:
            status = 400
        places.append(Place(organisation, work_of(request.user, organisation), form))
    return render(request, "incidents/hand_over_all.html", {"places": places}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.ADMINISTER)
def of(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    """Everything of someone of the organisation."""
    organisation = organisation_for(request, slug, Right.ADMINISTER)
    person = get_object_or_404(User.objects.filter(memberships__organisation=organisation).distinct(), pk=pk)
    data = request.POST if request.method == "POST" else None
    form, status = _form(organisation, person, request.now, data), 200
    if data is not None and form.is_valid():
        if _handed_over(request, organisation, person, form.cleaned_data["to"]):
            return redirect("hand_over_of", slug=slug, pk=pk)
        status = 409
    elif data is not None:
        status = 400
    context = {"organisation": organisation, "person": person, "work": work_of(person, organisation), "form": form}
    return render(request, "incidents/hand_over_of.html", context, status=status)


def _chosen(request: PortalRequest, organisations: list[Organisation]) -> Organisation:
    """The organisation whose button was pressed, among those this person serves."""
    for organisation in organisations:
        if organisation.slug == request.POST.get("organisation"):
            return organisation
    raise Http404


def _form(organisation: Organisation, person: User, now: datetime, data: object) -> HandOverAllForm:
    people = _people(organisation, person, now)
    return HandOverAllForm(data, people=people, auto_id=f"id_{organisation.slug}_%s")


def _people(organisation: Organisation, person: User, now: datetime) -> QuerySet[User]:
    """Who of the organisation can be given tasks, without who gives them away."""
    roles = [role for role in Role if Right.BE_GIVEN_TASKS in RIGHTS[role]]
    able = staying_at(now).filter(organisation=organisation, role__in=roles)
    return User.objects.filter(pk__in=able.values("user")).exclude(pk=person.pk).order_by("name", "pk")


def _handed_over(request: PortalRequest, organisation: Organisation, person: User, to: User) -> bool:
    """Do it and say how much went where; or say why not."""
    try:
        done = hand_over_all(person=person, organisation=organisation, to=to, by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return False
    _say(request, done, to)
    return True


def _say(request: PortalRequest, done: HandedOver, to: User) -> None:
    tasks = ngettext("%(count)s task", "%(count)s tasks", done.tasks) % {"count": done.tasks}
    cases = ngettext("%(count)s case", "%(count)s cases", done.cases) % {"count": done.cases}
    text = _("Handed over to %(name)s: %(tasks)s and %(cases)s.")
    messages.success(request, text % {"name": to.name, "tasks": tasks, "cases": cases})
    if done.elsewhere:
        text = ngettext(
            "%(count)s of these could not go to this person, and went to who is on duty.",
            "%(count)s of these could not go to this person, and went to who is on duty.",
            done.elsewhere,
        )
        messages.warning(request, text % {"count": done.elsewhere})
    if done.to_nobody:
        text = ngettext(
            "%(count)s of these waits for nobody now: nobody is left who may see it.",
            "%(count)s of these wait for nobody now: nobody is left who may see them.",
            done.to_nobody,
        )
        messages.warning(request, text % {"count": done.to_nobody})
