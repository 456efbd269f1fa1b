"""What a report is to the person who looks at it: the own one, one made for them, or one they made for someone else.

Reporter on behalf of another (design of access, matrix): receipt and own text; once the person hit follows it
themselves, a receipt only.
"""

from dataclasses import dataclass
from uuid import UUID

from django.shortcuts import get_object_or_404

from incidents.actions.exclusions import decides_who_sees
from incidents.models import Incident
from incidents.views.places import PortalRequest
from incidents.vocabulary import ReporterIs
from vpdportal.accounts.models import User


@dataclass(frozen=True)
class OwnReport:
    """A report as seen by its reporter or by the person hit."""

    incident: Incident
    viewer: User

    @property
    def is_receipt_only(self) -> bool:
        """Reported for someone who now follows it."""
        return not decides_who_sees(self.incident, self.viewer)

    @property
    def is_about_other(self) -> bool:
        """Reported for someone who has no account in it (yet)."""
        incident = self.incident
        is_for_other = incident.reporter_is != ReporterIs.SELF or bool(incident.affected_name)
        return incident.affected_id is None and is_for_other

    @property
    def is_about_viewer(self) -> bool:
        return not self.is_receipt_only and not self.is_about_other

    @property
    def is_made_by_other(self) -> bool:
        """Someone else reported what happened to the viewer: it can be corrected."""
        return self.incident.affected_id == self.viewer.pk != self.incident.reporter_id


def own_report(request: PortalRequest, pk: UUID) -> OwnReport:
    """The report of this address, for who reported it and for whom it is about; 404 for anyone else."""
    related = ("organisation", "department", "reporter", "affected")
    incident = get_object_or_404(Incident.objects.own(request.user).select_related(*related), pk=pk)
    return OwnReport(incident, request.user)
