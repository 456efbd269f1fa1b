"""Management's month: aggregates only, after disclosure."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from incidents.overview.charts import trend_chart
from incidents.overview.figures import Month, first_month, month_figures
from incidents.views.places import PortalRequest, organisation_for
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.roles import Right
from vpdportal.audit.chain import record


@require_safe
@require(Right.SEE_OVERVIEW)
def choose(request: PortalRequest) -> HttpResponse:
    """Straight to this month, or a choice of organisation for who serves several."""
    organisations = standing(request.user, request.now).organisations(Right.SEE_OVERVIEW)
    month = Month.of(request.now)
    places = [
        (organisation, reverse("overview", args=[organisation.slug, month.year, month.number]))
        for organisation in organisations
    ]
    if len(places) == 1:
        return redirect(places[0][1])
    return render(request, "incidents/choose.html", {"places": places, "subject": "overview"})


@require_safe
@require(Right.SEE_OVERVIEW)
def month(request: PortalRequest, slug: str, year: int, month: int) -> HttpResponse:
    organisation = organisation_for(request, slug, Right.SEE_OVERVIEW)
    this_month = Month.of(request.now)
    if not (1 <= month <= 12 and 2000 <= year <= this_month.year):
        raise Http404
    wanted, first = Month(year, month), first_month(organisation, request.now)
    if not first <= wanted <= this_month:
        raise Http404
    figures = month_figures(organisation, wanted, request.now)
    user_id: UUID = request.user.pk
    record(
        action="overview.viewed",
        now=request.now,
        actor_id=user_id,
        organisation_id=organisation.pk,
        object_type="organisation",
        object_id=organisation.pk,
        fields=[f"{year}-{month:02}"],
    )
    context = {
        "organisation": organisation,
        "figures": figures,
        "chart": trend_chart(figures.trend),
        "is_running": wanted == this_month,
        "earlier": wanted.shifted(-1) if wanted > first else None,
        "later": wanted.shifted(1) if wanted < this_month else None,
    }
    return render(request, "incidents/overview.html", context)
