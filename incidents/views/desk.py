"""The adviser's home: what to do now, over all organisations the adviser serves."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.actions.delivery import SWEEP
from incidents.forms.casework import AbsenceForm
from incidents.models import Heartbeat, Incident, News, Notice, Task
from incidents.models.task import BY_CLOCK
from incidents.querysets import hidden_from
from incidents.references import normalise
from incidents.views.health import LATE
from incidents.views.places import PortalRequest
from incidents.vocabulary import CaseStatus, MailStatus
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.actions import cancel_absence, plan_absence
from vpdportal.accounts.models import Absence, Department, Organisation
from vpdportal.accounts.roles import Right

PAGE = 25
UNFOLDED = 5  # cases with something new that stand above the tasks; the rest is folded
TABS = {
    "overdue": gettext_lazy("Too late"),
    "today": gettext_lazy("Today"),
    "new": gettext_lazy("New reports"),
    "week": gettext_lazy("This week"),
    "later": gettext_lazy("Later"),
    "hold": gettext_lazy("On hold"),
    "mine": gettext_lazy("Mine"),
    "all": gettext_lazy("All open"),
}


def tab_filters(user_id: UUID, now: datetime) -> dict[str, Q]:
    """Which tasks stand under each tab. Counts and lists both use these, so they cannot differ."""
    local = timezone.localtime(now)
    midnight = timezone.make_aware(datetime.combine(local.date() + timedelta(days=1), time.min))
    sunday = local.date() + timedelta(days=7 - local.weekday())
    week_end = timezone.make_aware(datetime.combine(sunday, time.min))
    running = Q(is_on_hold=False)
    return {
        "overdue": running & Q(due_at__lt=now),
        "today": running & Q(due_at__gte=now, due_at__lt=midnight),
        "new": running & Q(incident__status=CaseStatus.RECEIVED, code="R01"),
        "week": running & Q(due_at__gte=midnight, due_at__lt=week_end),
        "later": running & (Q(due_at__gte=max(midnight, week_end)) | Q(due_at__isnull=True)),
        "hold": Q(is_on_hold=True),
        "mine": Q(assignee=user_id),
        "all": Q(),
    }


@require_safe
@require(Right.WORK_CASES)
def work_list(request: PortalRequest) -> HttpResponse:
    organisations = standing(request.user, request.now).organisations(Right.WORK_CASES)
    chosen = request.GET.get("organisation", "")
    shown = [o for o in organisations if o.slug == chosen] or organisations
    departments = Department.objects.filter(organisation__in=[o.pk for o in shown]).select_related("organisation")
    department = request.GET.get("department", "")
    open_tasks = Task.objects.not_hidden_from(request.user).unfinished().filter(organisation__in=[o.pk for o in shown])
    if department in {str(one.pk) for one in departments}:
        open_tasks = open_tasks.filter(incident__department=department)
    filters = tab_filters(request.user.pk, request.now)
    counts = open_tasks.aggregate(**{name: Count("pk", filter=found or None) for name, found in filters.items()})
    tab = request.GET.get("tab", "")
    if tab not in TABS:
        tab = next((name for name in ("overdue", "today", "new", "week") if counts[name]), "all")
    tasks = (
        open_tasks.filter(filters[tab])
        .select_related("incident__organisation", "incident__department", "assignee")
        .only(*_SHOWN)
        .order_by(*BY_CLOCK)
    )
    unread = list(_unread(request).filter(organisation__in=[o.pk for o in shown]))
    context = {
        "unread": unread[:UNFOLDED],
        "unread_more": unread[UNFOLDED:],
        "unread_count": len(unread),
        "page": Paginator(tasks, PAGE).get_page(request.GET.get("page")),
        "tabs": [(name, label, counts[name]) for name, label in TABS.items() if counts[name] or name in {tab, "all"}],
        "tab": tab,
        "organisations": organisations if len(organisations) > 1 else [],
        "chosen": chosen if len(shown) < len(organisations) else "",
        "departments": departments,
        "department": department,
        "next_task": _next(open_tasks, request.now),
        "is_clock_late": not Heartbeat.objects.filter(name=SWEEP, at__gt=request.now - LATE).exists(),
        "failed_mails": _failed_mails(request, organisations),
    }
    return render(request, "incidents/work_list.html", context)


# No sealed column is read for a list.
_SHOWN = (
    "code",
    "step",
    "menu_version",
    "organisation",  # with the version it names the card whose words a row carries
    "due_at",
    "is_on_hold",
    "status",
    "incident__reference",
    "incident__kind",
    "incident__main_behaviour",
    "incident__severity",
    "incident__status",
    "incident__organisation__name",
    "incident__department__name",
    "assignee__name",
)


def _failed_mails(request: PortalRequest, organisations: list[Organisation]) -> int:
    """How many mails could not be sent, about cases that this person may know of."""
    failed = Q(mail__status=MailStatus.FAILED, organisation__in=[o.pk for o in organisations])
    notices = Notice.objects.filter(~hidden_from(request.user, "task__incident"), failed)
    news = News.objects.filter(~hidden_from(request.user, "incident"), failed)
    return notices.order_by().values("mail").union(news.order_by().values("mail")).count()


def _unread(request: PortalRequest) -> Any:
    """The cases in which people wrote something that the desk has not seen, the oldest report first. One query."""
    cases = Incident.objects.worked_by(request.user, request.now).unread_by_desk().order_by("reported_at", "id")
    related = cases.select_related("organisation", "department")
    return related.only("reference", "kind", "main_behaviour", "severity", "organisation__name", "department__name")


def _next(open_tasks: object, now: datetime) -> datetime | None:
    """When the next deadline comes, for a list that is empty now."""
    upcoming = open_tasks.filter(due_at__gte=now).order_by("due_at")  # type: ignore[attr-defined]
    moment: datetime | None = upcoming.values_list("due_at", flat=True).first()
    return moment


@require_safe
@require(Right.WORK_CASES)
def case_list(request: PortalRequest) -> HttpResponse:
    """All cases of the organisations served, newest first, by number and by status."""
    cases = Incident.objects.worked_by(request.user, request.now).select_related("organisation", "department")
    number = request.GET.get("number", "").strip()[:20]
    status = request.GET.get("status", "")
    if number:
        cases = cases.filter(reference__startswith=normalise(number))
    if status in CaseStatus.values:
        cases = cases.filter(status=status)
    shown = cases.only(
        "reference",
        "kind",
        "main_behaviour",
        "severity",
        "status",
        "reported_at",
        "organisation__name",
        "department__name",
    )
    context = {
        "page": Paginator(shown, PAGE).get_page(request.GET.get("page")),
        "number": number,
        "status": status,
        "statuses": CaseStatus.choices,
    }
    return render(request, "incidents/case_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.WORK_CASES)
def absence(request: PortalRequest) -> HttpResponse:
    """One's own absence: new tasks and reminders go to the deputy, in every organisation served."""
    form = AbsenceForm(request.POST or None, now=request.now)
    if request.method == "POST" and form.is_valid():
        for organisation in standing(request.user, request.now).organisations(Right.WORK_CASES):
            plan_absence(
                user=request.user,
                organisation=organisation,
                starts_at=form.cleaned_data["starts_at"],
                ends_at=form.cleaned_data["ends_at"],
                by=request.user,
                now=request.now,
            )
        messages.success(request, _("Your absence is planned. New tasks in that time go to the deputy."))
        return redirect("absence")
    planned = Absence.objects.filter(user=request.user, ends_at__gt=request.now).select_related("organisation")
    return render(request, "incidents/absence.html", {"form": form, "planned": planned})


@require_POST
@require(Right.WORK_CASES)
def cancel(request: PortalRequest, pk: UUID) -> HttpResponse:
    planned = get_object_or_404(Absence, pk=pk, user=request.user)
    cancel_absence(absence=planned, by=request.user, now=request.now)
    messages.success(request, _("The absence is cancelled."))
    return redirect("absence")
