"""One person of the organisation, for the administrator: roles, days, being away, and whether mail arrives."""

from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.actions.closing_accounts import waiting_for
from incidents.actions.reminders.plans import save_own_choices
from incidents.forms.casework import AbsenceForm
from incidents.views.absences import AWAY, cancel_planned
from incidents.views.places import PortalRequest, organisation_for
from vpdportal.accounts.access import require
from vpdportal.accounts.actions import AccountsError, plan_absence
from vpdportal.accounts.forms import AddressForm, WorkingDaysForm
from vpdportal.accounts.models import Absence, Membership, Organisation, User
from vpdportal.accounts.person_actions import change_address, is_only_yours, mail_arrives_again
from vpdportal.accounts.roles import RIGHTS, Right, Role
from vpdportal.accounts.signing_in.again import proven_recently

BRINGS_TASKS = {role for role in Role if RIGHTS[role] & set(AWAY)}


@require_safe
@require(Right.ADMINISTER)
def person(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    return show_person(request, *person_for(request, slug, pk))


def person_for(request: PortalRequest, slug: str, pk: UUID, *rights: Right) -> tuple[Organisation, User]:
    """The organisation, and someone who is or was something in it; for administrators, or who has one of `rights`."""
    organisation = organisation_for(request, slug, *(rights or (Right.ADMINISTER,)))
    return organisation, get_object_or_404(
        User.objects.filter(memberships__organisation=organisation).distinct(), pk=pk
    )


def show_person(
    request: PortalRequest,
    organisation: Organisation,
    person: User,
    status: int = 200,
    *,
    days: BaseForm | None = None,
    away: BaseForm | None = None,
    address: BaseForm | None = None,
) -> HttpResponse:
    """The page, with a form that was sent and has mistakes in place of a new one."""
    asked = User.objects.get(pk=person.pk) if status != 200 else person  # without what a form has written on it
    roles = list(_roles_of(asked, organisation).select_related("department"))
    is_self = asked.pk == request.user.pk
    context = {
        "organisation": organisation,
        "person": asked,
        "roles": roles,
        "today": timezone.localdate(request.now),
        "is_here": bool(_lasting(roles, request)),
        "has_tasks": _has_tasks(asked, roles, request),
        "absences": Absence.objects.filter(user=asked, organisation=organisation, ends_at__gt=request.now),
        "days": days or WorkingDaysForm(instance=asked, auto_id="days-%s"),
        "away": away or AbsenceForm(now=request.now, auto_id="away-%s"),
        "address": address or AddressForm(instance=asked, auto_id="address-%s"),
        "is_yours": is_only_yours(asked, request.user, request.now),
        "is_self": is_self,
        "waiting": None if is_self else waiting_for(person=asked, by=request.user, now=request.now),
    }
    return render(request, "incidents/administration_person.html", context, status=status)


def _roles_of(person: User, organisation: Organisation) -> QuerySet[Membership]:
    return Membership.objects.filter(user=person, organisation=organisation).order_by("starts_on", "role", "id")


def _has_tasks(person: User, roles: list[Membership], request: PortalRequest) -> bool:
    """Whether a role that holds here, or is to come, brings tasks."""
    return person.is_active and any(Role(one.role) in BRINGS_TASKS for one in _lasting(roles, request))


def _lasting(roles: list[Membership], request: PortalRequest) -> list[Membership]:
    """The roles that have not ended. Who has none left here went away: what changes of them is not for here to know."""
    today = timezone.localdate(request.now)
    return [one for one in roles if one.ends_on is None or one.ends_on >= today]


def _with_role(request: PortalRequest, slug: str, pk: UUID) -> tuple[Organisation, User]:
    organisation, person = person_for(request, slug, pk)
    if not _lasting(list(_roles_of(person, organisation)), request):
        raise Http404
    return organisation, person


def _with_tasks(request: PortalRequest, slug: str, pk: UUID) -> tuple[Organisation, User]:
    organisation, person = person_for(request, slug, pk)
    if not _has_tasks(person, list(_roles_of(person, organisation)), request):
        raise Http404
    return organisation, person


@require_POST
@require(Right.ADMINISTER)
def days(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    """On which days someone works."""
    organisation, person = _with_tasks(request, slug, pk)
    form = WorkingDaysForm(request.POST, instance=person, auto_id="days-%s")
    if not form.is_valid():
        return show_person(request, organisation, person, 400, days=form)
    save_own_choices(
        person=person, changed=form.changed_data, by=request.user, now=request.now, organisation=organisation
    )
    messages.success(request, _("The working days are saved."))
    return redirect("administration_person", slug=slug, pk=pk)


@require_POST
@require(Right.ADMINISTER)
def away(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    """Someone is away, and cannot say so: they fell ill."""
    organisation, person = _with_tasks(request, slug, pk)
    form = AbsenceForm(request.POST, now=request.now, auto_id="away-%s")
    if not form.is_valid():
        return show_person(request, organisation, person, 400, away=form)
    span = {name: form.cleaned_data[name] for name in ("starts_at", "ends_at")}
    try:
        plan_absence(user=person, organisation=organisation, by=request.user, now=request.now, **span)
    except AccountsError as refused:
        form.add_error(None, str(refused))
        return show_person(request, organisation, person, 409, away=form)
    messages.success(request, _("The absence is planned. Who is on duty at the desk takes over in that time."))
    return redirect("administration_person", slug=slug, pk=pk)


@require_POST
@require(Right.ADMINISTER)
def back(request: PortalRequest, slug: str, pk: UUID, absence_pk: UUID) -> HttpResponse:
    """An absence of someone here does not go on."""
    organisation, person = person_for(request, slug, pk)
    cancel_planned(request, absence_pk, user=person, organisation=organisation)
    return redirect("administration_person", slug=slug, pk=pk)


@require_POST
@require(Right.ADMINISTER)
@proven_recently
def address(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    """Another address for mail and for signing in."""
    organisation, person = _with_role(request, slug, pk)
    form = AddressForm(request.POST, instance=person, auto_id="address-%s")
    if not form.is_valid():
        return show_person(request, organisation, person, 400, address=form)
    email = form.cleaned_data["email"]
    try:
        change_address(user=person, email=email, organisation=organisation, by=request.user, now=request.now)
    except AccountsError as refused:
        form.add_error(None, str(refused))
        return show_person(request, organisation, person, 409, address=form)
    messages.success(request, _("The address is changed. Mail goes to %(address)s from now on.") % {"address": email})
    return redirect("administration_person", slug=slug, pk=pk)


@require_POST
@require(Right.ADMINISTER)
def mended(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    """The address works again, without a change to it here."""
    organisation, person = _with_role(request, slug, pk)
    mail_arrives_again(user=person, organisation=organisation, by=request.user, now=request.now)
    messages.success(request, _("Reminders go to %(name)s again.") % {"name": person.name})
    return redirect("administration_person", slug=slug, pk=pk)
