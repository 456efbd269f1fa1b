"""The machine room: whether reminders go out, what stands in their way, and sending again what failed.

To administrators it says for whom a mail was, never what it was about. Who works on cases sees numbers alone: a mail
that failed, to an employee, tells that somebody reported, and of some reports they may not know.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from incidents.actions.reminders.again import mails_to, send_again, send_all_again
from incidents.overview.machine_room import MachineRoom, failed_mails, state_of, waiting_at
from incidents.views.places import PortalRequest, organisation_for
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.models import Organisation
from vpdportal.accounts.roles import Right
from vpdportal.pages import page_of

PAGE = 25
WHO = (Right.ADMINISTER, Right.WORK_CASES)
DID = {  # what a round counts of itself, as people say it
    "planned": gettext_lazy("Reminders planned of tasks that are too late"),
    "bundled": gettext_lazy("Mails made"),
    "sent": gettext_lazy("Mails sent"),
    "failed": gettext_lazy("Mails that did not go out at this try"),
}


def banner(request: PortalRequest, organisations: Sequence[Organisation]) -> dict[str, Any]:
    """What the banner of a page needs, for who administers these organisations or works on their cases. One query."""
    return banner_of(state_of(request.now, organisations), organisations)


def banner_of(room: MachineRoom, organisations: Sequence[Organisation]) -> dict[str, Any]:
    return {"machine_room": room, "machine_rooms": organisations}


@require_safe
@require(*WHO)
def machine_room(request: PortalRequest, slug: str) -> HttpResponse:
    found = organisation_for(request, slug, *WHO)
    room = state_of(request.now, [found])
    is_administrator = standing(request.user, request.now).may(Right.ADMINISTER, found.pk)
    context = {
        "organisation": found,
        "is_administrator": is_administrator,
        "machine_room": room,
        "waiting": waiting_at(request.now),
        "did": [(label, room.counts[name]) for name, label in DID.items() if name in room.counts],
    }
    if is_administrator:
        context["page"] = page_of(failed_mails(found, request.now), request.GET.get("page"), PAGE)
    return render(request, "incidents/machine_room.html", context)


@require_POST
@require(Right.ADMINISTER)
def again(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    """One mail that failed is tried anew."""
    found = organisation_for(request, slug, Right.ADMINISTER)
    mail = get_object_or_404(mails_to(found).select_related("recipient"), pk=pk)
    if send_again(mail=mail, organisation=found, by=request.user, now=request.now):
        text = _("The mail to %(name)s is tried again in the next round, within a minute.")
        messages.success(request, text % {"name": mail.recipient.name})
    else:
        messages.info(request, _("Someone has had this mail sent again already."))
    return redirect("machine_room", slug=slug)


@require_POST
@require(Right.ADMINISTER)
def all_again(request: PortalRequest, slug: str) -> HttpResponse:
    """All mails that failed here are tried anew."""
    found = organisation_for(request, slug, Right.ADMINISTER)
    number = send_all_again(organisation=found, by=request.user, now=request.now)
    if number:
        text = ngettext(
            "%(number)s mail is tried again in the next round, within a minute.",
            "%(number)s mails are tried again in the next rounds, the first within a minute.",
            number,
        )
        messages.success(request, text % {"number": number})
    else:
        messages.info(request, _("There is no mail to send again."))
    return redirect("machine_room", slug=slug)
