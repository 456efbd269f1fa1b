"""What the desk learns from a case: an evaluation that only it reads, and lessons that become tasks.

A lesson is about prevention: its task runs on when the case is closed (tasks.RUNS_ON).
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from incidents.actions.own_tasks import WantedTask, give_out, given_just_now
from incidents.actions.refusals import NotClosed, Refused
from incidents.actions.together import hold_cases
from incidents.actions.trail import note_in_trail
from incidents.models import Incident
from incidents.vocabulary import TaskKind, TimelineKind
from vpdportal.accounts.models import User


class EvaluatedMeanwhile(Refused):
    """Someone else wrote the evaluation while this one was typed. Says who."""

    message = _("%(name)s changed the evaluation while you were writing. It stands above; put yours together with it.")

    def __init__(self, incident: Incident) -> None:
        last = incident.timeline.filter(kind=TimelineKind.EVALUATED).select_related("by").first()
        name = last.by.name if last and last.by else _("Someone")
        super().__init__(str(self.message) % {"name": name})


def evaluation_mark(incident: Incident) -> str:
    """By which a form knows whether the evaluation is still the one it began from."""
    return sha256((incident.evaluation or "").encode()).hexdigest()[:16]


def evaluate_case(
    *, incident: Incident, evaluation: str, lessons: Sequence[WantedTask] = (), seen: str, by: User, now: datetime
) -> Incident:
    """Write or change the evaluation of a closed case, with more lessons.

    `seen`: the mark of the evaluation as it stood when the person began to write.
    Raises NotClosed, EvaluatedMeanwhile, CannotBeGiven.
    """
    with transaction.atomic():
        incident = hold_cases({incident.pk})[incident.pk]
        if incident.closed_at is None:
            raise NotClosed
        if seen != evaluation_mark(incident) and evaluation.strip() != (incident.evaluation or ""):
            raise EvaluatedMeanwhile(incident)
        fresh = [one for one in lessons if not given_just_now(incident, one, TaskKind.LESSON, by, now)]
        keep_evaluation(incident, evaluation, fresh, by, now)
    return incident


def keep_evaluation(
    incident: Incident, evaluation: str | None, lessons: Sequence[WantedTask], by: User, now: datetime
) -> None:
    """Give out the lessons and keep the words (None: leave them), in the caller's transaction, who holds the case.

    Raises CannotBeGiven.
    """
    give_out(incident, lessons, TaskKind.LESSON, by, now)
    if evaluation is None or evaluation.strip() == (incident.evaluation or ""):
        return
    incident.evaluation = evaluation.strip()
    incident.save(update_fields=["evaluation"])
    note_in_trail(incident=incident, kind=TimelineKind.EVALUATED, by=by, now=now)
