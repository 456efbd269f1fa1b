"""Which organisation, case or task an address means for this person: 404 for a stranger, 403 without the right."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.crypto import salted_hmac

from incidents.data_request_rows import asked_in_case
from incidents.models import Incident, Task
from vpdportal.accounts.access import standing
from vpdportal.accounts.models import Organisation, User
from vpdportal.accounts.roles import Right


class PortalRequest(HttpRequest):
    """A request of a signed-in person, as the middleware hands it to the views."""

    now: datetime
    user: User


def organisation_for(request: PortalRequest, slug: str, *rights: Right) -> Organisation:
    """The organisation, when this person has one of the rights there; another one is as good as not existing."""
    here = standing(request.user, request.now)
    for organisation in (found for right in rights for found in here.organisations(right)):
        if organisation.slug == slug:
            return organisation
    raise Http404


def case_for(request: PortalRequest, pk: UUID) -> Incident:
    """The case with the numbers of what hangs under it, for who works on the organisation's cases."""
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
    marked = visible.select_related(*related).with_numbers().marked_unread().annotate(has_data_request=asked_in_case())
    incident: Incident = get_object_or_404(marked, pk=pk)
    if not standing(request.user, request.now).may(Right.WORK_CASES, incident.organisation_id):
        raise PermissionDenied
    return incident


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
