"""Which requests about personal data someone may know of: the way in to them, beside incidents.querysets."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q

from incidents.need_to_know import rows_of, shut_to
from incidents.vocabulary import DataRequestKind, DataRequestStatus
from vpdportal.accounts.access import standing
from vpdportal.accounts.roles import Right
from vpdportal.written_once import Question, WrittenOnce

FINISHED = (DataRequestStatus.DECIDED, DataRequestStatus.WITHDRAWN)
# What was granted of these holds until someone ends it: the data are kept and not used meanwhile (AVG 18 and 21).
LIMITING = (DataRequestKind.LIMITATION, DataRequestKind.OBJECTION)
LIMITS = Q(kind__in=LIMITING, status=DataRequestStatus.DECIDED, is_granted=True, ended_at__isnull=True)
PARTY = Q(reporter=OuterRef("user")) | Q(affected=OuterRef("user")) | Q(witnesses__user=OuterRef("user"))


class DataRequestQuerySet(models.QuerySet[Any]):
    def handled_by(self, user: Any, now: datetime) -> "DataRequestQuerySet":
        """Requests of the organisations in which this person handles them; never their own.

        Out of sight for who is kept out of a case that the answer would show (R1), and at the desk for whom such a case
        is restricted to others (ADR 30): someone else handles it. The officer decides on all but the former.
        """
        here = standing(user, now)
        decides = [o.pk for o in here.organisations(Right.DECIDE_PRIVACY)]
        handles = [o.pk for o in here.organisations(Right.HANDLE_DATA_REQUESTS)]
        # Few, and so read apart: the database loses its way in them as a part of a part of the question.
        kept_out = list(rows_of("Exclusion").filter(user=user.pk).values_list("incident", flat=True))
        restricted = rows_of("Incident").filter(organisation__in=handles, is_restricted=True)
        shut = list(restricted.filter(shut_to(user, "pk", now)).values_list("pk", flat=True))
        seen = ~_about(kept_out) & (Q(organisation__in=decides) | ~_about(shut))
        return self.filter(seen, organisation__in=handles).exclude(user=user.pk)

    def own(self, user: Any) -> "DataRequestQuerySet":
        """What this person asked about their own data."""
        return self.filter(user=user.pk)

    def unfinished(self) -> "DataRequestQuerySet":
        return self.exclude(status__in=FINISHED)

    def holding_back(self) -> "DataRequestQuerySet":
        """Requests for whose sake nothing of that person is destroyed: not decided, or data are to be kept (AVG 18)."""
        return self.filter(~Q(status__in=FINISHED) | Q(LIMITS, kind=DataRequestKind.LIMITATION))


def asked_about(path: str) -> Exists:
    """Whether a request of the person to whom `path` leads is open: who works on it is told, and weighs that."""
    rows = rows_of("DataRequest").exclude(status__in=FINISHED)
    return Exists(rows.filter(person=OuterRef(path)))


def asked_in_case() -> WrittenOnce:
    """Whether a request of someone in this case, who has no account, is open."""
    return ASKED.here()


def _asked_in_case() -> Exists:
    rows = rows_of("DataRequest").exclude(status__in=FINISHED)
    return Exists(rows.filter(person__involvements__incident=OuterRef("pk")))


def limited_about(path: str) -> Exists:
    """Whether the data of the person to whom `path` leads may be kept only, and not used, as long as a limit holds."""
    return Exists(rows_of("DataRequest").filter(LIMITS, person=OuterRef(path)))


def limited_in_case() -> WrittenOnce:
    """Whether that is so of someone in this case: outside the organisation, or who reported it or was hit."""
    return LIMITED.here()


def _limited_in_case() -> Exists:
    limits = rows_of("DataRequest").filter(LIMITS)
    citizens = Q(person__involvements__incident=OuterRef("pk"))
    employees = Q(user__isnull=False, organisation=OuterRef("organisation")) & (
        Q(user=OuterRef("reporter")) | Q(user=OuterRef("affected"))
    )
    return Exists(limits.filter(citizens | employees))


ASKED = Question("asked", "incidents.Incident", _asked_in_case)
LIMITED = Question(
    "limited", "incidents.Incident", _limited_in_case, columns=("pk", "organisation", "reporter", "affected")
)


def _about(cases: Collection[UUID]) -> Q:
    """Whether who asks has to do with one of these cases, as a citizen or as an employee."""
    involved = rows_of("Involvement").filter(incident__in=cases, person=OuterRef("person"))
    own = rows_of("Incident").filter(PARTY, pk__in=cases, organisation=OuterRef("organisation"))
    return Q(Exists(involved)) | Q(Exists(own))
