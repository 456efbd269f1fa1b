"""The overview of a period: for management as it was told, for the adviser also exactly, and of the running month."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from incidents.actions.overview_plans import plan_of
from incidents.actions.reminders.offices import Offices
from incidents.overview import sheet
from incidents.overview.archive import newest_period, read, read_exactly
from incidents.overview.charts import TREND_TITLES, drawn, line_chart
from incidents.overview.context import context_of
from incidents.overview.peers import peers_of
from incidents.overview.periods import Period
from incidents.overview.reading import Overview
from incidents.overview.releases import first_month, first_working_day, held_back
from incidents.overview.remarks import is_compared, remarks_of
from incidents.views.overview_strip import EXACT, strip_of
from incidents.views.places import PortalRequest, organisation_for
from incidents.vocabulary import PeriodKind
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.models import Organisation
from vpdportal.accounts.roles import Right
from vpdportal.audit.chain import record

TITLES = {
    PeriodKind.MONTH: _("Monthly overview"),
    PeriodKind.QUARTER: _("Quarterly overview"),
    PeriodKind.YEAR: _("Yearly overview"),
}
FILES = {"pdf": "PDF", "xlsx": _("Excel (.xlsx)"), "ods": _("LibreOffice (.ods)")}
TEXTS = {"docx": _("Text for the board, Word (.docx)"), "odt": _("Text for the board, LibreOffice (.odt)")}


@require_safe
@require(Right.SEE_OVERVIEW)
def choose(request: PortalRequest) -> HttpResponse:
    """Straight to the newest overview, or a choice of organisation for who serves several."""
    organisations = standing(request.user, request.now).organisations(Right.SEE_OVERVIEW)
    places = [(organisation, reverse("overview_latest", args=[organisation.slug])) for organisation in organisations]
    if len(places) == 1:
        return redirect(places[0][1])
    return render(request, "incidents/choose.html", {"places": places, "subject": "overview"})


@require_safe
@require(Right.SEE_OVERVIEW)
def latest(request: PortalRequest, slug: str) -> HttpResponse:
    """On to the newest month; before there is one, when it comes."""
    organisation = organisation_for(request, slug, Right.SEE_OVERVIEW)
    newest = newest_period(organisation)
    if newest is not None:
        return redirect("overview", slug, newest.code)
    context = {
        "organisation": organisation,
        "running": _running(request, organisation),
        **_coming(request, organisation),
    }
    return render(request, "incidents/overview_none.html", context)


@require_safe
@require(Right.SEE_OVERVIEW)
def period(request: PortalRequest, slug: str, code: str) -> HttpResponse:
    overview = overview_for(request, slug, code)
    note_viewed(request, overview)
    return render(request, "incidents/overview.html", _context(request, overview))


def overview_for(request: PortalRequest, slug: str, code: str) -> Overview:
    """What the address means for this person: with `?exact=1` the exact figures, 403 for who may not see them.

    404 for a period that is not fixed; who sees exact figures may see the running month too.
    """
    organisation = organisation_for(request, slug, Right.SEE_OVERVIEW)
    is_exact = request.GET.get("exact") == "1"
    if is_exact and not _sees_exactly(request, organisation):
        raise PermissionDenied
    try:
        wanted = Period.parse(code)
    except ValueError:
        raise Http404 from None
    found = read_exactly(organisation, wanted, request.user, request.now) if is_exact else read(organisation, wanted)
    if found is None:
        raise Http404
    return found


def note_viewed(request: PortalRequest, overview: Overview, *more: str, action: str = "overview.viewed") -> None:
    """Write down that it was looked at, or taken along. `more`: codes of what was taken out of it."""
    user_id: UUID = request.user.pk
    record(
        action=action,
        now=request.now,
        actor_id=user_id,
        organisation_id=overview.organisation.pk,
        object_type="organisation",
        object_id=overview.organisation.pk,
        fields=[overview.period.code, *more, *(["exact"] if overview.is_exact_view else [])],
    )


def _context(request: PortalRequest, overview: Overview) -> dict[str, Any]:
    bars = [(code, overview.table(code)) for code in sheet.BARS]
    plan, sees_exactly = plan_of(overview.organisation), _sees_exactly(request, overview.organisation)
    return {
        "organisation": overview.organisation,
        "overview": overview,
        "title": TITLES[overview.period.kind],
        "files": FILES if overview.period.kind == PeriodKind.MONTH else FILES | TEXTS,
        "strip": strip_of(overview, request.now),
        "exact": EXACT if overview.is_exact_view else "",
        "sees_exactly": sees_exactly,
        "held_back": held_back(overview.organisation, request.now) if sees_exactly else None,
        "beginning": sheet.beginning(overview),
        "before": overview.period.shifted(-1),
        "a_year_ago": overview.period.a_year_ago,
        "is_year": overview.period.kind == PeriodKind.YEAR,
        "kept_a_year_ago": sheet.kept_a_year_ago(overview),
        "cards": sheet.cards(overview),
        "remarks": remarks_of(overview),
        "is_compared": is_compared(overview),
        "norms": sheet.norms(overview),
        "lessons_open": overview.number("lessons_open"),
        "trend": line_chart(overview.trend),
        "trend_title": TREND_TITLES[overview.period.kind],
        "bars": [drawn(table) for _code, table in bars if table],
        "tables": [drawn(table) for table in sheet.other_tables(overview)],
        "not_told": sheet.not_told(overview),
        "around": context_of(overview, plan, peers_of(overview, plan, request.now)),
    }


def _sees_exactly(request: PortalRequest, organisation: Organisation) -> bool:
    return standing(request.user, request.now).may(Right.SEE_EXACT_FIGURES, organisation.pk)


def _running(request: PortalRequest, organisation: Organisation) -> Period | None:
    """The month that one may look into before anything is fixed."""
    return Period.month_of(request.now) if _sees_exactly(request, organisation) else None


def _coming(request: PortalRequest, organisation: Organisation) -> dict[str, Any]:
    """Of which month the first overview will be, and on which day; nothing before the first report."""
    first = first_month(organisation)
    if first is None:
        return {}
    office = Offices({organisation.pk}, ()).office_of(organisation.pk)
    day = first_working_day(first.shifted(1), office)
    return {"first": first, "day": day, "is_today": day <= timezone.localdate(request.now)}
