"""A chart of an overview as a drawing of its own, to take along for a slide."""

from typing import Any

from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from incidents.overview.breakdowns import BREAKDOWNS
from incidents.overview.charts import TREND_TITLES, bar_chart, in_short, line_chart
from incidents.overview.reading import Overview
from incidents.views.overview import note_viewed, overview_for
from incidents.views.places import PortalRequest
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right

TREND = "trend"
LONGEST = {TREND: 70, "bars": 54}  # letters on one line of a drawing


@require_safe
@require(Right.SEE_OVERVIEW)
def chart(request: PortalRequest, slug: str, code: str, name: str) -> HttpResponse:
    """An SVG with colours of its own; with `?exact=1` of the exact figures, for who may see those."""
    overview = overview_for(request, slug, code)
    drawing = _line(overview) if name == TREND else _bars(overview, name)
    note_viewed(request, overview, f"chart:{name}")
    texts = {
        "note": _note(overview),
        "shapes": "incidents/overview_line.svg" if name == TREND else "incidents/overview_bars.svg",
    }
    file = f"{slug}-{overview.period.code}-{name}{'-exact' if overview.is_exact_view else ''}.svg"
    return HttpResponse(
        render_to_string("incidents/overview_chart.svg", {**drawing, **texts}),
        content_type="image/svg+xml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file}"'},
    )


def _line(overview: Overview) -> dict[str, Any]:
    found = line_chart(overview.trend)
    return {
        "chart": found,
        "title": str(TREND_TITLES[overview.period.kind]),
        "about": in_short(f"{overview.period.label}, {overview.organisation.name}", LONGEST[TREND]),
        "described": "; ".join(f"{dot.period.label}: {dot.text or '–'}" for dot in found.dots),
    }


def _bars(overview: Overview, name: str) -> dict[str, Any]:
    table = overview.table(name) if name in BREAKDOWNS else None
    if table is None or not table.told_rows:
        raise Http404
    found = bar_chart(table)
    return {
        "chart": found,
        "title": str(table.breakdown.title),
        "about": in_short(f"{table.period.label}, {overview.organisation.name}", LONGEST["bars"]),
        "described": "; ".join(f"{bar.label}: {bar.text}" for bar in found.bars),
    }


def _note(overview: Overview) -> str:
    """What everyone who sees the slide should know."""
    if overview.is_exact_view:
        return _("Exact figures: do not pass them on.")
    if overview.fixed.made_at is None:
        return ""
    return _("Fixed on %(day)s.") % {"day": date_format(timezone.localtime(overview.fixed.made_at), "j F Y")}
