"""Which rows a person may know of. Every view starts here; there is no other way in.

Who sees what: design of access, field groups G0-G11; handbook 7.2. Above every role stands the exclusion: for a
person who is kept out of a case, it does not exist (R1).
"""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import models
from django.db.models import Count, Exists, F, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from guidance.cards import newest_number
from incidents.need_to_know import hidden_from, kept_out_from, rows_of, shut_to
from incidents.vocabulary import (
    RESTRICTING,
    REVIEW_CODE,
    TELLS_DESK,
    CaseStatus,
    LetterStatus,
    NewsKind,
    ReactionStatus,
    ReporterIs,
    TaskKind,
    TaskStatus,
    TimelineKind,
)
from vpdportal.accounts.access import standing
from vpdportal.accounts.roles import Right
from vpdportal.written_once import Question

COUNTED = {  # what a page of a case says how many there are of, and its model
    "message": "Message",
    "evidence": "Evidence",
    "person": "Involvement",
    "reaction": "Reaction",
    "letter": "Letter",
    "police": "PoliceSheet",
    "care": "CareMoment",
    "damage": "DamageLine",
    "destroyed": "DestroyedPart",
    "statement": "Statement",
}


def _number_of(model: str) -> Coalesce:
    """How many rows of this model a case has."""
    rows = rows_of(model).filter(incident=OuterRef("pk")).order_by().values("incident")
    return Coalesce(Subquery(rows.annotate(number=Count("pk")).values("number")), 0)


def _has_message() -> Exists:
    written = rows_of("Message").filter(incident=OuterRef("pk"), is_from_desk=False)
    return Exists(written.filter(seen_at__isnull=True))


def _told(**kind: Any) -> Any:
    return rows_of("News").filter(incident=OuterRef("pk"), seen_at__isnull=True, **kind)


def _is_reopened() -> Exists:
    party = Coalesce(OuterRef("affected"), OuterRef("reporter"))
    to_desk = ~Q(recipient=OuterRef("reporter")) & ~Q(recipient=party)
    return Exists(_told(kind=NewsKind.REOPENED).filter(to_desk))


CASE = "incidents.Incident"
NUMBERS = {
    name: Question(f"number_of_{name}", CASE, partial(_number_of, model), answer=models.IntegerField())
    for name, model in COUNTED.items()
}
CARD = Question("number_of_card", CASE, newest_number, columns=("organisation",), answer=models.IntegerField())
UNREAD = {  # what nobody of the desk has had on the screen yet
    "has_message": Question("has_message", CASE, _has_message),
    "has_addition": Question("has_addition", CASE, lambda: Exists(_told(kind=NewsKind.ADDED))),
    "is_reopened": Question("is_reopened", CASE, _is_reopened, columns=("pk", "reporter", "affected")),
}
ENDED = (CaseStatus.CLOSED, CaseStatus.MERGED)
TASK_MEMORY = timedelta(days=30)  # that who was asked something may read back what they did (design of access, matrix)


class IncidentQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, now: datetime) -> "IncidentQuerySet":
        """What the person may know exists: own, of the organisations served, of the team where the reporter allows.

        Seeing that it exists is not opening it: the case page also asks for Right.WORK_CASES (403).
        """
        here = standing(user, now)
        return self.not_hidden_from(user, now).filter(
            Q(reporter=user.pk)
            | Q(affected=user.pk)
            | Q(organisation__in=[o.pk for o in here.organisations(Right.WORK_CASES)])
            | Q(department__in=here.departments(Right.SEE_TEAM), may_manager_see=True)
        )

    def own(self, user: Any) -> "IncidentQuerySet":
        """Reported by this person, or about this person."""
        return self.not_kept_out(user).filter(Q(reporter=user.pk) | Q(affected=user.pk))

    def of_team(self, user: Any, now: datetime) -> "IncidentQuerySet":
        """Of the departments this person manages, where the reporter lets the manager see it. No restricted ones.

        Marked with `is_for_other`: it happened to someone without an account in it, not to who reported it.
        """
        departments = standing(user, now).departments(Right.SEE_TEAM)
        seen = self.not_kept_out(user).filter(department__in=departments, may_manager_see=True, is_restricted=False)
        return seen.annotate(is_for_other=Q(affected__isnull=True) & ~Q(reporter_is=ReporterIs.SELF))

    def worked_by(self, user: Any, now: datetime) -> "IncidentQuerySet":
        """Cases of the organisations whose cases this person works on."""
        served = [o.pk for o in standing(user, now).organisations(Right.WORK_CASES)]
        return self.not_hidden_from(user, now).filter(organisation__in=served)

    def witnessed_by(self, user: Any) -> "IncidentQuerySet":
        """What this person was asked to tell about, as a witness."""
        return self.not_kept_out(user).filter(witnesses__user=user.pk)

    def not_told_by(self, user: Any) -> "IncidentQuerySet":
        """Without those to which this person has added words."""
        return self.filter(~Exists(rows_of("Statement").filter(incident=OuterRef("pk"), by=user.pk)))

    def not_kept_out(self, user: Any) -> "IncidentQuerySet":
        """Without the cases from which this person is kept out. Joined to every other way in."""
        return self.filter(~kept_out_from(user, "pk"))

    def not_hidden_from(self, user: Any, now: datetime) -> "IncidentQuerySet":
        """Nor the restricted ones that are not for this person. Joined to every way in by role."""
        return self.filter(~hidden_from(user, "pk", now))

    def shut_for(self, user: Any, now: datetime) -> "IncidentQuerySet":
        """The restricted cases of the organisations served that this person could only open in need: that they exist.

        Marked with `restricted_at`. Not those from which this person is kept out.
        """
        served = [o.pk for o in standing(user, now).organisations(Right.WORK_CASES)]
        since = rows_of("TimelineEntry").filter(incident=OuterRef("pk"), kind=TimelineKind.RESTRICTED)
        last = since.order_by("-at").values("at")[:1]
        shut = self.not_kept_out(user).filter(shut_to(user, "pk", now), organisation__in=served)
        return shut.annotate(restricted_at=Subquery(last))

    def unfinished(self) -> "IncidentQuerySet":
        return self.exclude(status__in=ENDED)

    def counted(self) -> "IncidentQuerySet":
        """One row for one event: without the reports that were joined with another one about the same event."""
        return self.exclude(status=CaseStatus.MERGED)

    def unread_by_desk(self) -> "IncidentQuerySet":
        """With something that people of the case wrote and nobody of the desk has had on the screen yet."""
        told = rows_of("News").filter(seen_at__isnull=True, kind__in=TELLS_DESK)
        party = Coalesce(F("incident__affected"), F("incident__reporter"))
        to_party = Q(recipient=F("incident__reporter")) | Q(recipient=party)
        found = (
            rows_of("Message").filter(is_from_desk=False, seen_at__isnull=True),
            told.exclude(to_party, kind=NewsKind.REOPENED),
        )
        # From what is unseen, which is little, and not by asking it of every case there ever was.
        first, second = (rows.order_by().values("incident") for rows in found)
        return self.marked_unread().filter(pk__in=first.union(second))

    def marked_unread(self) -> "IncidentQuerySet":
        """Marked with what nobody of the desk has had on the screen: `has_message`, `has_addition`, `is_reopened`.

        A reopening counts as told to the desk, unless to a party: where the adviser is one, it comes as a task.
        """
        return self.annotate(**{name: question.here() for name, question in UNREAD.items()})

    def with_numbers(self) -> "IncidentQuerySet":
        """Marked with how much hangs under each case, for the way to its pages: `evidence_number` and so on.

        And with the number of the menu card that its organisation published last: `card_number`.
        """
        hanging = {f"{name}_number": question.of("pk") for name, question in NUMBERS.items()}
        return self.annotate(card_number=CARD.here(), **hanging)

    def with_news_for(self, user: Any) -> "IncidentQuerySet":
        """Marked with what this person has not had on the screen yet: `has_new_message`, and `has_news` of else."""
        unseen = rows_of("News").filter(incident=OuterRef("pk"), recipient=user.pk, seen_at__isnull=True)
        return self.annotate(
            has_new_message=Exists(unseen.filter(kind__in=(NewsKind.MESSAGE, NewsKind.QUESTION))),
            has_news=Exists(
                unseen.filter(kind__in=(NewsKind.ABOUT_YOU, NewsKind.CLOSED, NewsKind.REOPENED, NewsKind.CARE))
            ),
        )


class TaskQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, now: datetime) -> "TaskQuerySet":
        """Tasks given to this person, and all tasks of the organisations whose cases this person works on.

        What is finished stays readable for TASK_MEMORY; not for a manager who may see the case no more. Who only signs
        (management) has what was laid before them to sign or to look along, and no other task.
        """
        here = standing(user, now)
        served = [o.pk for o in here.organisations(Right.WORK_CASES)]
        given = [o.pk for o in here.organisations(Right.BE_GIVEN_TASKS)]
        signs = [o.pk for o in here.organisations(Right.SIGN)]
        withdrawn = Q(incident__department__in=here.departments(Right.SEE_TEAM), incident__may_manager_see=False)
        in_hand = Q(status=TaskStatus.OPEN) | Q(Q(finished_at__gt=now - TASK_MEMORY) & ~withdrawn)
        to_do = Q(in_hand, assignee=user.pk, organisation__in=given)
        to_sign = Q(assignee=user.pk, kind__in=(TaskKind.SIGN, TaskKind.SECOND_LOOK), organisation__in=signs)
        return self.not_hidden_from(user, now).filter(to_do | to_sign | Q(organisation__in=served))

    def not_hidden_from(self, user: Any, now: datetime) -> "TaskQuerySet":
        """Without the tasks of cases that do not exist for this person."""
        return self.filter(~hidden_from(user, "incident", now))

    def unfinished(self) -> "TaskQuerySet":
        return self.filter(status=TaskStatus.OPEN)

    def overdue(self, now: datetime) -> "TaskQuerySet":
        return self.unfinished().filter(due_at__lt=now, is_on_hold=False)


class PersonQuerySet(models.QuerySet[Any]):
    def handled_by(self, user: Any, now: datetime) -> "PersonQuerySet":
        """People kept by the organisations whose persons this person handles: that they exist, not who they are.

        A person is out of sight for who is kept out of a case that this person has to do with, in whatever role; and
        for who could know this person only from restricted cases.
        """
        served = [o.pk for o in standing(user, now).organisations(Right.HANDLE_PERSONS)]
        known = rows_of("Involvement").filter(person=OuterRef("pk"))
        is_known = ~Exists(known) | Exists(known.filter(~hidden_from(user, "incident", now)))
        return self.filter(is_known, ~Exists(known.filter(kept_out_from(user, "incident"))), organisation__in=served)

    def counted_for(self, user: Any, now: datetime) -> "PersonQuerySet":
        """Of them, the people whose every case this person may know of: a number then tells of no other one."""
        hidden = rows_of("Involvement").filter(hidden_from(user, "incident", now), person=OuterRef("pk"))
        return self.handled_by(user, now).filter(~Exists(hidden))


class ReactionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, now: datetime) -> "ReactionQuerySet":
        """Of the organisations whose cases this person works on, and what this person was asked to sign or see."""
        here = standing(user, now)
        served = [o.pk for o in here.organisations(Right.WORK_CASES)]
        signs = [o.pk for o in here.organisations(Right.SIGN)]
        return self.filter(~hidden_from(user, "incident", now)).filter(
            Q(organisation__in=served) | Q(Q(signer=user.pk) | Q(second=user.pk), organisation__in=signs)
        )

    def with_next_review(self, user: Any) -> "ReactionQuerySet":
        """Marked with `review_at`, the next moment to look at it: its own task, or the menu's for the case."""
        own = Q(kind=TaskKind.REVIEW, about=OuterRef("pk"))
        of_case = Q(code=REVIEW_CODE, incident=OuterRef("incident"))
        tasks = rows_of("Task").filter(~kept_out_from(user, "incident"), status=TaskStatus.OPEN)
        first = tasks.filter(own | of_case).order_by().values("status").annotate(first=Min("due_at")).values("first")
        return self.annotate(review_at=Subquery(first))

    def with_letter(self) -> "ReactionQuerySet":
        """Marked with `is_letter_sent`: its own letter, which bears the name of its kind; none tells of its end."""
        own = rows_of("Letter").filter(reaction=OuterRef("pk"), kind=OuterRef("kind"), status=LetterStatus.SENT)
        return self.annotate(is_letter_sent=Exists(own))

    def running(self, day: date) -> "ReactionQuerySet":
        """What restricts someone on this day, today at the earliest: what runs was given before."""
        return self.filter(status=ReactionStatus.ACTIVE, kind__in=RESTRICTING, starts_on__lte=day, ends_on__gte=day)


class CareQuerySet(models.QuerySet[Any]):
    def meant_for(self, user: Any) -> "CareQuerySet":
        """The moments that are for this person."""
        return self.filter(~kept_out_from(user, "incident"), user=user.pk)
