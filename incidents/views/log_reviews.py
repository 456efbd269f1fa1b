"""For the data protection officer: the sample of each month, and signing it."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from incidents.actions.log_reviews import sign_review
from incidents.actions.refusals import Refused
from incidents.forms.audit import ReviewForm
from incidents.models import LogReview
from incidents.overview.audit_log import events_for, lines_of
from incidents.overview.log_sample import MANY_CASES, busy_days, month_of
from incidents.views.audit import details_of
from incidents.views.places import PortalRequest, organisation_for
from incidents.views.typed import is_of_another, is_shown_again, keeps_what_is_typed, mark_of_writer, status_of_return
from vpdportal.accounts.access import require
from vpdportal.accounts.models import Organisation
from vpdportal.accounts.roles import Right
from vpdportal.audit.chain import chain_of, record
from vpdportal.audit.models import ChainHead

PAGE = 24


@require_safe
@require(Right.DECIDE_PRIVACY)
def reviews(request: PortalRequest, slug: str) -> HttpResponse:
    found = organisation_for(request, slug, Right.DECIDE_PRIVACY)
    rows = LogReview.objects.filter(organisation=found).select_related("signed_by").defer("remark")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "organisation": found,
        "page": page,
        "reviews": [(one, month_of(one).label) for one in page.object_list],
        "head": ChainHead.objects.filter(chain=chain_of(found.pk)).first(),
    }
    return render(request, "incidents/log_reviews.html", context)


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.DECIDE_PRIVACY)
def review(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    """The events of the sample; what the officer found is written below it."""
    found = organisation_for(request, slug, Right.DECIDE_PRIVACY)
    one = _review(found, pk)
    if request.method != "POST" or is_of_another(request):
        return _page(request, found, one, ReviewForm())
    form = ReviewForm(request.POST)
    if is_shown_again(request, form):
        return _page(request, found, one, form, status_of_return(request))
    try:
        sign_review(review=one, remark=form.cleaned_data["remark"], by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return _page(request, found, _review(found, pk), form, 409)
    messages.success(request, _("You signed the sample."))
    return redirect("log_reviews", slug=slug)


def _review(found: Organisation, pk: UUID) -> LogReview:
    return get_object_or_404(LogReview.objects.select_related("signed_by"), organisation=found, pk=pk)


def _page(
    request: PortalRequest, found: Organisation, one: LogReview, form: ReviewForm, status: int = 200
) -> HttpResponse:
    """Only what this person may read: the sample may hold events of a case from which they are kept out."""
    record(
        action="audit.review_viewed",
        now=request.now,
        actor_id=request.user.pk,
        organisation_id=found.pk,
        object_type="logreview",
        object_id=one.pk,
    )
    month, readable = month_of(one), events_for(found, request.user)
    lines = lines_of(list(readable.filter(position__in=one.positions)), request.user)
    names = {line.event.actor_id: line.who for line in lines}  # the first look of a busy day is in the sample
    busy = busy_days(readable.filter(at__gte=month.start, at__lt=month.end))
    context = {
        "organisation": found,
        "review": one,
        "month": month.label,
        "lines": [(line, details_of(line)) for line in lines],
        "busy": [(day, names.get(actor, ""), cases) for day, actor, cases, _first in busy],
        "many_cases": MANY_CASES,
        "form": form,
        "writer": mark_of_writer(request.user),
    }
    return render(request, "incidents/log_review.html", context, status=status)
