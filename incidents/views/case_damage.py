"""The damage of a case: its lines with totals, and one line with what is claimed and what came back."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from incidents.actions.damage import ChangedMeanwhile, Total, add_damage, change_damage, remove_damage, totals_of
from incidents.actions.refusals import Refused
from incidents.forms.damage import DamageForm, DamageLineForm
from incidents.models import DamageLine, Incident
from incidents.money import euros
from incidents.views.case_frame import show_part
from incidents.views.places import PortalRequest, case_for, is_uuid
from incidents.views.typed import is_of_another, is_shown_again, keeps_what_is_typed, status_of_return
from incidents.vocabulary import DamageKind, DamageOf
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right

# What can be claimed, by whose it is (handbook 2.6 [S04][S17]); as help, not as a limit.
HEADS = (
    (
        gettext_lazy("The person hit"),
        (
            *(DamageKind.GOODS, DamageKind.MEDICAL, DamageKind.TRAVEL, DamageKind.HOUSEHOLD),
            *(DamageKind.IMMATERIAL, DamageKind.LEGAL, DamageKind.EARNINGS, DamageKind.OTHER),
        ),
    ),
    (gettext_lazy("The organisation"), (DamageKind.VEHICLE, DamageKind.BUILDING, DamageKind.PAY, DamageKind.ADVANCE)),
)


@dataclass(frozen=True)
class Row:
    """A line as the page shows it."""

    line: DamageLine
    amount: str
    claimed: str
    recovered: str


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.WORK_CASES)
def case_damage(request: PortalRequest, pk: UUID) -> HttpResponse:
    """All lines of the case; posting adds one."""
    incident = case_for(request, pk)
    if request.method != "POST" or is_of_another(request):
        return _page(request, incident)
    form = DamageForm(request.POST)
    if is_shown_again(request, form):
        return _page(request, incident, status_of_return(request), form=form)
    data = form.cleaned_data
    try:
        add_damage(
            incident=incident,
            of=DamageOf(data["of"]),
            kind=DamageKind(data["kind"]),
            words=data["words"],
            amount=data["amount"],
            by=request.user,
            now=request.now,
            key=data["key"],
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return _page(request, case_for(request, pk), 409, form=form)
    messages.success(request, _("Added: %(amount)s.") % {"amount": euros(data["amount"])})
    return redirect("case_damage", pk=pk)


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.WORK_CASES)
def line(request: PortalRequest, pk: UUID) -> HttpResponse:
    """One line, with the route, what was claimed and what came back."""
    found, incident = _line_for(request, pk)
    if request.method != "POST" or is_of_another(request):
        return _line_page(request, found, incident)
    form = DamageLineForm(request.POST, line=found, now=request.now)
    if is_shown_again(request, form):
        return _line_page(request, found, incident, status_of_return(request), form=form)
    try:
        revision = form.cleaned_data["revision"]
        change_damage(line=found, revision=revision, values=form.values(), by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return _refused(request, pk, form, refused)
    if form.came_back_more:
        messages.warning(request, _("Kept. More came back than was claimed: is that right?"))
    else:
        messages.success(request, _("The line is kept."))
    return redirect("case_damage", pk=incident.pk)


@require_POST
@require(Right.WORK_CASES)
def remove(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Take a line away of which nothing was claimed. The form names its case, to go on there when the line is gone."""
    case = request.POST.get("case", "")
    if is_uuid(case) and not DamageLine.objects.filter(pk=pk, incident=UUID(case)).exists():
        incident = case_for(request, UUID(case))
        messages.info(request, _("This line was taken away already."))
        return redirect("case_damage", pk=incident.pk)
    found, incident = _line_for(request, pk)
    seen = request.POST.get("revision", "")
    try:
        revision = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else -1
        remove_damage(line=found, revision=revision, by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return _line_page(request, *_line_for(request, pk), 409)
    messages.success(request, _("The line is taken away."))
    return redirect("case_damage", pk=incident.pk)


def _refused(request: PortalRequest, pk: UUID, form: Any, refused: Refused) -> HttpResponse:
    """The page with what was typed, and where someone else was first with what stands there now."""
    found, incident = _line_for(request, pk)
    more = {}
    if isinstance(refused, ChangedMeanwhile):
        form.data = form.data.copy()
        form.data["revision"] = str(found.revision)  # who saves again has seen it
        more = {"now_there": _row(found)}
    return _line_page(request, found, incident, 409, form=form, **more)


def _line_for(request: PortalRequest, pk: UUID) -> tuple[DamageLine, Incident]:
    """The line and its case, for who works on the case; for anyone else it does not exist."""
    found = get_object_or_404(DamageLine, pk=pk)
    incident = case_for(request, found.incident_id)
    found.incident = incident
    return found, incident


def _row(line: DamageLine) -> Row:
    return Row(line, euros(line.amount), euros(line.claimed), euros(line.recovered))


def _shown(total: Total) -> tuple[Any, str, str, str, str]:
    return total.label, *map(euros, (total.amount, total.claimed, total.recovered, total.still_open))


def _page(request: PortalRequest, incident: Incident, status: int = 200, **bound: Any) -> HttpResponse:
    lines = list(DamageLine.objects.filter(incident=incident))
    context = {
        "rows": [_row(one) for one in lines],
        "totals": [_shown(total) for total in totals_of(lines)] if lines else [],
        "heads": [(label, [kind.label for kind in kinds]) for label, kinds in HEADS],
        "has_injury": incident.facts.injury is True,
        "damage_what": incident.details.get("damage_what", ""),
        "form": DamageForm(initial={"key": uuid4()}),
        **bound,
    }
    return show_part(request, incident, "case_damage", "incidents/case_damage.html", context, status=status)


def _line_page(
    request: PortalRequest, found: DamageLine, incident: Incident, status: int = 200, **bound: Any
) -> HttpResponse:
    context = {
        "row": _row(found),
        "can_remove": not incident.is_closed and not found.claimed and not found.recovered,
        "form": DamageLineForm(line=found, now=request.now),
        **bound,
    }
    return show_part(request, incident, "damage_line", "incidents/case_damage_line.html", context, status=status)
