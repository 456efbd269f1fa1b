"""One reaction on the screen: what it says, where it stands, and the steps that can be done with it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.forms import BaseForm
from django.http import HttpResponse
from django.urls import reverse
from django.utils.timezone import localdate

from guidance.differences import months_text
from incidents.actions.advice import advice_for
from incidents.actions.reaction_checks import POLICE_FIRST, SPOKEN, missing_in, needs_second, rule_against
from incidents.actions.reactions import can_be_decided
from incidents.actions.still_open import GIVEN
from incidents.forms.reaction_steps import DayForm, EndForm, HeldForm, ReactionReasonForm, ReviewForm
from incidents.forms.reactions import LEGAL_REMARKS, ReactionForm
from incidents.letter_kinds import MEASURES
from incidents.models import Incident, Person, Reaction
from incidents.need_to_know import hidden_from
from incidents.views.case_frame import show_part
from incidents.views.case_reactions import SHOWN, waits_for
from incidents.views.folded import Folded
from incidents.views.places import PortalRequest
from incidents.vocabulary import MENU_CODES, EndKind, LetterKind, ReactionKind, ReactionStatus
from vpdportal.accounts.models import User

S = ReactionStatus
PART = "case_reactions"
PREPARED = (S.DRAFT, S.PROPOSED, S.SIGNED)
ID_LIMIT = 10  # digits of a revision
EARLIER = 20  # given before, of which the rest is folded


def seen_revision(request: PortalRequest) -> int:
    """The revision that was on the screen; -1, which is never right, where the form says something else."""
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < ID_LIMIT else -1


def reaction_page(
    request: PortalRequest,
    reaction: Reaction,
    incident: Incident,
    status: int = 200,
    *,
    template: str = "incidents/reaction.html",
    bound: Mapping[str, BaseForm] | None = None,
    seen: int | None = None,
    **more: Any,
) -> HttpResponse:
    """The page of a reaction. `bound`: a form that is shown again, by its step."""
    forms = steps_of(reaction, request)
    context = {
        "reaction": reaction,
        "forms": {**forms, **(bound or {})},
        "seen": reaction.revision if seen is None else seen,
        "waits_for": waits_for(reaction),
        "is_gone": reaction.status == S.PROPOSED and not can_be_decided(reaction, request.now),
        "answer_url": answer_url(reaction, request.user),
        "missing": missing_in(reaction, incident, request.now) if is_drafted(reaction) else [],
        "is_spoken": reaction.kind in SPOKEN,
        "needs_second": needs_second(reaction, incident),
        "is_police_first": reaction.kind in POLICE_FIRST and not reaction.police_told_at,
        "rule": rule_against(incident, reaction.kind) if reaction.status in PREPARED else None,
        "waits_for_police": incident.facts.police_ask_to_wait,
        "earlier": earlier_of(reaction.person, request.user, request.now, reaction),
        "breaches": list(reaction.breaches.select_related("by")),
        "followed_by": reaction.followed_by.only("status", "kind").first(),
        "letter_kind": letter_of(reaction),
        "is_letter_missed": misses_letter(reaction) and not incident.is_closed,
        "is_over": bool(reaction.ends_on and reaction.ends_on < localdate(request.now)),
        **more,
    }
    return show_part(request, incident, PART, template, context, status=status)


def draft_page(
    request: PortalRequest,
    incident: Incident,
    form: ReactionForm,
    status: int = 200,
    *,
    reaction: Reaction | None = None,
    seen: int | None = None,
    is_beside: bool = False,
) -> HttpResponse:
    """The form of a draft, with what the ladder suggests and what was done before. `is_beside`: as it is now, too."""
    kind = form.kind
    person = reaction.person if reaction else form.people[0] if len(form.people) == 1 else None
    context = {
        "form": form,
        "kind": kind,
        "reaction": reaction,
        "is_beside": is_beside,
        "is_spoken": kind in SPOKEN,
        "seen": reaction.revision if reaction and seen is None else seen,
        "rule": rule_against(incident, kind),
        "law": LEGAL_REMARKS.get(kind, ""),
        **suggestion_for(incident, kind),
        "earlier": earlier_of(person, request.user, request.now, reaction) if person else Folded([]),
    }
    return show_part(request, incident, PART, "incidents/reaction_draft.html", context, status=status)


def suggestion_for(incident: Incident, kind: ReactionKind) -> dict[str, Any]:
    """What the ladder suggests for these facts, and how long this reaction usually takes. No query."""
    advised = advice_for(incident)
    months = next((one.months for one in advised.advice if one.item.code == MENU_CODES[kind]), None)
    return {"ladder": advised.ladder, "months": months_text(months) if months else ""}


def steps_of(reaction: Reaction, request: PortalRequest) -> dict[str, BaseForm]:
    """The forms of the steps that ask something, as far as they are possible now."""
    found: dict[str, BaseForm] = {}
    today = {"day": localdate(request.now)}
    if reaction.status in PREPARED:
        found["intrekken"] = ReactionReasonForm(auto_id="withdraw-%s")
    if reaction.status == S.DRAFT and reaction.kind in SPOKEN:
        found["gehouden"] = HeldForm(now=request.now, initial=today)
    if reaction.status == S.SIGNED:
        found["gegeven"] = DayForm(now=request.now, initial=today)
    if reaction.status == S.ACTIVE:
        found["beeindigen"] = EndForm(auto_id="end-%s")
    if reaction.status == S.ACTIVE or (reaction.end_kind == EndKind.EXPIRED and not reaction.reviewed_at):
        found["evalueren"] = ReviewForm(auto_id="review-%s")
    return found


def is_drafted(reaction: Reaction) -> bool:
    return reaction.status == S.DRAFT and reaction.kind not in SPOKEN


def letter_of(reaction: Reaction) -> str:
    """The kind of letter that belongs to it where it stands now; empty where none does."""
    if reaction.end_kind and reaction.restricts:
        return LetterKind.BAN_END
    is_written = reaction.kind in LetterKind.values and reaction.status in {*PREPARED, S.ACTIVE, S.DONE}
    return reaction.kind if is_written else ""


def misses_letter(reaction: Reaction) -> bool:
    """Whether it is given now, or was, while its letter was not marked as sent [S30]. See `with_letter`."""
    is_sent: bool = reaction.is_letter_sent  # type: ignore[attr-defined]  # annotated
    return reaction.kind in MEASURES and reaction.status in (S.SIGNED, *GIVEN) and not is_sent


def answer_url(reaction: Reaction, user: User) -> str:
    """The page on which this person answers, where they were asked to look along or to sign."""
    if reaction.status != S.PROPOSED:
        return ""
    is_second = bool(reaction.second_id) and not reaction.seconded_at
    asked = reaction.second_id if is_second else reaction.signer_id
    return reverse("reaction_second" if is_second else "reaction_sign", args=[reaction.pk]) if asked == user.pk else ""


def earlier_of(person: Person, user: User, now: datetime, but: Reaction | None = None) -> Folded:
    """What was given to this person before, not in cases that do not exist for the viewer; no words of it."""
    given = Reaction.objects.filter(~hidden_from(user, "incident", now), person=person, given_at__isnull=False)
    given = given.exclude(pk=but.pk) if but else given
    return Folded(list(given.select_related("signer", "second").only(*SHOWN).order_by("-given_at")), EARLIER)
