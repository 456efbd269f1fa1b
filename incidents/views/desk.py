"""The adviser's home: what to do now, over all organisations the adviser serves."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.actions.refusals import Refused
from incidents.actions.tasks import finish_task
from incidents.actions.words import can_search_words
from incidents.forms.case_list import SearchForm
from incidents.forms.saved_lists import ListNameForm
from incidents.models import SavedList
from incidents.overview.desk import TABS, Desk, Numbers
from incidents.views.machine_room import banner_of
from incidents.views.places import PortalRequest, task_for
from incidents.vocabulary import TaskKind
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.models import Department
from vpdportal.accounts.roles import Right

PAGE = 25
UNREAD = 50  # cases with something new that are read at all
UNFOLDED = 5  # cases with something new that stand above the tasks; the rest is folded
FIRST = ("overdue", "today", "new", "week")  # the tab that opens: the first of these with something in it
DONE_AT_ONCE = (TaskKind.MENU, TaskKind.OWN, TaskKind.LESSON)  # what can be done without a page of its own


@require_safe
@require(Right.WORK_CASES)
def work_list(request: PortalRequest) -> HttpResponse:
    return show_work_list(request)


def show_work_list(request: PortalRequest, status: int = 200, name_form: ListNameForm | None = None) -> HttpResponse:
    """The work list with the filters of the address. `name_form`: under which name to keep them, with what is wrong."""
    organisations = standing(request.user, request.now).organisations(Right.WORK_CASES)
    chosen = request.GET.get("organisation", "")
    shown = [o for o in organisations if o.slug == chosen] or organisations
    departments = Department.objects.filter(organisation__in=[o.pk for o in shown]).select_related("organisation")
    asked = request.GET.get("department", "")
    department = asked if asked in {str(one.pk) for one in departments} else ""
    desk = Desk(request.user, request.now, shown, organisations, department)
    numbers = desk.numbers()
    tab = _tab(request, numbers)
    unread = list(desk.unread()[: UNREAD + 1])
    context = {
        "unread": unread[:UNFOLDED],
        "unread_more": unread[UNFOLDED:UNREAD],
        "unread_count": min(len(unread), UNREAD),
        "unread_is_more": len(unread) > UNREAD,
        "page": Paginator(desk.rows(tab, numbers), PAGE).get_page(request.GET.get("page")),
        "tabs": [
            (name, label, numbers.of(name)) for name, label in TABS.items() if numbers.of(name) or name in {tab, "all"}
        ],
        "tab": tab,
        "organisations": organisations if len(organisations) > 1 else [],
        "served": organisations,
        "chosen": chosen if len(shown) < len(organisations) else "",
        "is_wider_than_asked": asked != department or chosen not in {"", *(one.slug for one in shown)},
        "departments": departments,
        "department": department,
        "next_task": numbers.next_due_at,
        **banner_of(numbers.machine_room, organisations),
        **_beside(request, name_form),
    }
    return render(request, "incidents/work_list.html", context, status=status)


def _tab(request: PortalRequest, numbers: Numbers) -> str:
    tab = request.GET.get("tab", "")
    return tab if tab in TABS else next((name for name in FIRST if numbers.of(name)), "all")


def _beside(request: PortalRequest, name_form: ListNameForm | None) -> dict[str, Any]:
    """What stands around the rows: the search, the lists that were kept, and what a row needs to know."""
    return {
        "search_form": SearchForm(auto_id="search-%s"),
        "can_search_words": can_search_words(),
        "saved": SavedList.objects.filter(user=request.user, page="work_list"),
        "saved_page": "work_list",
        "name_form": name_form or ListNameForm(auto_id="list-%s"),
        "today": timezone.localdate(request.now),
        "done_at_once": DONE_AT_ONCE,
    }


@require_POST
@require(Right.WORK_CASES)
def done(request: PortalRequest, pk: UUID) -> HttpResponse:
    """A task was done: straight from its row, and back to the same list."""
    task = task_for(request, pk)
    try:
        finish_task(task=task, by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return show_work_list(request, 409)
    messages.success(request, _("Done: %(title)s.") % {"title": task.title})
    return redirect(reverse("work_list", query=request.GET))
