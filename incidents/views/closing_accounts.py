"""Closing the account of someone of the organisation, and opening it again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incidents.actions.closing_accounts import close_account_of
from incidents.actions.refusals import Refused
from incidents.views.administration_person import person_for, show_person
from incidents.views.places import PortalRequest
from vpdportal.accounts.access import require
from vpdportal.accounts.actions import AccountsError
from vpdportal.accounts.person_actions import open_account
from vpdportal.accounts.roles import Right
from vpdportal.accounts.signing_in.again import proven_recently


@require_POST
@require(Right.ADMINISTER)
@proven_recently
def close(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    organisation, person = person_for(request, slug, pk)
    try:
        close_account_of(person=person, by=request.user, now=request.now)
    except (Refused, AccountsError) as refused:
        messages.error(request, str(refused))
        return show_person(request, organisation, person, 409)
    messages.success(request, _("The account of %(name)s is closed.") % {"name": person.name})
    return redirect("administration_person", slug=slug, pk=pk)


@require_POST
@require(Right.ADMINISTER)
@proven_recently
def reopen(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    organisation, person = person_for(request, slug, pk)
    try:
        open_account(user=person, by=request.user, now=request.now)
    except AccountsError as refused:
        messages.error(request, str(refused))
        return show_person(request, organisation, person, 409)
    text = _("The account of %(name)s is open again. They choose a new password on the sign-in page.")
    messages.success(request, text % {"name": person.name})
    return redirect("administration_person", slug=slug, pk=pk)
