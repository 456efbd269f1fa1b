"""What the desk does with one case, page by page: the advice, who did it, the reaction to them.

Only the browser changes anything; the database says afterwards what became of it.
"""

from collections.abc import Callable
from datetime import timedelta

from django.urls import reverse
from django.utils.timezone import localdate

from incidents.models import Incident, Involvement, Measure, Reaction, Task
from incidents.vocabulary import MeasureStatus, TaskStatus
from tests import clock
from tests.stories.desk import Person
from tests.world import Place

SUSPECT = "Teun Verzonnen"
ADDRESS = "Verzinstraat 7\n1234 AB Vlinderwaard"
CONDUCT = "U sloeg op de balie en u riep: ik weet waar u werkt."
SAID = "U vertelde dat u lang had gewacht."


class Casework:
    """One case, and the people who each have a browser of their own."""

    def __init__(self, town: Place, incident: Incident, open_for: Callable[[str], Person]) -> None:
        self.town, self.incident = town, incident
        self._open_for = open_for
        self._people: dict[str, Person] = {}

    def as_(self, role: str) -> Person:
        if role not in self._people:
            self._people[role] = self._open_for(role)
        return self._people[role]

    @property
    def adviser(self) -> Person:
        return self.as_("adviser")

    def faults(self) -> list[str]:
        return [f"{role}: {fault}" for role, person in self._people.items() for fault in person.faults]

    def page(self, name: str, person: Person | None = None) -> Person:
        """A page of the case, for the adviser."""
        someone = person or self.adviser
        someone.go(reverse(name, args=[self.incident.pk]))
        return someone

    # --- the advice ----------------------------------------------------------------------------------------

    def from_the_work_list(self) -> None:
        self.adviser.go(reverse("work_list") + "?tab=new")
        assert self.incident.reference in self.adviser.text()
        self.adviser.follow(reverse("case", args=[self.incident.pk]))
        assert self.incident.story in self.adviser.text()

    def answer(self, **answers: str) -> None:
        """Of the questions that the page asks, those to which there is an answer."""
        form = self.adviser.form("case_facts", self.incident.pk)
        names = set(form.locator("[name]").evaluate_all("some => some.map((one) => one.name)"))
        asked = {name: value for name, value in answers.items() if name in names}
        assert asked, f"the page asks {names}"
        self.adviser.send(form, **asked)
        self.incident.refresh_from_db()

    def assess(self, severity: int) -> None:
        form = self.adviser.form("case_severity", self.incident.pk)
        reason = {} if severity == self.incident.severity else {"severity_reason": "Zoals wij dit samen wegen."}
        self.adviser.send(form, nature="aggression", severity=severity, **reason)
        self.incident.refresh_from_db()
        assert self.incident.severity == severity and self.incident.severity_confirmed_by == self.town.adviser

    def leave_out(self, code: str) -> None:
        self._decide(code, "decline", reason="Dit is hier al geregeld.")
        assert self._measure(code).status == MeasureStatus.DECLINED

    def leave_out_together(self, *codes: str) -> None:
        for code in codes:
            self.adviser.tick(self.adviser.page.locator(f'input[name="measure"][value="{self._measure(code).pk}"]'))
        self.adviser.send(self.adviser.page.locator("#several-form"), do="decline", reason="Dat past hier niet.")
        assert {self._measure(code).status for code in codes} == {MeasureStatus.DECLINED}

    def put_off_and_take(self, code: str) -> None:
        later = localdate(clock.now()) + timedelta(days=3)
        self._decide(code, "hold", reason="Eerst het gesprek.", day=later.isoformat())
        assert self._measure(code).status == MeasureStatus.HELD
        self._decide(code, "take")
        assert self._measure(code).status == MeasureStatus.TAKEN

    def choose_the_rest(self) -> None:
        """Tick all that can be chosen, and choose it at once; again when something new is advised by it."""
        for _round in range(5):
            boxes = self.adviser.page.locator('input[name="measure"]')
            if not boxes.count():
                return
            for number in range(boxes.count()):
                self.adviser.tick(boxes.nth(number))
            self.adviser.send(self.adviser.page.locator("#several-form"), do="take")
        raise AssertionError("there is always more to choose")

    def _decide(self, code: str, choice: str, **words: str) -> None:
        address = ("case_measure", self.incident.pk, self._measure(code).pk)
        self.adviser.send(self.adviser.form(*address, do=choice), do=choice, **words)

    def _measure(self, code: str) -> Measure:
        found: Measure = self.incident.measures.get(code=code)
        return found

    # --- who did it ----------------------------------------------------------------------------------------

    def link_the_person(self) -> None:
        page = self.page("case_people")
        page.send(
            page.form("case_person_find", self.incident.pk),
            role="perpetrator",
            name=SUSPECT,
            email="teun@verzonnen.invalid",
            relation="citizen",
        )
        page.press(page.page.locator("form:has(input[name=person][value=new]) button"))
        involvement = Involvement.objects.get(incident=self.incident)
        assert SUSPECT in page.text()
        path = reverse("person", args=[involvement.person_id])
        page.follow(f"{path}?zaak={self.incident.pk}")
        if page.has(f'form[action="{reverse("person_open", args=[involvement.person_id])}"]'):
            form = page.form("person_open", involvement.person_id)
            page.send(form, purpose="handle", reason="Voor de brief.")
        page.send(page.form("person_change", involvement.person_id), letter_address=ADDRESS)
        assert "Verzinstraat 7" in page.text()

    def nobody_knows_who(self) -> None:
        page = self.page("case_people")
        form = page.form("case_person_facts", self.incident.pk, do="unknown")
        page.send(form, do="unknown", description="Een donkere jas, weggerend naar het park.")

    def tell_that_data_are_kept(self) -> None:
        page = self.page("case_people")
        involvement = Involvement.objects.get(incident=self.incident)
        form = page.form("case_person_inform", self.incident.pk, involvement.pk, do="told")
        page.send(form, do="told", informed_on=localdate(clock.now()).isoformat())

    # --- the reaction --------------------------------------------------------------------------------------

    def draft(self, kind: str, **more: str) -> Reaction:
        """Draft a reaction and lay it before management; the deputy looks along where severity asks it."""
        page = self.page("case_reactions")
        page.follow(reverse("reaction_new", args=[self.incident.pk, kind]))
        today = localdate(clock.now())
        words = {
            "conduct": CONDUCT,
            "conduct_on": localdate(self.incident.occurred_at).isoformat(),
            "hearing": "heard",
            "hearing_words": SAID,
            "proportionality": "Een gesprek alleen is hier te weinig.",
            "signer": str(self.town.management.pk),
            **more,
        }
        if kind in {"ban", "conditions"}:
            words |= {
                "scope": "Het gemeentehuis, Voorbeeldplein 1",
                "core_services": "Een paspoort vraagt u aan op afspraak.",
                "instruction": "Laat niet binnen. Bel de beveiliging.",
                "starts_on": today.isoformat(),
                "ends_on": (today + timedelta(days=90)).isoformat(),
            }
        if self.incident.severity >= self.town.organisation.second_eyes_from:
            words["second"] = str(self.town.deputy.pk)
        page.send(page.own_form(do="propose"), do="propose", **words)
        reaction: Reaction = self.incident.reactions.get(kind=kind)
        assert reaction.status == "proposed"
        return reaction

    def answer_proposal(self, role: str, reaction: Reaction, name: str, *, by_keyboard: bool = False) -> None:
        """Who was asked goes from the own tasks to the proposal, reads it, and agrees or signs."""
        person = self.as_(role)
        if by_keyboard:
            with person.keyboard_alone():
                self._say_yes(person, reaction, name)
        else:
            self._say_yes(person, reaction, name)

    def _say_yes(self, person: Person, reaction: Reaction, name: str) -> None:
        task = Task.objects.get(about=reaction.pk, assignee=person.user, status=TaskStatus.OPEN)
        person.go(reverse("my_tasks"))
        person.follow(reverse("task", args=[task.pk]))
        person.follow(reverse(name, args=[reaction.pk]))
        assert CONDUCT in person.text() and SUSPECT in person.text()
        assert self.incident.story not in person.text(), "the proposal, and no story"
        person.press(person.page.locator('button[name="do"][value="yes"]'))

    def looked_at_and_signed(self, reaction: Reaction, *, by_keyboard: bool = False) -> None:
        if reaction.second_id:
            self.answer_proposal("deputy", reaction, "reaction_second")
        self.answer_proposal("management", reaction, "reaction_sign", by_keyboard=by_keyboard)
        reaction.refresh_from_db()
        assert reaction.status == "signed" and reaction.signer == self.town.management

    def police_ask_to_wait(self) -> None:
        """Nothing goes to the person while the police ask to wait; then they do not any more."""
        page = self.page("case_police")
        page.send(page.form("police_wait", self.incident.pk, do="yes"), do="yes")
        self.page("case_letters")
        assert page.has("main .message--warning")
        self.page("case_police")
        page.send(page.form("police_wait", self.incident.pk, do="no"), do="no")
        assert not page.has("main .message--warning")

    def give(self, reaction: Reaction) -> None:
        page = self.adviser
        page.go(reverse("reaction", args=[reaction.pk]))
        if reaction.kind in {"ban", "conditions"}:
            page.send(page.form("reaction_step", reaction.pk, "politie"))
        page.send(page.form("reaction_step", reaction.pk, "gegeven"), day=localdate(clock.now()).isoformat())
        reaction.refresh_from_db()
        assert reaction.status == ("done" if reaction.kind == "warning" else "active")

    def review_and_end(self, reaction: Reaction) -> None:
        page = self.adviser
        page.go(reverse("reaction", args=[reaction.pk]))
        page.send(page.form("reaction_step", reaction.pk, "evalueren"), remark="Het gaat goed.")
        page.send(
            page.form("reaction_step", reaction.pk, "beeindigen"),
            end_kind="early",
            reason="Er gebeurde niets meer.",
        )
        reaction.refresh_from_db()
        assert (reaction.status, reaction.end_kind) == ("ended", "early")
