"""What a signatory and a second pair of eyes see: the proposal and for whom it is. No story, no way into the case."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from incidents.actions.reaction_signing import agree, send_back, sign
from incidents.actions.reactions import record_named
from incidents.actions.refusals import Refused
from incidents.actions.trail import record_view
from incidents.forms.reaction_steps import SendBackForm
from incidents.forms.reactions import LEGAL_REMARKS
from incidents.models import Reaction
from incidents.views.places import PortalRequest
from incidents.views.reaction_page import earlier_of, seen_revision, suggestion_for
from incidents.views.typed import comes_back, is_of_another, keeps_what_is_typed, mark_of_writer, status_of_return
from incidents.vocabulary import LetterStatus, ReactionKind, ReactionStatus
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right

HANDLED = ("GET", "HEAD", "POST")


@keeps_what_is_typed
@require_http_methods(HANDLED)
@require(Right.SIGN)
def reaction_sign(request: PortalRequest, pk: UUID) -> HttpResponse:
    """For who was asked to sign."""
    return _answered(request, pk, Asked("signer", "reaction_sign", sign))


@keeps_what_is_typed
@require_http_methods(HANDLED)
@require(Right.SIGN, Right.WORK_CASES)
def reaction_second(request: PortalRequest, pk: UUID) -> HttpResponse:
    """For who was asked to look along, before it is signed."""
    return _answered(request, pk, Asked("second", "reaction_second", agree))


@dataclass(frozen=True)
class Asked:
    """As what someone is asked: the field that names them, the name of the page, and the action of saying yes."""

    field: str
    page: str
    say_yes: Callable[..., Reaction]

    @property
    def is_signing(self) -> bool:
        return self.field == "signer"

    def is_open(self, reaction: Reaction) -> bool:
        """Whether the answer is waited for: who looks along comes before who signs."""
        is_seconded = reaction.seconded_at is not None
        is_turn = (is_seconded or not reaction.second_id) if self.is_signing else not is_seconded
        return reaction.status == ReactionStatus.PROPOSED and is_turn

    @property
    def done(self) -> str:
        if self.is_signing:
            return _("Signed. The VPD adviser goes on with it.")
        return _("Thank you. It goes to who signs it now.")


def _answered(request: PortalRequest, pk: UUID, asked: Asked) -> HttpResponse:
    """The page, or the answer given on it: yes, or back to the desk with a reason."""
    reaction = _asked_for(request, pk, asked)
    if request.method != "POST" or is_of_another(request):
        return _page(request, reaction, asked)
    is_back = request.POST.get("do") == "back"
    form = SendBackForm(request.POST if is_back else None)
    if comes_back(request) or (is_back and not form.is_valid()):
        return _page(request, reaction, asked, status_of_return(request), form)
    how: dict[str, Any] = {"reaction": reaction, "seen": seen_revision(request), "by": request.user, "now": request.now}
    try:
        if is_back:
            send_back(remark=form.cleaned_data["remark"], **how)
        else:
            asked.say_yes(**how)
    except Refused as refused:
        messages.error(request, str(refused))
        return _page(request, _asked_for(request, pk, asked), asked, 409, form)
    messages.success(request, _("Sent back, with your reason.") if is_back else asked.done)
    return redirect("my_tasks")


def _asked_for(request: PortalRequest, pk: UUID, asked: Asked) -> Reaction:
    """The reaction, for the person who was asked; 403 for who may know of it otherwise, 404 for anyone else."""
    visible = Reaction.objects.visible_to(request.user, request.now)
    related = ("incident__organisation", "person", "drafted_by", "signer", "second")
    reaction: Reaction = get_object_or_404(visible.select_related(*related), pk=pk)
    if getattr(reaction, f"{asked.field}_id") != request.user.pk:
        raise PermissionDenied
    return reaction


def _page(
    request: PortalRequest, reaction: Reaction, asked: Asked, status: int = 200, form: SendBackForm | None = None
) -> HttpResponse:
    """What is asked and for whom; only how it stands when no answer is waited for. Written down before it is shown."""
    incident, is_open = reaction.incident, asked.is_open(reaction)
    record_view(incident=incident, by=request.user, now=request.now, part="case_reactions")
    context: dict[str, Any] = {"reaction": reaction, "incident": incident, "asked": asked, "is_open": is_open}
    if is_open:
        record_named(person=reaction.person, by=request.user, now=request.now)
        kind = ReactionKind(reaction.kind)
        context |= {
            **suggestion_for(incident, kind),
            "letters": list(reaction.letters.exclude(status=LetterStatus.WITHDRAWN)) if asked.is_signing else [],
            "form": form or SendBackForm(),
            "writer": mark_of_writer(request.user),
            "law": LEGAL_REMARKS.get(kind, ""),
            "earlier": earlier_of(reaction.person, request.user, request.now, reaction),
        }
    return render(request, "incidents/reaction_signing.html", context, status=status)
