"""The people of an organisation, for its administrator: who is there, giving a role, and ending one."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.actions.giving_roles import ask_for_role
from incidents.actions.handing_over import StillHasWork, end_role_of
from incidents.views.administration import form_page, roles_waiting
from incidents.views.places import PortalRequest, organisation_for
from vpdportal.accounts.access import memberships_at, require
from vpdportal.accounts.actions import AccountsError, give_role, invite_person
from vpdportal.accounts.forms import RoleForm
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import NEEDS_TWO, RIGHTS, Right, Role
from vpdportal.accounts.signing_in.again import proven_recently
from vpdportal.pages import page_of

HANDING = [role for role in Role if RIGHTS[role] & {Right.BE_GIVEN_TASKS, Right.WORK_CASES}]  # who may have work


@require_safe
@require(Right.ADMINISTER)
def people(request: PortalRequest, slug: str) -> HttpResponse:
    """Everyone with a role that holds now; with `closed`, whose account is closed."""
    found = organisation_for(request, slug, Right.ADMINISTER)
    is_closed = "closed" in request.GET
    open_ones = memberships_at(request.now).filter(organisation=found)
    listed = (found.memberships.filter(user__is_active=False) if is_closed else open_ones).select_related(
        "user", "department"
    )
    context = {
        "organisation": found,
        "page": page_of(listed.order_by("user__name", "role", "id"), request.GET.get("page"), 50, hides=["user__name"]),
        "handing": HANDING,
        "is_closed": is_closed,
        "today": timezone.localdate(request.now),
        "roles_waiting": roles_waiting(found),
    }
    return render(request, "incidents/administration_people.html", context)


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
    lead = _("Someone without an account gets one. The password they choose themselves, on the sign-in page.")
    return form_page(request, found, form, _("Give someone a role"), lead, back="administration_people")


def _asked_or_given(request: PortalRequest, slug: str, person: User, role: Role) -> HttpResponse:
    if role in NEEDS_TWO:
        text = _("A second person has to agree before %(name)s has this role. They get a mail about it.")
        messages.success(request, text % {"name": person.name})
        return redirect("role_proposals", slug=slug)
    text = _("%(name)s now has this role, and can choose a password on the sign-in page.")
    messages.success(request, text % {"name": person.name})
    return redirect("administration_people", slug=slug)


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
    return redirect("administration_people", slug=slug)
