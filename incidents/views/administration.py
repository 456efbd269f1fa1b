"""The functional administrator: the organisation, its departments and the numbers to call. No content of reports."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from incidents.actions.keeping.terms import terms_of
from incidents.views.machine_room import banner
from incidents.views.places import PortalRequest, organisation_for
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.actions import (
    AccountsError,
    ChangedMeanwhile,
    DepartmentNameTaken,
    save_department,
    save_organisation,
)
from vpdportal.accounts.departments import in_tree_order
from vpdportal.accounts.forms import DepartmentForm, OrganisationForm
from vpdportal.accounts.models import Department, Organisation, ProposalStatus
from vpdportal.accounts.roles import Right
from vpdportal.look.seen_form import SeenForm


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
    context = {
        "organisation": found,
        "departments": in_tree_order(list(found.departments.all())),
        "roles_waiting": roles_waiting(found),
        "without_term": terms_of(found).never_agreed(),
        **banner(request, [found]),
    }
    return render(request, "incidents/administration.html", context)


def roles_waiting(organisation: Organisation) -> int:
    """How many roles wait for a second person, for the tab that leads there."""
    return organisation.role_proposals.filter(status=ProposalStatus.OPEN).count()


def is_kept(request: PortalRequest, form: SeenForm) -> bool:
    """Keep what a valid form says of the organisation; or no, as someone was first, and the form says what is kept."""
    organisation = form.instance
    try:
        save_organisation(
            organisation=organisation, by=request.user, changed=form.changed, seen=form.shown, now=request.now
        )
    except ChangedMeanwhile as refused:
        form.say_what_is_kept(Organisation.objects.get(pk=organisation.pk), str(refused))
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.ADMINISTER)
def details(request: PortalRequest, slug: str) -> HttpResponse:
    found = organisation_for(request, slug, Right.ADMINISTER)
    form, refused = OrganisationForm(request.POST or None, instance=found), 400
    if request.method == "POST" and form.is_valid():
        if is_kept(request, form):
            messages.success(request, _("The details are saved."))
            return redirect("administration", slug=slug)
        refused = 409
    lead = _("Who reports sees the numbers to call. The other answers stand in letters and rule how cases are handled.")
    return form_page(request, found, form, _("Details of the organisation"), lead, refused=refused)


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


def _department_page(request: PortalRequest, found: Organisation, department: Department, title: str) -> HttpResponse:
    form = DepartmentForm(request.POST or None, instance=department)
    if request.method == "POST" and form.is_valid():
        try:
            save_department(
                department=form.instance, by=request.user, changed=form.changed, seen=form.shown, now=request.now
            )
        except AccountsError as error:
            _say_why(form, error)
            return form_page(request, found, form, title, refused=409)
        messages.success(request, _("The department is saved."))
        return redirect("administration", slug=found.slug)
    return form_page(request, found, form, title)


def _say_why(form: DepartmentForm, error: AccountsError) -> None:
    """Where it can be mended: at the name, at the place in the tree, or at all that someone else changed."""
    if isinstance(error, ChangedMeanwhile):
        form.say_what_is_kept(Department.objects.get(pk=form.instance.pk), str(error))
    else:
        form.add_error("name" if isinstance(error, DepartmentNameTaken) else "parent", str(error))


def form_page(
    request: PortalRequest,
    found: Organisation,
    form: object,
    title: str,
    lead: str = "",
    *,
    refused: int = 400,
    back: str = "administration",
) -> HttpResponse:
    """The page with one form; `refused`: the status of one that was sent; `back`: the name of where Back leads."""
    status = refused if request.method == "POST" else 200
    context = {"organisation": found, "form": form, "title": title, "lead": lead, "back": back}
    return render(request, "incidents/administration_form.html", context, status=status)
