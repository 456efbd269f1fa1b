"""What is done with the data after a request was granted, as the page of that request shows it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from incidents.actions.data_requests.correcting import CORRECTED, correctable
from incidents.actions.data_requests.deciding import how_to_carry_out
from incidents.actions.data_requests.erasing import ERASED, erasable
from incidents.data_request_rows import LIMITING
from incidents.forms.data_requests import CorrectionForm
from incidents.models import DataRequest
from incidents.views.places import PortalRequest
from incidents.vocabulary import DataRequestKind, DataRequestStatus
from vpdportal.audit.models import AuditEvent

DONE = (ERASED, CORRECTED)


@dataclass(frozen=True)
class Goes:
    """One case from which something is erased: which parts, and why it stays for now."""

    case: Any
    reference: str
    parts: str
    stays_for: str


def what_to_carry_out(request: PortalRequest, found: DataRequest) -> dict[str, Any]:
    """By the kind of request: what would go, where it can be corrected, or that a limit holds; and what was done."""
    context: dict[str, Any] = {"carry_out": how_to_carry_out(found) if found.is_to_be_carried_out else ""}
    if found.forgotten_at is not None or found.status == DataRequestStatus.WITHDRAWN:
        return context
    if found.kind == DataRequestKind.ERASURE and found.is_granted is not False:
        context |= _erasing(request, found)
    if found.kind in LIMITING and found.is_to_be_carried_out:
        context |= {"has_limit": True}
    if found.kind == DataRequestKind.RECTIFICATION and found.is_to_be_carried_out:
        cases = list(correctable(found).only("pk", "reference", "occurred_at"))
        form = CorrectionForm(cases=cases, has_record=found.has_record, initial={"seen": found.revision})
        context |= {"correction_form": form, "cases": cases, "done_on": _done_on(found)}
    return context


def _erasing(request: PortalRequest, found: DataRequest) -> dict[str, Any]:
    going = [
        Goes(
            one.case,
            one.reference,
            ", ".join(str(part.label) for part in one.parts) or _("what is of this person alone: others did it too"),
            "; ".join(str(why.label) for why in one.stays_for),
        )
        for one in erasable(found, request.now)
    ]
    may_go = [one for one in going if not one.stays_for]
    return {
        "is_erasing": True,
        "going": going,
        "may_go": may_go,
        "has_record": found.has_record,
        "is_record_going": found.has_record and len(may_go) == len(going),
        "done_on": _done_on(found),
    }


def _done_on(found: DataRequest) -> list[datetime]:
    """When something of it was carried out, the last first."""
    events = AuditEvent.objects.filter(object_type="data_request", object_id=found.pk, action__in=DONE)
    return sorted(set(events.values_list("at", flat=True)), reverse=True)
