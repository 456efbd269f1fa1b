"""The administrator's page about reminders: when the office works, and who hears of what when."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from incidents.actions.reminders.plans import PlanChanged, plan_mark, plan_of, save_reminder_plan
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
    seen = plan_mark(plan)
    if request.method != "POST":
        return _page(request, found, ReminderPlanForm(instance=plan, initial={"seen": seen}))
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
        return _changed_meanwhile(request, found, str(refused))
    messages.success(request, _("Saved. The reminders of all open tasks follow these settings from now on."))
    return redirect("reminder_plan", slug=slug)


def _changed_meanwhile(request: PortalRequest, found: Organisation, reason: str) -> HttpResponse:
    """What was chosen, and beside it what is kept now; sending it once more puts this in its place."""
    kept = plan_of(found)
    data = request.POST.copy()
    data["seen"] = plan_mark(kept)
    form = ReminderPlanForm(data, instance=plan_of(found))
    form.is_valid()
    form.say_what_is_kept(kept)
    form.add_error(None, reason)
    return _page(request, found, form, 409)


def _page(request: PortalRequest, found: Organisation, form: ReminderPlanForm, status: int = 200) -> HttpResponse:
    return render(request, "incidents/reminder_plan.html", {"organisation": found, "form": form}, status=status)
