"""A report about one's own manager, and the fourteen channels in which he could hear of it (design, 2.3 a)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from incidents.actions.calendar_feeds import make_feed
from incidents.actions.data_requests.collecting import collect
from incidents.actions.data_requests.requests import NewRequest, register_request
from incidents.actions.evidence import keep_evidence
from incidents.actions.exclusions import keep_out
from incidents.actions.messages import write_to_desk
from incidents.actions.police_sheets import start_sheet
from incidents.actions.reminders.sweep import sweep
from incidents.forms.report import typed_in_words
from incidents.models import DataRequest, Evidence, Incident, Person, PoliceSheet, Task
from incidents.vocabulary import DataRequestKind, DataSubject, FiledBy, PoliceKind
from tests import clock
from tests.incidents.reactions import link, make_person
from tests.incidents.test_case_export import read_xlsx
from tests.world import Place, make_incident, open_task
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Role


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["vpd_language"] = "en"
    return client


@dataclass
class Report:
    """What the report about the boss leaves behind; `another` is a case that is not about anybody here."""

    town: Place
    incident: Incident
    another: Incident
    task: Task
    file: Evidence
    sheet: PoliceSheet
    person: Person
    asked: DataRequest
    secret: str
    boss: User

    def get(self, name: str, *arguments: Any, **query: Any) -> Any:
        return browser_of(self.boss).get(reverse(name, args=arguments), query)

    def says(self, *where: Any, **query: Any) -> bool:
        return self.incident.reference in page_of(self.get(*where, **query))


def page_of(response: Any) -> str:
    assert response.status_code in {200, 400}
    return b"".join(response).decode(errors="ignore")


def report_about(town: Place, *, is_kept_out: bool) -> Report:
    """The boss is manager of the department, deputy and management; and all else that opens one of the channels."""
    boss, slug = town.manager, town.organisation
    for role in (Role.DEPUTY, Role.MANAGEMENT, Role.ADVISER, Role.AUDITOR, Role.SUPPORT):
        town.join(boss, role)
    incident, another = make_incident(town, story="kanarieverhaal"), make_incident(town, by=town.support)
    upload = SimpleUploadedFile("bewijs.pdf", b"%PDF-1.4 bewijs")
    file = keep_evidence(upload=upload, organisation=slug, by=town.employee, form_key=uuid4(), now=clock.now())
    Evidence.objects.filter(pk=file.pk).update(incident=incident)
    person = link(incident, make_person(town), town.adviser)
    sheet = start_sheet(
        incident=incident, kind=PoliceKind.NOTICE, filed_by=FiledBy.EMPLOYER, by=town.adviser, now=clock.now()
    )
    new = NewRequest(slug, DataRequestKind.ACCESS, DataSubject.CITIZEN, date(2026, 11, 24), name="Kees", person=person)
    asked = register_request(new=new, by=town.auditor, now=clock.now())
    collect(request=asked, in_words=typed_in_words, by=town.auditor, now=clock.now())
    write_to_desk(incident=incident, text="Gaat het door?", form_key=uuid4(), by=town.employee, now=clock.now())
    if is_kept_out:
        keep_out(incident=incident, person=boss, by=town.employee, now=clock.now())
    task = open_task(incident, "N02")
    Task.objects.filter(pk=task.pk).update(assignee=boss)  # given at the same moment: also then it is nowhere
    secret = make_feed(user=boss, seen="", now=clock.now())
    return Report(town, incident, another, task, file, sheet, person, asked, secret, boss)


def is_mailed(report: Report) -> bool:
    for _day in range(9):
        sweep(now=clock.now())
        clock.move(days=1)
    return any(report.incident.reference in one.body for one in mail.outbox if one.to == [report.boss.email])


def is_suggested(report: Report) -> bool:
    """Whom the portal offers beside another case, and whether it knows the number that one begins to type."""
    client, another = browser_of(report.boss), report.another.pk
    typed = {"number": report.incident.reference, "kind": "related"}
    return client.post(reverse("case_link", args=[another]), typed).status_code == 302


def is_exported(report: Report) -> bool:
    response = browser_of(report.boss).post(reverse("case_export"), {"purpose": "check", "file": "xlsx"})
    assert response.status_code == 200
    return any(report.incident.reference in text for row in read_xlsx(response.content) for _kind, text in row)


def is_counted_exactly(report: Report) -> bool:
    page = report.get("overview", report.town.organisation.slug, "2026-11", exact="1")
    return bool(page.context["overview"].shown.numbers["reports"].low == 2)


def is_in_the_feed(report: Report) -> bool:
    response = Client().get(reverse("calendar_file", args=[report.secret]))
    assert response.status_code == 200
    return report.incident.reference in response.content.decode()


def is_in_administration(report: Report) -> bool:
    """There is no admin of Django; the machine room and the pages beside it are what there is."""
    assert not apps.is_installed("django.contrib.admin")
    with pytest.raises(Resolver404):
        resolve("/admin/")
    return report.get("case_assign", report.incident.pk).status_code == 200 or report.says(
        "machine_room", report.town.organisation.slug
    )


CHANNELS: dict[str, Callable[[Report], bool]] = {
    "list": lambda report: report.says("case_list"),
    "search": lambda report: bool(
        report.get("case_list", number=report.incident.reference).context["page"].object_list
    ),
    "autocomplete": is_suggested,
    "task list": lambda report: report.says("my_tasks"),
    "mail": is_mailed,
    "bell": lambda report: report.incident in [*report.get("work_list").context["unread"]],
    "export": is_exported,
    "overview drill-down": is_counted_exactly,
    "audit view": lambda report: report.says("audit_log", report.town.organisation.slug),
    "attachment": lambda report: report.get("case_evidence", report.incident.pk, report.file.pk).status_code == 200,
    "PDF": lambda report: report.get("police_pdf", report.sheet.pk).status_code == 503,  # no PDF can be made here
    "data request": lambda report: report.get("data_pieces", report.asked.pk).status_code == 200,
    "calendar feed": is_in_the_feed,
    "administration": is_in_administration,
}
