"""A whole case: aftercare, damage, what others do, and the end of it."""

from datetime import timedelta

from django.urls import reverse
from django.utils.timezone import localdate

from incidents.models import DamageLine, Task
from incidents.vocabulary import TaskKind, TaskStatus
from tests import clock
from tests.stories.casework import SUSPECT
from tests.stories.papers import Papers
from tests.world import make_incident


class Handling(Papers):
    """One case from its first reading to "helped"."""

    def damage(self) -> None:
        page = self.page("case_damage")
        page.send(
            page.form("case_damage", self.incident.pk),
            of="victim",
            kind="goods",
            words="een bril",
            amount="250,00",
        )
        line = DamageLine.objects.get(incident=self.incident)
        page.follow(reverse("damage_line", args=[line.pk]))
        today = localdate(clock.now()).isoformat()
        page.send(
            page.form("damage_line", line.pk),
            route="joining",
            claimed="250,00",
            claimed_on=today,
            recovered="200,00",
            recovered_on=today,
            is_finished=True,
        )
        line.refresh_from_db()
        assert (line.claimed, line.recovered, line.is_finished) == (25_000, 20_000, True)

    def link(self) -> None:
        other = make_incident(self.town, by=self.town.support, behaviours=("insult",), story="Elders.")
        page = self.page("case_links")
        page.send(page.form("case_link", self.incident.pk), number=other.reference, kind="related")
        assert other.reference in page.text()

    # --- aftercare -----------------------------------------------------------------------------------------

    def plan_reception(self) -> Task:
        """The adviser plans the talk with the collegial supporter, for tomorrow."""
        task: Task = self.incident.tasks.get(code="N02", step=0)
        page = self.page("case_care")
        page.follow(reverse("care_plan", args=[task.pk]))
        tomorrow = localdate(clock.now()) + timedelta(days=1)
        page.send(
            page.form("care_plan", task.pk, do="plan"),
            do="plan",
            day=tomorrow.isoformat(),
            hour="10:30",
            place="Kamer 2.12",
            given_by=str(self.town.support.pk),
        )
        task.refresh_from_db()
        assert task.assignee == self.town.support
        return task

    def accept_reception(self) -> None:
        """The person hit finds the moment on the own page, and says that it is good."""
        page = self.page("report_status", self.as_("employee"))
        assert "Kamer 2.12" in page.text()
        moment = self.incident.care.get(kind="reception")
        page.send(page.form("care_answer", self.incident.pk, moment.pk, do="accept"), do="accept")
        moment.refresh_from_db()
        assert moment.status == "accepted"

    def hold_reception(self, task: Task) -> None:
        """The supporter sees for whom it is and how to reach them, no story, and says that it was held."""
        person = self.as_("support")
        person.go(reverse("my_tasks"))
        person.follow(reverse("task", args=[task.pk]))
        told = person.text()
        assert self.town.employee.name in told and self.incident.contact in told
        assert self.incident.story not in told and SUSPECT not in told
        person.follow(reverse("care_plan", args=[task.pk]))
        assert self.incident.story not in person.text()
        person.send(person.form("care_plan", task.pk, do="held"), do="held")
        task.refresh_from_db()
        assert task.status == TaskStatus.DONE and task.finished_by == self.town.support

    def decline_follow_up(self) -> None:
        """The person hit does not want the second talk, and says so without saying why."""
        page = self.page("report_status", self.as_("employee"))
        task = self.incident.tasks.get(code="N03", status=TaskStatus.OPEN)
        page.follow(reverse("care_answer", args=[self.incident.pk, task.pk]))
        page.send(page.form("care_answer", self.incident.pk, task.pk, do="decline"), do="decline")
        assert self.incident.care.get(kind="follow_up_1").status == "declined"

    # --- tasks ---------------------------------------------------------------------------------------------

    def manager_does(self, code: str) -> None:
        """The adviser gives a task to the manager, who does it."""
        task = self.incident.tasks.filter(code=code, status=TaskStatus.OPEN)[0]
        page = self.page("case")
        page.follow(reverse("task", args=[task.pk]))
        page.send(page.form("task_hand_over", task.pk), to=str(self.town.manager.pk))
        manager = self.as_("manager")
        manager.go(reverse("my_tasks"))
        manager.follow(reverse("task", args=[task.pk]))
        assert self.incident.story not in manager.text()
        manager.send(manager.form("task_finish", task.pk), remark="Besproken in het team.")
        task.refresh_from_db()
        assert task.status == TaskStatus.DONE and task.finished_by == self.town.manager

    def end_what_remains(self) -> int:
        """From the page of the case: do one task, leave the next out with a reason, until none is left."""
        ended = 0
        page = self.page("case")
        while page.has('#tasks .work .what a[href^="/taak/"]'):
            link = page.page.locator('#tasks .work .what a[href^="/taak/"]').first
            pk = str(link.get_attribute("href")).split("/")[2]
            page.press(link)
            if ended % 3 == 2:
                page.send(page.form("task_decline", pk), reason="Dit is hier niet nodig.")
            else:
                page.send(page.form("task_finish", pk))
            ended += 1
            assert ended < 120
            if page.has('input[name="measure"]'):
                self.choose_the_rest()
        return ended

    # --- the end -------------------------------------------------------------------------------------------

    def is_not_ready_yet(self) -> None:
        page = self.page("case_ending")
        assert page.has("#stops"), "what is open stops the closing, and is named"

    def close(self) -> None:
        page = self.page("case_ending")
        assert not page.has("#stops"), page.text()
        assert not page.has('[name="seen"]'), f"nothing is left open\n{page.text()}"
        form = page.form("case_close", self.incident.pk)
        lesson = form.locator('[name$="words"]').first.get_attribute("name").removesuffix("words")
        page.send(
            form,
            outcome="Wij spraken met u en met de ander. U hoort van ons als er iets verandert.",
            evaluation="De balie krijgt een tweede uitgang.",
            **{
                f"{lesson}words": "Een tweede uitgang bij de balie",
                f"{lesson}assignee": str(self.town.manager.pk),
                f"{lesson}due_on": (localdate(clock.now()) + timedelta(days=60)).isoformat(),
            },
        )
        self.incident.refresh_from_db()
        assert self.incident.is_closed
        left = self.incident.tasks.filter(status=TaskStatus.OPEN)
        assert [task.kind for task in left] == [TaskKind.LESSON]

    def was_helped(self) -> None:
        page = self.page("report_status", self.as_("employee"))
        assert "Wij spraken met u" in page.text(), "what was done is told"
        page.send(page.form("helped", self.incident.pk), helped="yes", remark="Dank u wel.")
        self.incident.refresh_from_db()
        assert self.incident.was_helped == "yes"

    def add_a_photo(self, content: bytes) -> None:
        """The reporter adds a file and some words to the report."""
        page = self.page("report_status", self.as_("employee"))
        page.follow(reverse("report_add", args=[self.incident.pk]))
        page.write(page.form("report_add", self.incident.pk), text="Ik maakte nog een foto.")
        page.page.set_input_files("#id_evidence", [{"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": content}])
        page.press(page.form("report_add", self.incident.pk).locator("button").first)
        assert self.incident.evidence.count() == 1
