"""Roles that open much: what waits for a second person, and who has one. Decided on by administrators and the FG."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.actions.giving_roles import agree_with_role_asked
from incidents.views.places import PortalRequest, organisation_for
from vpdportal.accounts.access import memberships_at, require, standing
from vpdportal.accounts.actions import AccountsError
from vpdportal.accounts.models import Organisation, ProposalStatus, RoleProposal
from vpdportal.accounts.role_proposals import AGREES, refuse_role, withdraw_role
from vpdportal.accounts.roles import NEEDS_TWO, Right
from vpdportal.accounts.signing_in.again import proven_recently
from vpdportal.pages import page_of

# Advisers and deputies look along: they hear of each such role, and would know first that it is not right.
SEES = (*AGREES, Right.WORK_CASES)


@require_safe
@require(*SEES)
def proposals(request: PortalRequest, slug: str) -> HttpResponse:
    return _page(request, organisation_for(request, slug, *SEES))


@require_POST
@require(*AGREES)
@proven_recently
def agree(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    return _decide(request, slug, pk, agree_with_role_asked, _("%(name)s now has this role."))


@require_POST
@require(*AGREES)
@proven_recently
def refuse(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    return _decide(request, slug, pk, refuse_role, _("The role is refused. %(name)s does not get it."))


@require_POST
@require(*AGREES)
@proven_recently
def withdraw(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    return _decide(request, slug, pk, withdraw_role, _("It is withdrawn. %(name)s does not get this role."))


def _decide(request: PortalRequest, slug: str, pk: UUID, act: Callable[..., object], done: str) -> HttpResponse:
    organisation = organisation_for(request, slug, *AGREES)
    proposal = get_object_or_404(organisation.role_proposals.select_related("user", "organisation"), pk=pk)
    try:
        act(proposal=proposal, by=request.user, now=request.now)
    except AccountsError as refused:
        messages.error(request, str(refused))
        return _page(request, organisation, 409)
    messages.success(request, done % {"name": proposal.user.name})
    return redirect("role_proposals", slug=slug)


def _page(request: PortalRequest, organisation: Organisation, status: int = 200) -> HttpResponse:
    related = ("user", "department", "proposed_by", "decided_by")
    every = RoleProposal.objects.filter(organisation=organisation).select_related(*related)
    decided = every.exclude(status=ProposalStatus.OPEN).order_by(F("decided_at").desc(nulls_last=True), "id")
    here = standing(request.user, request.now)
    holders = memberships_at(request.now).filter(organisation=organisation, role__in=NEEDS_TWO)
    waiting = list(every.filter(status=ProposalStatus.OPEN))
    context = {
        "organisation": organisation,
        "holders": holders.select_related("user").order_by("role", "user__name", "id"),
        "waiting": waiting,
        "roles_waiting": len(waiting),
        "page": page_of(decided, request.GET.get("page"), 50),
        "may_decide": any(here.may(right, organisation.pk) for right in AGREES),
        "may_ask": here.may(Right.ADMINISTER, organisation.pk),
    }
    return render(request, "incidents/role_proposals.html", context, status=status)
