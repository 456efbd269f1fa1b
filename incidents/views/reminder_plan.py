"""The administrator's page about reminders: when the office works, and who hears of what when."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from incidents.actions.reminders.plans import PlanChanged, plan_of, save_reminder_plan
from incidents.forms.reminders import ReminderPlanForm
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
        return _page(request, found, ReminderPlanForm(instance=plan))
    form = ReminderPlanForm(request.POST, instance=plan)
    if not form.is_valid():
        return _page(request, found, form, 400)
    try:
        save_reminder_plan(
            plan=form.instance,
            changed=form.changed,
            seen=form.cleaned_data["seen"],
            by=request.user,
            now=request.now,
        )
    except PlanChanged as refused:
        form.say_what_is_kept(plan_of(found), str(refused))
        return _page(request, found, form, 409)
    messages.success(request, _("Saved. The reminders of all open tasks follow these settings from now on."))
    return redirect("reminder_plan", slug=slug)


def _page(request: PortalRequest, found: Organisation, form: ReminderPlanForm, status: int = 200) -> HttpResponse:
    return render(request, "incidents/reminder_plan.html", {"organisation": found, "form": form}, status=status)
