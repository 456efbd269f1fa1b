"""One letter of a case: made, changed, brought back from a word processor, marked as sent, withdrawn."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from incidents.actions.letter_refusals import DocxRefused, LetterKeptBefore, LetterMovedOn
from incidents.actions.letter_values import first_values
from incidents.actions.letter_words import Receiver, receivers_of
from incidents.actions.letters import (
    NewLetter,
    bring_back,
    change_letter,
    latest_version,
    make_letter,
    mark_sent,
    reactions_for,
    withdraw_letter,
)
from incidents.actions.person_openings import open_person, record_person_view, running_opening
from incidents.actions.refusals import Refused
from incidents.forms.letters import DocumentForm, LetterForm, SentForm, WithdrawLetterForm
from incidents.letter_fields import still_empty
from incidents.letter_kinds import CARRIES, REACHES_PERPETRATOR
from incidents.models import Incident, Letter, LetterVersion, Person, Reaction
from incidents.views.case_frame import show_part
from incidents.views.case_letters import address_of_new, perpetrators
from incidents.views.places import PortalRequest, case_for, is_uuid
from incidents.views.typed import is_of_another, is_shown_again, keeps_what_is_typed, status_of_return
from incidents.vocabulary import LetterKind, LetterStatus, OpeningPurpose
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right

Row = TypeVar("Row", Person, Reaction)

# --- a new one ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class About:
    """What a new letter is about, as its address says."""

    kind: LetterKind
    person: Person | None
    reaction: Reaction | None
    receiver: Receiver | None = None

    def address(self, incident: Incident) -> str:
        """With what it is about in it: what is posted there stays about that, whoever is linked meanwhile."""
        if self.reaction:
            return address_of_new(incident, self.kind, maatregel=self.reaction.pk)
        if self.person:
            return address_of_new(incident, self.kind, persoon=self.person.pk)
        return address_of_new(incident, self.kind, **({"aan": self.receiver} if self.receiver else {}))


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.WORK_CASES)
def new(request: PortalRequest, pk: UUID, kind: str) -> HttpResponse:
    """Its fields, filled from the case, the person and the reaction; posting makes the first version."""
    incident = case_for(request, pk)
    if kind not in LetterKind.values:
        raise Http404
    about = _about(request, incident, LetterKind(kind))
    if about.kind in CARRIES and about.reaction is None:
        messages.info(request, _("Choose the reaction that this letter is about. Is there none? Draft it first."))
        return redirect("case_letters", pk=pk)
    if request.method != "POST":
        values = _first(request, incident, about)
        return _new_page(request, incident, about, LetterForm(kind=kind, initial=values))
    if is_of_another(request):
        return redirect(request.get_full_path())
    if request.POST.get("do") == "open":
        return _opened(request, incident, about)
    form = LetterForm(request.POST, kind=kind)
    if is_shown_again(request, form):
        return _new_page(request, incident, about, form, status_of_return(request))
    return _made(request, incident, about, form)


def _made(request: PortalRequest, incident: Incident, about: About, form: LetterForm) -> HttpResponse:
    key = form.cleaned_data["key"] or uuid4()
    try:
        made = NewLetter(key, incident, about.kind, form.values(), about.person, about.reaction)
        letter = make_letter(new=made, by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        if isinstance(refused, LetterKeptBefore):
            _carry(form, key=uuid4())
        return _new_page(request, case_for(request, incident.pk), about, form, 409)
    messages.success(request, _("The letter is kept. Look at it before it goes."))
    return redirect("letter", pk=incident.pk, letter_pk=letter.pk)


def _opened(request: PortalRequest, incident: Incident, about: About) -> HttpResponse:
    """The record of the person, opened for this letter; then the same page with name and address in it."""
    if about.person is not None:
        open_person(
            person=about.person,
            purpose=OpeningPurpose.HANDLE,
            reason=f"{_('Letter')}: {about.kind.label}",
            incident=incident,
            by=request.user,
            now=request.now,
        )
    return redirect(request.get_full_path())


def _about(request: PortalRequest, incident: Incident, kind: LetterKind) -> About:
    """The person and the reaction that the address names, or the only ones there are. 404 for one of elsewhere."""
    handled = {person.pk: person for person in perpetrators(request, incident)}
    if kind in CARRIES:
        reactions = {one.pk: one for one in reactions_for(incident, kind)}
        reaction = _named(request.GET.get("maatregel", ""), reactions)
        return About(kind, handled.get(reaction.person_id) if reaction else None, reaction)
    if kind not in REACHES_PERPETRATOR:
        return About(kind, None, None, _receiver(request, incident))
    return About(kind, _named(request.GET.get("persoon", ""), handled), None)


def _receiver(request: PortalRequest, incident: Incident) -> Receiver:
    possible = receivers_of(incident)
    chosen = request.GET.get("aan", possible[0])
    if chosen not in possible:
        raise Http404
    return Receiver(chosen)


def _named(name: str, rows: dict[UUID, Row]) -> Row | None:
    if not name:
        return next(iter(rows.values())) if len(rows) == 1 else None
    if not is_uuid(name) or UUID(name) not in rows:
        raise Http404
    return rows[UUID(name)]


def _first(request: PortalRequest, incident: Incident, about: About) -> dict[str, str]:
    """Name and address come along only while this person has opened the record, and that is written down again."""
    opening = running_opening(person=about.person, by=request.user, now=request.now) if about.person else None
    if opening:
        record_person_view(opening=opening, by=request.user, now=request.now)
    return first_values(
        incident=incident,
        kind=about.kind,
        person=about.person if opening else None,
        reaction=about.reaction,
        by=request.user,
        now=request.now,
        receiver=about.receiver,
    )


def _new_page(
    request: PortalRequest, incident: Incident, about: About, form: LetterForm, status: int = 200
) -> HttpResponse:
    person = about.person
    is_shut = person is not None and running_opening(person=person, by=request.user, now=request.now) is None
    context = {
        "kind": about.kind,
        "address": about.address(incident),
        "reaction": about.reaction,
        "form": form,
        "is_shut": is_shut,
        "is_minor": bool(person and person.is_minor),
        "receiver": about.receiver,
        "receivers": receivers_of(incident) if about.receiver else (),
    }
    return show_part(request, incident, "case_letters", "incidents/letter_new.html", context, status=status)


# --- one that is there ----------------------------------------------------------------------------------


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.WORK_CASES)
def letter(request: PortalRequest, pk: UUID, letter_pk: UUID) -> HttpResponse:
    """Its fields and versions; posting keeps a new version."""
    found = _letter(request, pk, letter_pk)
    if request.method != "POST":
        return _page(request, found)
    form = LetterForm(request.POST, kind=found.kind)
    if is_of_another(request):
        return redirect("letter", pk=pk, letter_pk=letter_pk)
    if is_shown_again(request, form):
        return _page(request, found, status_of_return(request), form=form)

    def act() -> None:
        seen = form.cleaned_data["seen"] or 0
        change_letter(letter=found, values=form.values(), seen=seen, by=request.user, now=request.now)

    return _acted(request, found, act, _("The new version is kept."), form=form)


@require_POST
@require(Right.WORK_CASES)
def brought(request: PortalRequest, pk: UUID, letter_pk: UUID) -> HttpResponse:
    """The .docx as it was changed in a word processor, as a new version."""
    found = _letter(request, pk, letter_pk)
    form = DocumentForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, found, 400, brought_form=form)
    seen = form.cleaned_data["seen"] or 0
    try:
        bring_back(letter=found, content=form.content(), seen=seen, by=request.user, now=request.now)
    except DocxRefused as refused:
        form.add_error("document", str(refused))
        return _page(request, found, 400, brought_form=form)
    except Refused as refused:
        messages.error(request, str(refused))
        return _page(request, _letter(request, pk, letter_pk), 409)
    messages.success(request, _("Your document is kept as the newest version."))
    return redirect("letter", pk=pk, letter_pk=letter_pk)


@keeps_what_is_typed
@require_POST
@require(Right.WORK_CASES)
def sent(request: PortalRequest, pk: UUID, letter_pk: UUID) -> HttpResponse:
    """It went out, outside the portal."""
    found = _letter(request, pk, letter_pk)
    form = SentForm(request.POST)
    if is_of_another(request):
        return redirect("letter", pk=pk, letter_pk=letter_pk)
    if is_shown_again(request, form):
        return _page(request, found, status_of_return(request), sent_form=form)

    def act() -> None:
        mark_sent(letter=found, **form.cleaned_data, by=request.user, now=request.now)

    return _acted(request, found, act, _("The letter is marked as sent. It stays as it is now."), sent_form=form)


@keeps_what_is_typed
@require_POST
@require(Right.WORK_CASES)
def withdraw(request: PortalRequest, pk: UUID, letter_pk: UUID) -> HttpResponse:
    """A draft that does not go."""
    found = _letter(request, pk, letter_pk)
    form = WithdrawLetterForm(request.POST)
    if is_of_another(request):
        return redirect("letter", pk=pk, letter_pk=letter_pk)
    if is_shown_again(request, form):
        return _page(request, found, status_of_return(request), withdraw_form=form)

    def act() -> None:
        withdraw_letter(letter=found, **form.cleaned_data, by=request.user, now=request.now)

    return _acted(request, found, act, _("The letter is withdrawn, with your reason."), withdraw_form=form)


def _letter(request: PortalRequest, pk: UUID, letter_pk: UUID) -> Letter:
    incident = case_for(request, pk)
    rows = incident.letters.select_related("reaction", "made_by", "marked_by", "person")
    kept = LetterVersion.objects.filter(letter=letter_pk).values("letter")  # none when it was destroyed after its term
    found: Letter = get_object_or_404(rows.filter(pk__in=kept), pk=letter_pk)
    found.incident = incident
    return found


def _acted(request: PortalRequest, found: Letter, act: Callable[[], object], done: str, **bound: Any) -> HttpResponse:
    try:
        act()
    except Refused as refused:
        messages.error(request, str(refused))
        found = _letter(request, found.incident_id, found.pk)
        if isinstance(refused, LetterMovedOn):
            for form in bound.values():
                _carry(form, seen=latest_version(found).number)  # who saves again has seen it
        return _page(request, found, 409, **bound)
    messages.success(request, done)
    return redirect("letter", pk=found.incident_id, letter_pk=found.pk)


def _carry(form: Any, **hidden: Any) -> None:
    """What was typed, with other values in the hidden fields of the form."""
    form.data = form.data.copy()
    for name, value in hidden.items():
        form.data[name] = str(value)


def _page(request: PortalRequest, found: Letter, status: int = 200, **bound: Any) -> HttpResponse:
    """The letter with what can be done with it. What was typed stands in the form; the newest version beside it."""
    versions = list(found.versions.select_related("by"))
    newest = versions[0]
    kind, values, seen = LetterKind(found.kind), newest.values, newest.number
    today, is_minor = timezone.localdate(request.now), bool(found.person and found.person.is_minor)
    context = {
        "letter": found,
        "versions": versions,
        "newest": newest,
        "is_draft": found.status == LetterStatus.DRAFT,
        "empty": [field.label for field in still_empty(kind, values, is_minor=is_minor)],
        "is_asked_to_wait": kind in REACHES_PERPETRATOR and found.incident.facts.police_ask_to_wait is True,
        "is_minor": is_minor,
        "is_stale": status == 409 and "form" in bound,
        "seen": seen,
        "form": LetterForm(kind=kind, seen=seen, initial=values),
        "brought_form": DocumentForm(initial={"seen": seen}),
        "sent_form": SentForm(initial={"seen": seen, "sent_on": today}, auto_id="sent_%s"),
        "withdraw_form": WithdrawLetterForm(initial={"seen": seen}, auto_id="withdraw_%s"),
        **bound,
    }
    return show_part(request, found.incident, "case_letters", "incidents/letter.html", context, status=status)
