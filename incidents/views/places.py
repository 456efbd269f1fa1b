"""Which organisation, case or task an address means for this person: 404 for a stranger, 403 without the right."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.crypto import salted_hmac

from incidents.actions.glass import running_opening
from incidents.data_request_rows import asked_in_case, limited_in_case
from incidents.models import Incident, Task
from vpdportal.accounts.access import standing
from vpdportal.accounts.models import Organisation, User
from vpdportal.accounts.roles import Right


class PortalRequest(HttpRequest):
    """A request of a signed-in person, as the middleware hands it to the views."""

    now: datetime
    user: User
    opened_until: datetime | None  # when a case shuts again that was opened in need; set by `case_for`


def organisation_for(request: PortalRequest, slug: str, *rights: Right) -> Organisation:
    """The organisation, when this person has one of the rights there; another one is as good as not existing."""
    here = standing(request.user, request.now)
    for organisation in (found for right in rights for found in here.organisations(right)):
        if organisation.slug == slug:
            return organisation
    raise Http404


def case_for(request: PortalRequest, pk: UUID) -> Incident:
    """The case with the numbers of what hangs under it, for who works on the organisation's cases.

    Opened in need, the page says so, whichever page of the case it is: see `navigation`.
    """
    visible = Incident.objects.visible_to(request.user, request.now)
    related = (
        "organisation",
        "department",
        "reporter",
        "affected",
        "severity_confirmed_by",
        "lowering_asked_by",
        "adviser",
    )
    marked = visible.select_related(*related).with_numbers().marked_unread()
    marked = marked.annotate(has_data_request=asked_in_case(), is_limited=limited_in_case())
    incident: Incident = get_object_or_404(marked, pk=pk)
    if not standing(request.user, request.now).may(Right.WORK_CASES, incident.organisation_id):
        raise PermissionDenied
    request.opened_until = _opened_until(request, incident)
    return incident


def _opened_until(request: PortalRequest, incident: Incident) -> datetime | None:
    """When a restricted case shuts again for who opened it in need. No query for any other case."""
    if not incident.is_restricted:
        return None
    opening = running_opening(incident=incident, by=request.user, now=request.now)
    return opening.ends_at if opening else None


def task_for(request: PortalRequest, pk: UUID) -> Task:
    """The task, for its owner and for who works on the organisation's cases."""
    visible = Task.objects.visible_to(request.user, request.now)
    task: Task = get_object_or_404(visible.select_related("incident__organisation", "measure", "assignee"), pk=pk)
    return task


def followed_for(request: PortalRequest, pk: UUID) -> Incident:
    """The case, for who reported it, for whom it is about, and for its witnesses; as a person, whatever their role."""
    related = ("organisation", "department", "reporter", "affected")
    own = Incident.objects.own(request.user).select_related(*related).filter(pk=pk).first()
    if own is not None:
        return own
    seen = Incident.objects.witnessed_by(request.user).select_related(*related)
    incident: Incident = get_object_or_404(seen, pk=pk)
    return incident


def device_mark(user: User) -> str:
    """By which a device knows that its lock is this person's; it says nothing about who that is."""
    return salted_hmac("device-owner", str(user.pk)).hexdigest()[:16]


def is_uuid(text: str) -> bool:
    """Whether what an address or a form gave can be a row's id."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
