"""Which rows a person may know of. Every view starts here; there is no other way in.

Who sees what: design of access, field groups G0-G11; handbook 7.2.
"""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from incidents.vocabulary import CaseStatus, TaskStatus
from vpdportal.accounts.access import standing
from vpdportal.accounts.roles import Right


class IncidentQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, now: datetime) -> "IncidentQuerySet":
        """What the person may know exists: own, of the organisations served, of the team where the reporter allows.

        Seeing that it exists is not opening it: the case page also asks for Right.WORK_CASES (403).
        """
        here = standing(user, now)
        return self.filter(
            Q(reporter=user.pk)
            | Q(affected=user.pk)
            | Q(organisation__in=[o.pk for o in here.organisations(Right.WORK_CASES)])
            | Q(department__in=here.departments(Right.SEE_TEAM), may_manager_see=True)
        )

    def own(self, user: Any) -> "IncidentQuerySet":
        """Reported by this person, or about this person."""
        return self.filter(Q(reporter=user.pk) | Q(affected=user.pk))

    def of_team(self, user: Any, now: datetime) -> "IncidentQuerySet":
        """Of the departments this person manages, where the reporter lets the manager see it."""
        departments = standing(user, now).departments(Right.SEE_TEAM)
        return self.filter(department__in=departments, may_manager_see=True)

    def worked_by(self, user: Any, now: datetime) -> "IncidentQuerySet":
        """Cases of the organisations whose cases this person works on."""
        return self.filter(organisation__in=[o.pk for o in standing(user, now).organisations(Right.WORK_CASES)])

    def unfinished(self) -> "IncidentQuerySet":
        return self.exclude(status=CaseStatus.CLOSED)


class TaskQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, now: datetime) -> "TaskQuerySet":
        """Tasks given to this person, and all tasks of the organisations whose cases this person works on."""
        here = standing(user, now)
        served = [o.pk for o in here.organisations(Right.WORK_CASES)]
        given = [o.pk for o in here.organisations(Right.BE_GIVEN_TASKS)]
        return self.filter(Q(assignee=user.pk, organisation__in=given) | Q(organisation__in=served))

    def unfinished(self) -> "TaskQuerySet":
        return self.filter(status=TaskStatus.OPEN)

    def overdue(self, now: datetime) -> "TaskQuerySet":
        return self.unfinished().filter(due_at__lt=now, is_on_hold=False)
