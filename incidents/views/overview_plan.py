"""The administrator's page about overviews: how numbers are told, and what an analyst may take out."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from incidents.actions.overview_plans import (
    NotAgreed,
    OverviewPlanChanged,
    plan_of,
    save_overview_plan,
    staff_of,
)
from incidents.forms.overviews import OverviewPlanForm
from incidents.views.places import PortalRequest, organisation_for
from vpdportal.accounts.access import require
from vpdportal.accounts.models import Organisation
from vpdportal.accounts.roles import Right


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.ADMINISTER)
def settings(request: PortalRequest, slug: str) -> HttpResponse:
    found = organisation_for(request, slug, Right.ADMINISTER)
    plan = plan_of(found)
    if request.method != "POST":
        return _page(request, found, OverviewPlanForm(instance=plan))
    form = OverviewPlanForm(request.POST, instance=plan)
    if not form.is_valid():
        return _page(request, found, form, 400)
    try:
        save_overview_plan(
            plan=form.instance,
            changed=form.changed,
            is_agreed=form.cleaned_data["agreed"],
            seen=form.cleaned_data["seen"],
            by=request.user,
            now=request.now,
        )
    except (OverviewPlanChanged, NotAgreed) as refused:
        form.say_what_is_kept(plan_of(found), str(refused))
        return _page(request, found, form, 409)
    messages.success(request, _("Saved. It holds for what is fixed from now on; what was fixed before stays as it is."))
    return redirect("overview_plan", slug=slug)


def _page(request: PortalRequest, found: Organisation, form: OverviewPlanForm, status: int = 200) -> HttpResponse:
    staff, exact_from = staff_of(found), plan_of(found).exact_from_staff
    context = {"organisation": found, "form": form, "staff": staff, "is_exact": staff >= exact_from}
    return render(request, "incidents/overview_plan.html", context, status=status)
