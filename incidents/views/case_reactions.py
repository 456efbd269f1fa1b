"""The reactions of a case: where each stands, its next step, and what the menu advises to begin."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from incidents.actions.advice import advice_for
from incidents.actions.reaction_checks import CRITICISM, POLICE_FIRST, SPOKEN, perpetrators_of
from incidents.models import Incident, Measure, Reaction
from incidents.views.case_frame import show_part
from incidents.views.places import PortalRequest, case_for
from incidents.vocabulary import MENU_CODES, MeasureStatus, ReactionKind, ReactionStatus
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right

S = ReactionStatus
# No sealed column is read for a list.
SHOWN = (
    *("kind", "status", "revision", "conduct_on", "starts_on", "ends_on", "given_at", "end_kind", "ended_at"),
    *("police_told_at", "seconded_at", "follows", "incident", "signer__name", "second__name"),
)
OURS = (S.DRAFT, S.SIGNED)  # where the desk is to do something; elsewhere someone else is, or nobody


@dataclass(frozen=True)
class Row:
    """One reaction of the case. `waits_for`: the name of who has to look at it; empty where the desk goes on."""

    reaction: Reaction
    step: Any
    waits_for: str
    is_primary: bool


@dataclass(frozen=True)
class Kind:
    """A reaction that can be begun. `rule`: what the menu says against it; `measure`: its advice for it."""

    kind: ReactionKind
    measure: Measure | None
    rule: Any
    is_refused: bool

    @property
    def is_advised(self) -> bool:
        return self.measure is not None and self.measure.status != MeasureStatus.DECLINED and not self.rule


@require_safe
@require(Right.WORK_CASES)
def case_reactions(request: PortalRequest, pk: UUID) -> HttpResponse:
    incident = case_for(request, pk)
    reactions = incident.reactions.select_related("signer", "second").only(*SHOWN)
    rows = list(rows_of(reactions))
    kinds = kinds_of(incident)
    context = {
        "rows": rows,
        "advised": [one for one in kinds if one.is_advised],
        "others": [one for one in kinds if not one.is_advised],
        "is_linked": perpetrators_of(incident).exists(),
        "is_primary_free": not any(row.is_primary for row in rows),
        "waits_for_police": incident.facts.police_ask_to_wait,
    }
    return show_part(request, incident, "case_reactions", "incidents/case_reactions.html", context)


def rows_of(reactions: Iterable[Reaction]) -> Iterable[Row]:
    """Each reaction with its next step; the first on which the desk goes on gets the one primary button."""
    is_primary_free = True
    for reaction in reactions:
        is_ours = reaction.status in OURS
        yield Row(reaction, step_of(reaction), waits_for(reaction), is_ours and is_primary_free)
        is_primary_free = is_primary_free and not is_ours


def step_of(reaction: Reaction) -> Any:
    """What comes next, as a verb."""
    if reaction.status == S.DRAFT:
        return _("Prepare and hold it") if reaction.kind in SPOKEN else _("Finish the draft")
    if reaction.status == S.SIGNED:
        is_police_first = reaction.kind in POLICE_FIRST and not reaction.police_told_at
        return _("Tell the police first") if is_police_first else _("Give it")
    return _("Look after it") if reaction.status == S.ACTIVE else _("Look at it")


def waits_for(reaction: Reaction) -> str:
    """The name of who has to look along or sign now."""
    if reaction.status != S.PROPOSED:
        return ""
    person = reaction.second if reaction.second and not reaction.seconded_at else reaction.signer
    return person.name if person else ""


def kinds_of(incident: Incident) -> list[Kind]:
    """Every kind of reaction, with what the menu says for it and against it, in the order of the ladder. One query."""
    advised = advice_for(incident)
    rules = {rule.name: rule for rule in advised.card.menu.rules}
    measures = {measure.code: measure for measure in incident.measures.filter(is_still_advised=True)}
    found = []
    for kind in ReactionKind:
        code = MENU_CODES[kind]
        rule = rules.get(advised.decision.dropped.get(code, ""))
        is_refused = bool(rule and rule.name == CRITICISM) or incident.is_near_miss
        found.append(Kind(kind, measures.get(code), rule, is_refused))
    return found
