"""Files that come with an addition. They are kept also when something else of the form has to be mended first."""

from typing import Any

from django.contrib import messages
from django.utils.translation import gettext as _

from incidents.actions.additions import add_files
from incidents.models import Incident
from incidents.views.places import PortalRequest


def take_files(request: PortalRequest, incident: Incident, form: Any) -> None:
    """Add what came in the field "evidence" to the report; a file that is refused becomes an error of the form."""
    key, uploads = form.cleaned_data.get("form_key"), request.FILES.getlist("evidence")
    if key is None or not uploads:
        return
    files = add_files(incident=incident, uploads=uploads, form_key=key, by=request.user, now=request.now)
    for kept in files.kept:
        messages.success(request, _("Kept: %(name)s.") % {"name": kept.name})
    for why in files.refused:
        form.add_error("evidence", why)
