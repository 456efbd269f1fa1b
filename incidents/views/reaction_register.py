"""The register of what runs: what ends this month first, and what is late. Numbers of cases, never a name."""

from datetime import date, datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from guidance.deadlines import add_months
from incidents.models import Reaction
from incidents.views.places import PortalRequest
from incidents.vocabulary import RESTRICTING, EndKind, ReactionStatus
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.models import Organisation, User
from vpdportal.accounts.roles import Right
from vpdportal.pages import page_of

PAGE = 25
SHOWN = ("kind", "status", "starts_on", "ends_on", "given_at", "incident__reference", "organisation__name")


@require_safe
@require(Right.WORK_CASES)
def reaction_register(request: PortalRequest) -> HttpResponse:
    organisations = standing(request.user, request.now).organisations(Right.WORK_CASES)
    chosen = request.GET.get("organisation", "")
    shown = [one for one in organisations if one.slug == chosen] or organisations
    rows = running(request.user, shown, request.now)
    kind, is_this_month = request.GET.get("kind", ""), request.GET.get("ends") == "month"
    if kind in RESTRICTING:
        rows = rows.filter(kind=kind)
    today = localdate(request.now)
    month_end = last_of_month(today)
    if is_this_month:
        rows = rows.filter(ends_on__lte=month_end)
    context: dict[str, Any] = {
        "page": page_of(rows, request.GET.get("page"), PAGE),
        "kinds": [(one.value, one.label) for one in RESTRICTING],
        "kind": kind,
        "organisations": organisations if len(organisations) > 1 else [],
        "chosen": chosen,
        "is_this_month": is_this_month,
        "today": today,
        "month_end": month_end,
    }
    return render(request, "incidents/reaction_register.html", context)


def running(user: User, organisations: list[Organisation], now: datetime) -> QuerySet[Reaction]:
    """What runs in these organisations, and what ended by itself and waits for its review; first what ends first.

    Marked with `review_at` (ReactionQuerySet.with_next_review).
    """
    ended = Q(status=ReactionStatus.ENDED, end_kind=EndKind.EXPIRED, reviewed_at__isnull=True, review_at__isnull=False)
    rows: QuerySet[Reaction] = (
        Reaction.objects.visible_to(user, now)
        .with_next_review(user)
        .filter(Q(status=ReactionStatus.ACTIVE) | ended, kind__in=RESTRICTING, organisation__in=organisations)
        .select_related("incident", "organisation")
        .only(*SHOWN)
        .order_by(F("ends_on").asc(nulls_last=True), "id")
    )
    return rows


def last_of_month(day: date) -> date:
    return add_months(day.replace(day=1), 1) - date.resolution
