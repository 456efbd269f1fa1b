"""For an analyst: one row for each report, without persons and without words, as a file."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from incidents.actions.refusals import Refused
from incidents.actions.row_export import EXPORTED, MOST_A_DAY, RowPurpose, export_rows, most_months
from incidents.forms.analysis import AnalysisForm
from incidents.overview.analyst_rows import COLUMNS, as_csv, rows_of
from incidents.views.places import PortalRequest
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.roles import Right
from vpdportal.accounts.signing_in.again import proven_to_send
from vpdportal.audit.chain import times_today


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.EXPORT_ROWS)
@proven_to_send
def analysis(request: PortalRequest) -> HttpResponseBase:
    """The page with the form; sending the form gives the file."""
    served = standing(request.user, request.now).organisations(Right.EXPORT_ROWS)
    form = AnalysisForm(request.POST if request.method == "POST" else None, organisations=served, now=request.now)
    if not form.is_valid():
        return _page(request, form, 400 if form.is_bound else 200)
    organisation, months = form.chosen, form.months
    try:
        number = export_rows(
            rows=rows_of(organisation, months, request.user),
            organisation=organisation,
            months=[month.code for month in months],
            purpose=RowPurpose(form.cleaned_data["purpose"]),
            by=request.user,
            now=request.now,
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return _page(request, form, 409)
    name = f"{organisation.slug}-{months[0].code}-{months[-1].code}-{number}.csv"
    return StreamingHttpResponse(
        as_csv(organisation, months, request.user, number, get_language()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "X-Rows": str(number)},
    )


def _page(request: PortalRequest, form: AnalysisForm, status: int) -> HttpResponse:
    """With what is still possible today; who serves several organisations chooses first."""
    served = standing(request.user, request.now).organisations(Right.EXPORT_ROWS)
    context: dict[str, Any] = {"form": form, "columns": COLUMNS, "most_a_day": MOST_A_DAY}
    if len(served) == 1:
        taken = times_today(action=EXPORTED, actor_id=request.user.pk, organisation_id=served[0].pk, now=request.now)
        context |= {"most_months": most_months(served[0]), "left": max(0, MOST_A_DAY - taken)}
    return render(request, "incidents/analysis.html", context, status=status)
