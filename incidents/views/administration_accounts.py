"""Accounts that nobody uses, and signing someone out everywhere."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from incidents.views.administration import roles_waiting
from incidents.views.administration_person import person_for
from incidents.views.places import PortalRequest, organisation_for
from vpdportal.accounts.access import memberships_at, require
from vpdportal.accounts.roles import Right
from vpdportal.accounts.signing_in.again import proven_recently
from vpdportal.accounts.signing_in.sessions import sign_out_everywhere
from vpdportal.accounts.unused import UNUSED_DAYS, unused_accounts, with_roles
from vpdportal.pages import page_of


@require_safe
@require(Right.ADMINISTER)
def unused(request: PortalRequest, slug: str) -> HttpResponse:
    """Who has a role here and does not sign in: perhaps gone, perhaps never came."""
    organisation = organisation_for(request, slug, Right.ADMINISTER)
    page = page_of(unused_accounts(organisation, request.now), request.GET.get("page"), 50, hides=["name"])
    context = {
        "organisation": organisation,
        "page": page,
        "accounts": with_roles(list(page.object_list), organisation, request.now),
        "days": UNUSED_DAYS,
        "roles_waiting": roles_waiting(organisation),
    }
    return render(request, "incidents/administration_unused.html", context)


@require_POST
@require(Right.ADMINISTER)
@proven_recently
def sign_out(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    """A laptop was lost, or someone else may be in: every session of this person ends."""
    organisation, person = person_for(request, slug, pk)
    if person.pk == request.user.pk:
        return redirect("my_sessions")
    if not memberships_at(request.now).filter(organisation=organisation, user=person).exists():
        raise Http404  # who left is no longer theirs to sign out
    ended = sign_out_everywhere(person=person, organisation=organisation, by=request.user, now=request.now)
    text = ngettext(
        "%(name)s is signed out on %(count)s device.", "%(name)s is signed out on %(count)s devices.", ended
    )
    if not ended:
        text = _("%(name)s was signed in nowhere.")
    messages.success(request, text % {"name": person.name, "count": ended})
    return redirect("administration_person", slug=slug, pk=pk)
