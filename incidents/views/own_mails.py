"""What each person chooses for themselves: on which days they work, and which mails they get."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from incidents.actions.reminders.plans import save_own_choices
from incidents.views.absences import organisations_with_tasks
from incidents.views.places import PortalRequest
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.actions import ChangedMeanwhile
from vpdportal.accounts.forms import MailChoicesForm
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Right


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.REPORT)
def choices(request: PortalRequest) -> HttpResponse:
    has_tasks = bool(organisations_with_tasks(request))
    person = User.objects.get(pk=request.user.pk)  # the form writes on it; the page goes on showing who is signed in
    form = MailChoicesForm(
        request.POST if request.method == "POST" else None,
        instance=person,
        has_tasks=has_tasks,
        sees_overview=standing(request.user, request.now).may(Right.SEE_OVERVIEW),
    )
    status = 400 if request.method == "POST" else 200
    if form.is_valid():
        try:
            save_own_choices(person=person, changed=form.changed, seen=form.shown, by=request.user, now=request.now)
        except ChangedMeanwhile as refused:
            form.say_what_is_kept(User.objects.get(pk=person.pk), str(refused))
            status = 409
        else:
            messages.success(request, _("Your choices are saved."))
            return redirect("my_mails")
    context = {"form": form, "has_tasks": has_tasks}
    return render(request, "incidents/my_mails.html", context, status=status)
