"""The functional administrator: people, roles, departments and the numbers to call. No content of reports."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.actions.giving_roles import ask_for_role
from incidents.actions.handing_over import StillHasWork, end_role_of
from incidents.actions.keeping.terms import parts_without_term
from incidents.views.machine_room import banner
from incidents.views.places import PortalRequest, organisation_for
from vpdportal.accounts.access import memberships_at, require, standing
from vpdportal.accounts.actions import (
    AccountsError,
    DepartmentMisplaced,
    give_role,
    invite_person,
    save_department,
    save_organisation,
)
from vpdportal.accounts.departments import in_tree_order
from vpdportal.accounts.forms import DepartmentForm, OrganisationForm, RoleForm
from vpdportal.accounts.models import Department, Organisation, ProposalStatus, User
from vpdportal.accounts.roles import NEEDS_TWO, RIGHTS, Right, Role
from vpdportal.accounts.signing_in.again import proven_recently

HANDING = [role for role in Role if RIGHTS[role] & {Right.BE_GIVEN_TASKS, Right.WORK_CASES}]  # who may have work


@require_safe
@require(Right.ADMINISTER)
def choose(request: PortalRequest) -> HttpResponse:
    organisations = standing(request.user, request.now).organisations(Right.ADMINISTER)
    places = [(organisation, reverse("administration", args=[organisation.slug])) for organisation in organisations]
    if len(places) == 1:
        return redirect(places[0][1])
    return render(request, "incidents/choose.html", {"places": places, "subject": "administration"})


@require_safe
@require(Right.ADMINISTER)
def organisation(request: PortalRequest, slug: str) -> HttpResponse:
    found = organisation_for(request, slug, Right.ADMINISTER)
    is_closed = "closed" in request.GET
    open_ones = memberships_at(request.now).filter(organisation=found)
    people = (found.memberships.filter(user__is_active=False) if is_closed else open_ones).select_related(
        "user", "department"
    )
    context = {
        "organisation": found,
        "departments": in_tree_order(list(found.departments.all())),
        "page": Paginator(people.order_by("user__name", "role", "id"), 50).get_page(request.GET.get("page")),
        "handing": HANDING,
        "is_closed": is_closed,
        "roles_waiting": found.role_proposals.filter(status=ProposalStatus.OPEN).count(),
        "without_term": parts_without_term(found),
        **banner(request, [found]),
    }
    return render(request, "incidents/administration.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.ADMINISTER)
def details(request: PortalRequest, slug: str) -> HttpResponse:
    found = organisation_for(request, slug, Right.ADMINISTER)
    form = OrganisationForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        save_organisation(organisation=form.instance, by=request.user, changed=form.changed_data, now=request.now)
        messages.success(request, _("The details are saved."))
        return redirect("administration", slug=slug)
    return _form_page(request, found, form, _("Details of the organisation"))


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.ADMINISTER)
def new_department(request: PortalRequest, slug: str) -> HttpResponse:
    found = organisation_for(request, slug, Right.ADMINISTER)
    return _department_page(request, found, Department(organisation=found), _("New department"))


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.ADMINISTER)
def department(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    found = organisation_for(request, slug, Right.ADMINISTER)
    return _department_page(request, found, get_object_or_404(found.departments, pk=pk), _("Department"))


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.ADMINISTER)
@proven_recently
def new_role(request: PortalRequest, slug: str) -> HttpResponse:
    found = organisation_for(request, slug, Right.ADMINISTER)
    today = timezone.localdate(request.now)
    form = RoleForm(request.POST or None, organisation=found, today=today)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        role = Role(data["role"])
        try:
            with transaction.atomic():  # nobody is invited for a role that is refused
                person = invite_person(email=data["email"], name=data["name"], phone=data["phone"])
                (ask_for_role if role in NEEDS_TWO else give_role)(
                    user=person,
                    organisation=found,
                    role=role,
                    department=data["department"],
                    starts_on=today,
                    ends_on=data["ends_on"],
                    by=request.user,
                    now=request.now,
                )
        except AccountsError as error:
            form.add_error("role", str(error))
        else:
            return _asked_or_given(request, slug, person, role)
    return _form_page(request, found, form, _("Give someone a role"))


def _asked_or_given(request: PortalRequest, slug: str, person: User, role: Role) -> HttpResponse:
    if role in NEEDS_TWO:
        text = _("A second person has to agree before %(name)s has this role. They get a mail about it.")
        messages.success(request, text % {"name": person.name})
        return redirect("role_proposals", slug=slug)
    text = _("%(name)s now has this role, and can choose a password on the sign-in page.")
    messages.success(request, text % {"name": person.name})
    return redirect("administration", slug=slug)


@require_POST
@require(Right.ADMINISTER)
def end(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    """Today is the last day of a role."""
    found = organisation_for(request, slug, Right.ADMINISTER)
    membership = get_object_or_404(found.memberships.select_related("user", "organisation"), pk=pk)
    today = timezone.localdate(request.now)
    try:
        end_role_of(membership=membership, by=request.user, last_day=today, now=request.now)
    except StillHasWork as refused:
        messages.error(request, str(refused))
        return redirect("hand_over_of", slug=slug, pk=membership.user_id)
    except AccountsError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("This role ends today."))
    return redirect("administration", slug=slug)


def _department_page(request: PortalRequest, found: Organisation, department: Department, title: str) -> HttpResponse:
    form = DepartmentForm(request.POST or None, instance=department)
    if request.method == "POST" and form.is_valid():
        try:
            save_department(department=form.instance, by=request.user, now=request.now)
        except DepartmentMisplaced as refused:
            form.add_error("parent", str(refused))
            return _form_page(request, found, form, title, 409)
        messages.success(request, _("The department is saved."))
        return redirect("administration", slug=found.slug)
    return _form_page(request, found, form, title)


def _form_page(
    request: PortalRequest, found: Organisation, form: object, title: str, refused: int = 400
) -> HttpResponse:
    status = refused if request.method == "POST" else 200
    context = {"organisation": found, "form": form, "title": title}
    return render(request, "incidents/administration_form.html", context, status=status)
