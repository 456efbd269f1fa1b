"""The people and places that tests start from: two organisations alike, and a stranger."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import reverse

from guidance.facts import Facts
from incidents.actions.report import NewReport, submit_report
from incidents.models import Incident, Task
from incidents.views.keeping import OWNER
from incidents.vocabulary import OpenPoint
from tests import clock
from vpdportal.accounts.models import Department, Membership, Organisation, User
from vpdportal.accounts.roles import Role

LONG_AGO = date(2020, 1, 1)
ALL_SEEN = [f"{code}:99" for code in OpenPoint]  # every tick of the page of closing
PASSWORD = "een heel lang wachtwoord"  # noqa: S105


@dataclass
class Place:
    """An organisation with a department and one person in each role."""

    organisation: Organisation
    department: Department
    people: dict[str, User] = field(default_factory=dict)

    def __getattr__(self, role: str) -> User:
        try:
            return self.__dict__["people"][role]
        except KeyError:
            raise AttributeError(role) from None

    def join(self, user: User, role: Role, department: Department | None = None) -> Membership:
        return Membership.objects.create(
            organisation=self.organisation, user=user, role=role, department=department, starts_on=LONG_AGO
        )


def make_place(name: str, prefix: str = "VW") -> Place:
    slug = name.lower()
    organisation = Organisation.objects.create(
        name=name, slug=slug, kind="municipality", reference_prefix=prefix, internal_alarm="5555"
    )
    department = Department.objects.create(organisation=organisation, name="Publiekszaken", headcount=40)
    place = Place(organisation, department)
    for role in Role:
        user = User.objects.create_user(email=f"{role}@{slug}.invalid", name=f"{role} {name}", password=PASSWORD)
        place.people[role.value] = user
        place.join(user, role, department if role in {Role.EMPLOYEE, Role.MANAGER} else None)
    return place


def make_user(name: str = "Iemand Anders") -> User:
    return User.objects.create_user(email=f"{uuid4().hex[:8]}@elders.invalid", name=name, password=PASSWORD)


def facts(**more: Any) -> Facts:
    """A shouting at the counter by someone known, unless told otherwise."""
    values: dict[str, Any] = {
        "behaviours": ("verbal_abuse",),
        "channel": "counter",
        "target_group": "counter_staff",
        "perpetrator_known": True,
        "weapon": False,
        "ongoing_threat": False,
    }
    return Facts(**{**values, **more})


def make_incident(
    town: Place,
    /,
    *,
    by: User | None = None,
    at: datetime | None = None,
    ago: timedelta = timedelta(hours=2),
    **more: Any,
) -> Incident:
    """A report that came in at `at` (now), about something `ago` before it, made by the real action."""
    now = at or clock.now()
    details = {name: more.pop(name) for name in list(more) if name in NewReport.__dataclass_fields__}
    report = NewReport(
        organisation=town.organisation,
        department=details.pop("department", town.department),
        facts=facts(**more),
        occurred_at=now - ago,
        story=details.pop("story", "Hij begon te schelden."),
        may_manager_see=details.pop("may_manager_see", True),
        **details,
    )
    return submit_report(report=report, idempotency_key=uuid4(), by=by or town.employee, now=now)


def open_task(incident: Incident, code: str) -> Task:
    task: Task = incident.tasks.get(code=code, step=0)
    return task


STEPS = ("veilig", "gebeurd", "wie", "nodig", "controle")


def report_data(**more: Any) -> dict[str, Any]:
    """What a browser sends over all steps for a valid report; a step takes what is its own."""
    data = {
        "is_safe_now": "yes",
        "behaviours": ["verbal_abuse"],
        "main_behaviour": "",
        "story": "Hij begon te schelden toen ik nee zei. 😡",
        "day": "2026-11-24",
        "hour": "08:30",
        "channel": "counter",
        "reporter_is": "self",
        "target_group": "counter_staff",
        "perpetrator_known": "yes",
        "weapon": "no",
        "wants_support": "yes",
        "feedback_wish": "call",
        "may_manager_see": "no",
    }
    return {name: value for name, value in {**data, **more}.items() if value is not None}


class Writer:
    """Someone who writes a report in a browser."""

    def __init__(self, client: Client, user: User) -> None:
        self.client, self.user, self.key = client, user, uuid4()

    def start(self, at: Place, **data: Any) -> Any:
        """The first step; a location's code as `plek`."""
        fixed = {
            "key": str(self.key),
            "organisation": str(at.organisation.pk),
            "owner": OWNER.sign(str(self.user.pk)),
        }
        return self.client.post(reverse("report"), {**fixed, **data})

    def post(self, step: str, data: dict[str, Any], go: str = "next", **options: Any) -> Any:
        address = reverse("report_step", args=[self.key, step])
        # A page that was opened just now has seen all that is kept.
        return self.client.post(address, {"go": go, "seen": "999999999", **data}, **options)

    def page(self, step: str) -> str:
        return self.client.get(reverse("report_step", args=[self.key, step])).content.decode()

    def send(self, at: Place, **more: Any) -> Any:
        """All steps, and the button; gives the answer to the last one that was not led on."""
        data = report_data(**more)
        department = {"department": str(at.department.pk)}
        response = self.start(at, is_safe_now=data.get("is_safe_now", ""))
        for step in STEPS[1:]:
            if response.status_code != 302:
                return response
            response = self.post(step, {**department, **data})
        return response
