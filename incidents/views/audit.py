"""For the data protection officer: who saw and changed what, and whether the log is whole."""

from dataclasses import replace

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from incidents.models import Incident
from incidents.querysets import hidden_from
from incidents.references import normalise
from incidents.views.places import PortalRequest, organisation_for
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.models import Organisation, User
from vpdportal.accounts.roles import Right
from vpdportal.audit.chain import Verdict, record, verify
from vpdportal.audit.models import AuditEvent


@require_safe
@require(Right.SEE_AUDIT)
def choose(request: PortalRequest) -> HttpResponse:
    organisations = standing(request.user, request.now).organisations(Right.SEE_AUDIT)
    places = [(organisation, reverse("audit_log", args=[organisation.slug])) for organisation in organisations]
    if len(places) == 1:
        return redirect(places[0][1])
    return render(request, "incidents/choose.html", {"places": places, "subject": "audit"})


@require_safe
@require(Right.SEE_AUDIT)
def log(request: PortalRequest, slug: str) -> HttpResponse:
    """The newest events, by person and number; reading the log is itself logged.

    An auditor who is kept out of a case sees no event of it, also not in a number; the check still reads every event.
    """
    found = organisation_for(request, slug, Right.SEE_AUDIT)
    record(
        action="audit.viewed",
        now=request.now,
        actor_id=request.user.pk,
        organisation_id=found.pk,
        object_type="organisation",
        object_id=found.pk,
    )
    hidden = hidden_from(request.user, "object_id")
    every = AuditEvent.objects.filter(organisation_id=found.pk)
    events = every.exclude(hidden).order_by("-position")
    number = request.GET.get("number", "").strip()[:20]
    if number:
        cases = Incident.objects.not_hidden_from(request.user).filter(organisation=found, reference=normalise(number))
        events = events.filter(object_id__in=cases.values("pk"))
    page = Paginator(events, 50).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    people = dict(User.objects.filter(pk__in={row.actor_id for row in rows}).values_list("pk", "name"))
    references = dict(Incident.objects.filter(pk__in={row.object_id for row in rows}).values_list("pk", "reference"))
    context = {
        "organisation": found,
        "page": page,
        "rows": [
            (
                row,
                people.get(row.actor_id) if row.actor_id else None,
                references.get(row.object_id) if row.object_id else None,
            )
            for row in rows
        ],
        "number": number,
        "verdict": _verdict(found, every.filter(hidden)) if "check" in request.GET else None,
    }
    return render(request, "incidents/audit_log.html", context)


def _verdict(organisation: Organisation, hidden: QuerySet[AuditEvent]) -> Verdict:
    """What the check of the whole chain found; its number is without what this person may not know of."""
    verdict = verify(organisation.pk)
    return replace(verdict, events=verdict.events - hidden.count())
