"""Lists to come back to: keep the filters of this page under a name, open them, throw them away."""

from collections.abc import Callable
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.actions.refusals import Refused
from incidents.actions.saved_lists import keep_list, throw_list_away
from incidents.forms.case_list import CaseFilterForm
from incidents.forms.saved_lists import ListNameForm
from incidents.models import SavedList
from incidents.views.case_list import show_case_list
from incidents.views.desk import show_work_list
from incidents.views.places import PortalRequest
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right

# What is kept of an address, by page. A number is what someone searched for: it is not.
FILTERS = {
    "work_list": ("tab", "organisation", "department"),
    "case_list": tuple(name for name in ("sort", *CaseFilterForm.base_fields) if name != "number"),
}
PAGES: dict[str, Callable[..., HttpResponse]] = {"work_list": show_work_list, "case_list": show_case_list}


@require_POST
@require(Right.WORK_CASES)
def keep(request: PortalRequest, page: str) -> HttpResponse:
    """Keep the filters that stand in the address of this form."""
    if page not in PAGES:
        raise Http404
    form = ListNameForm(request.POST, auto_id="list-%s")
    if not form.is_valid():
        return PAGES[page](request, 400, name_form=form)
    filters = {name: request.GET.getlist(name) for name in FILTERS[page] if name in request.GET}
    try:
        saved = keep_list(page=page, name=form.cleaned_data["name"], filters=filters, by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return PAGES[page](request, 409, name_form=form)
    messages.success(request, _("Kept: “%(name)s” stands under “My lists”.") % {"name": saved.name})
    return redirect("saved_list", pk=saved.pk)


@require_safe
@require(Right.WORK_CASES)
def saved_list(request: PortalRequest, pk: UUID) -> HttpResponse:
    """To the page, with the filters that were kept."""
    saved = get_object_or_404(SavedList, pk=pk, user=request.user)
    return redirect(f"{reverse(saved.page)}?{urlencode(saved.filters, doseq=True)}")


@require_POST
@require(Right.WORK_CASES)
def throw_away(request: PortalRequest, pk: UUID) -> HttpResponse:
    saved = get_object_or_404(SavedList, pk=pk, user=request.user)
    throw_list_away(saved=saved)
    messages.success(request, _("The list “%(name)s” is thrown away. The cases stay.") % {"name": saved.name})
    return redirect(saved.page)
