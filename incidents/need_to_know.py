"""For whom a case does not exist: who is kept out of it, and of a restricted one everyone at the desk but a few.

Above every role stands the exclusion (design of access, R1). A restricted case is seen only by whom it is about, by
who handles it, and by who was asked something in it (handbook 7.2, ADR 30).
"""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from incidents.vocabulary import TaskStatus
from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.models import Absence
from vpdportal.accounts.roles import DESK_ROLES, Role
from vpdportal.written_once import Question, WrittenOnce

NOBODY = Value(UUID(int=0), output_field=models.UUIDField())  # a key that is unknown makes all else unknown


def kept_out_from(user: Any, path: str) -> WrittenOnce:
    """Whether a row is about a case from which this person is kept out; `path` leads from the row to the case's id.

    Enough where the row is there for the person's own sake: their report, a talk with them, the log for the officer.
    """
    return KEPT_OUT.of(path, user.pk)


def hidden_from(user: Any, path: str, now: datetime) -> Q:
    """Whether a row is about a case that does not exist for this person now: kept out, or restricted to others."""
    return Q(kept_out_from(user, path)) | Q(shut_to(user, path, now))


def shut_to(user: Any, path: str, now: datetime) -> WrittenOnce:
    """Whether it is about a restricted case that is not for this person: not theirs, and not opened in need now."""
    return SHUT.of(path, user.pk, now)


def only_opened(user: Any, path: str, now: datetime) -> WrittenOnce:
    """Whether it is about a restricted case that this person can see only for as long as they opened it in need."""
    return NOT_FOR.of(path, user.pk, now)


def hidden_cases(user: Any, now: datetime, organisations: Collection[UUID]) -> list[UUID]:
    """The cases of these organisations that do not exist for this person now. One query.

    The same as `hidden_from` says, for a page that asks very much of very many rows: they are few, and the database
    takes longer to think over the question in each part of another one than to answer it once.
    """
    kept_out = rows_of("Exclusion").filter(incident__organisation__in=organisations, user=user.pk)
    restricted = rows_of("Incident").filter(organisation__in=organisations, is_restricted=True)
    shut = restricted.filter(shut_to(user, "pk", now)).order_by()
    return list(kept_out.order_by().values_list("incident", flat=True).union(shut.values_list("pk", flat=True)))


def _shut(user: UUID, now: datetime) -> models.QuerySet[Any]:
    """The restricted cases that are not for this person, without those that this person opened in need now."""
    opened = rows_of("CaseOpening").filter(incident=OuterRef("pk"), user=user, opened_at__lte=now, ends_at__gt=now)
    return _not_for(user, now).filter(~Exists(opened))


def _not_for(user: UUID, now: datetime) -> models.QuerySet[Any]:
    """The restricted cases with which this person has nothing to do."""
    mine = {"incident": OuterRef("pk")}
    theirs = (
        Q(adviser=user)
        | Q(merged_into__adviser=user)
        | Q(reporter=user)
        | Q(affected=user)
        | Exists(rows_of("Task").filter(**mine, assignee=user, status=TaskStatus.OPEN))
        | Exists(rows_of("Witness").filter(**mine, user=user))
        | Exists(rows_of("Reaction").filter(Q(signer=user) | Q(second=user), **mine))
        | (~_handler_can_act(now) & Q(stands_in=user))
    )
    restricted = rows_of("Incident").filter(is_restricted=True)
    return restricted.annotate(stands_in=_stands_in(now)).filter(~theirs)


def _handler_can_act(now: datetime) -> Q:
    """Whether who handles the case is there, and tomorrow still works on cases here."""
    own = {"user": OuterRef("adviser"), "organisation": OuterRef("organisation")}
    works = memberships_at(now).filter(role__in=DESK_ROLES, **own).exclude(ends_on=timezone.localdate(now))
    absent = Absence.objects.filter(starts_at__lte=now, ends_at__gt=now, **own)
    return Q(Exists(works)) & ~Q(Exists(absent))


def _stands_in(now: datetime) -> Coalesce:
    """Who acts on a case when its handler cannot: in the order of accounts.access.duty_adviser, without the handler.

    So no case is shut to everyone. NOBODY where nobody else may know of it.
    """
    day = timezone.localdate(now)
    kept_out = rows_of("Exclusion").filter(incident=OuterRef(OuterRef("pk")), user=OuterRef("user"))
    absent = Absence.objects.filter(
        user=OuterRef("user"), organisation=OuterRef("organisation"), starts_at__lte=now, ends_at__gt=now
    )
    desk = memberships_at(now).filter(~Exists(kept_out), organisation=OuterRef("organisation"), role__in=DESK_ROLES)
    others = desk.filter(~Q(user=Coalesce(OuterRef("adviser"), NOBODY)))
    works_today = Q(user__works_on="") | Q(user__works_on__contains=str(day.isoweekday()))
    marked = others.annotate(
        is_away=_as_number(Exists(absent)),
        is_last_day=_as_number(Q(ends_on=day)),
        is_day_off=_as_number(~works_today),
        is_deputy=_as_number(Q(role=Role.DEPUTY)),
    )
    ordered = marked.order_by("is_away", "is_last_day", "is_day_off", "is_deputy", "starts_on", "pk")
    first = Subquery(ordered.values("user")[:1], output_field=models.UUIDField())
    return Coalesce(first, NOBODY)


def _as_number(condition: Any) -> Case:
    """To sort by: what is so comes after what is not. A condition that is unknown is not so."""
    return Case(When(condition, then=Value(1)), default=Value(0))


def rows_of(model: str) -> models.QuerySet[Any]:
    """The rows of a model that stands above this floor, and so is found by name."""
    found: models.QuerySet[Any] = apps.get_model("incidents", model)._default_manager.all()
    return found


def _of_person(user: UUID, now: datetime) -> tuple[Value, ...]:
    """All that differs in the questions below from one person and one moment to another."""
    day = timezone.localdate(now)
    return (
        Value(user, models.UUIDField()),
        Value(now, models.DateTimeField()),
        Value(day, models.DateField()),
        Value(f"%{day.isoweekday()}%", models.CharField()),  # as `contains` asks for it
    )


MARKS = ((UUID(int=1), datetime(2200, 1, 1, tzinfo=UTC)), (UUID(int=2), datetime(2203, 5, 10, 7, tzinfo=UTC)))
KEPT_OUT = Question(
    "kept_out",
    "incidents.Incident",
    lambda user: Exists(rows_of("Exclusion").filter(incident=OuterRef("pk"), user=user)),
    lambda user: [Value(user, models.UUIDField())],
    (MARKS[0][:1], MARKS[1][:1]),
)
SHUT = Question(
    "shut",
    "incidents.Incident",
    lambda user, now: Exists(_shut(user, now).filter(pk=OuterRef("pk"))),
    _of_person,
    MARKS,
)
NOT_FOR = Question(
    "not_for",
    "incidents.Incident",
    lambda user, now: Exists(_not_for(user, now).filter(pk=OuterRef("pk"))),
    _of_person,
    MARKS,
)
