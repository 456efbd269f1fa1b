"""The pages of the demonstration. Outside DEMO each of them is not there."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.models import Task
from vpdportal.accounts.models import User
from vpdportal.demo.models import DemoPerson, MailboxMessage
from vpdportal.demo.passing import let_pass
from vpdportal.pages import page_of

STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "days": timedelta(days=3)}
JUST_AFTER = timedelta(minutes=1)


def demo_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """404 unless this is a demonstration; inside one, anyone may look and become anyone."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return login_not_required(guarded)


@require_POST
@demo_only
def become(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Go on as another person of the story."""
    user = get_object_or_404(User, pk=pk, is_active=True, pk__in=DemoPerson.objects.values("user_id"))
    login(request, user)
    return redirect("home")


@require_POST
@demo_only
def move(request: HttpRequest) -> HttpResponse:
    """Move the clock on by an hour, a day, three days, or past the next deadline; reminders go out on the way."""
    step = request.POST.get("step", "")
    now = request.now  # type: ignore[attr-defined]
    if step == "deadline":
        following = Task.objects.unfinished().filter(due_at__gt=now, is_on_hold=False)
        moment = following.order_by("due_at").values_list("due_at", flat=True).first()
        ahead = moment - now + JUST_AFTER if moment else None
    else:
        ahead = STEPS.get(step)
    if ahead is None:
        messages.info(request, _("The clock stays where it is: there is no deadline ahead."))
    else:
        let_pass(ahead)
    return redirect("home") if not request.user.is_authenticated else redirect(_back(request))


@require_safe
@demo_only
def mailbox(request: HttpRequest) -> HttpResponse:
    """The mails that went out, newest first."""
    page = page_of(MailboxMessage.objects.all(), request.GET.get("page"), 25)
    return render(request, "demo/mailbox.html", {"page": page})


def _back(request: HttpRequest) -> str:
    """The page the bar stood on, when it is one of ours."""
    target = request.POST.get("next", "")
    return target if target.startswith("/") and not target.startswith("//") and "\\" not in target else "home"
