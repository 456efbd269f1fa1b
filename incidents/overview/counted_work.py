"""What was done in a month, and how the work stood at its end.

What stood then is told from the moments that rows carry, so that a month that is fixed late gives the same.
"""

from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from guidance.vocabulary import Phase, Severity
from incidents.models import DamageLine, Incident, Involvement, PoliceSheet, Reaction, Task
from incidents.overview.counts import Table
from incidents.overview.figures import AANGIFTE, ALARM, RISK_PLAN, TALKS, TRAINING
from incidents.overview.scope import Scope
from incidents.vocabulary import (
    RESTRICTING,
    CaseStatus,
    EndKind,
    InvolvedAs,
    PoliceKind,
    PoliceStatus,
    ReactionStatus,
    ReportKind,
    TaskKind,
    TaskStatus,
)

GIVEN = (ReactionStatus.ACTIVE, ReactionStatus.DONE, ReactionStatus.ENDED)
MONTHS_OF_REPEAT = 12


def work(scope: Scope) -> Table:
    """The additive numbers of what was done."""
    done = _tasks_done(scope)
    expired = scope.rows(Reaction.objects).filter(
        Q(reviewed_at__isnull=True) | Q(reviewed_at__date__gt=F("ends_on")),
        scope.days("ends_on"),
        kind__in=RESTRICTING,
        end_kind=EndKind.EXPIRED,
    )
    lessons = scope.rows(Task.objects).filter(scope.during("assigned_at"), kind=TaskKind.LESSON)
    return {
        "expired": expired.count(),
        "talks_held": sum(done.get(code, 0) for code in (*TALKS, TaskKind.TALK)),
        "aangiften": _aangiften(scope),
        "closed": scope.rows(Incident.objects, "pk").filter(scope.during("closed_at")).count(),
        "risk_actions": done.get(RISK_PLAN, 0),
        "trainings": done.get(TRAINING, 0),
        "alarm_tests": done.get(ALARM, 0),
        "lessons_new": lessons.count(),
        "lessons_done": done.get(TaskKind.LESSON, 0),
    }


def _tasks_done(scope: Scope) -> Table:
    """By code of the menu, else by kind; of a measure with several steps each measure once."""
    tasks = scope.rows(Task.objects).filter(scope.during("finished_at"), status=TaskStatus.DONE)
    counted = tasks.order_by().values_list("kind", "code")
    by_code = counted.annotate(tasks=Count("pk"), measures=Count("measure", distinct=True))
    return {code or kind: measures or number for kind, code, number, measures in by_code}


def _aangiften(scope: Scope) -> int:
    """The cases of which the first aangifte falls in the month: by its sheet, or by the task that asked for it."""
    sheets = filed(scope)
    tasks = scope.rows(Task.objects).filter(code__in=AANGIFTE, status=TaskStatus.DONE).order_by()
    here = {
        *sheets.filter(scope.days("filed_on")).values_list("incident", flat=True),
        *tasks.filter(scope.during("finished_at")).values_list("incident", flat=True),
    }
    before = {
        *sheets.filter(incident__in=here, filed_on__lt=scope.month.first_day).values_list("incident", flat=True),
        *tasks.filter(incident__in=here, finished_at__lt=scope.start).values_list("incident", flat=True),
    }
    return len(here - before)


def filed(scope: Scope) -> QuerySet[Any]:
    """The sheets with which an aangifte was made, up to the end of the month."""
    sheets = scope.rows(PoliceSheet.objects).order_by()
    return sheets.filter(kind=PoliceKind.AANGIFTE, status=PoliceStatus.FILED, filed_on__lte=scope.last_day)


def prevention(scope: Scope) -> Table:
    """Code of the menu → how many measures for prevention were carried out, each once."""
    done = scope.rows(Task.objects).filter(
        scope.during("finished_at"), status=TaskStatus.DONE, measure__phase=Phase.PREVENTION
    )
    return dict(done.order_by().values_list("code").annotate(measures=Count("measure", distinct=True)))


def sums(scope: Scope) -> dict[str, tuple[int, int]]:
    """Cents claimed and recovered, each with the number of lines."""
    lines = scope.rows(DamageLine.objects)
    found = {}
    for name in ("claimed", "recovered"):
        mine = lines.filter(scope.days(f"{name}_on"), **{f"{name}__gt": 0})
        total = mine.aggregate(cents=Sum(name), number=Count("pk"))
        found[name] = (total["cents"] or 0, total["number"])
    return found


def stocks(scope: Scope) -> Table:
    """How it stood at the end of the month."""
    return {
        **_open_tasks(scope),
        **_severe_cases(scope),
        **_restrictions(scope),
        "repeat_persons": _repeat_persons(scope),
    }


def _open_tasks(scope: Scope) -> Table:
    is_open = Q(status=TaskStatus.OPEN) | Q(finished_at__gte=scope.end)
    tasks = scope.rows(Task.objects).filter(is_open).annotate(begun=Coalesce("measure__advised_at", "assigned_at"))
    return tasks.filter(begun__lt=scope.end).aggregate(
        open_tasks=Count("pk"),
        overdue_tasks=Count("pk", filter=Q(due_at__lt=scope.end, is_on_hold=False)),
        lessons_open=Count("pk", filter=Q(kind=TaskKind.LESSON)),
    )


def _severe_cases(scope: Scope) -> Table:
    severe = scope.rows(Incident.objects.counted(), "pk").filter(
        Q(closed_at__isnull=True) | Q(closed_at__gte=scope.end),
        kind=ReportKind.INCIDENT,
        severity__gte=Severity.THREATENING,
        reported_at__lt=scope.end,
    )
    return severe.aggregate(severe_open=Count("pk"), severe_unassigned=Count("pk", filter=Q(adviser__isnull=True)))


def _restrictions(scope: Scope) -> Table:
    last, after = scope.last_day, scope.month.shifted(1)
    running = scope.rows(Reaction.objects).filter(
        Q(ended_at__isnull=True) | Q(ended_at__gte=scope.end),
        kind__in=RESTRICTING,
        status__in=GIVEN,
        given_at__lt=scope.end,
        starts_on__lte=last,
        ends_on__gte=last,
    )
    is_ending = Q(ends_on__gte=after.first_day, ends_on__lte=after.last_day)
    return running.aggregate(running=Count("pk"), ending=Count("pk", filter=is_ending))


def _repeat_persons(scope: Scope) -> int:
    known = scope.rows(Involvement.objects).filter(
        role=InvolvedAs.PERPETRATOR,
        incident__kind=ReportKind.INCIDENT,
        incident__reported_at__gte=scope.month.shifted(1 - MONTHS_OF_REPEAT).start,
        incident__reported_at__lt=scope.end,
    )
    counted = known.exclude(incident__status=CaseStatus.MERGED).order_by().values("person")
    return counted.annotate(cases=Count("incident", distinct=True)).filter(cases__gt=1).count()
