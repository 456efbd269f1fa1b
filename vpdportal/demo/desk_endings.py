"""How cases of the demonstration hang together and end: linked, joined, closed with what was learned; and the rest."""

from datetime import timedelta

from incidents.actions.closing import close_case
from incidents.actions.linking import link_cases
from incidents.actions.measures import adapt_measure, decline_measure, hold_measure
from incidents.actions.merging import merge_cases
from incidents.actions.own_tasks import WantedTask, add_own_task
from incidents.actions.saved_lists import keep_list
from incidents.models import Incident, Measure
from incidents.vocabulary import LinkKind, MeasureStatus
from vpdportal.demo.desk import Desk, finish_all, keep_up

OUTCOME = "Wij hebben met de bezoeker gesproken. Hij maakt voortaan een afspraak. Het team heeft het besproken."
EVALUATION = "Het gesprek kwam snel en was rustig. De wachttijd zonder uitleg lokte het uit; dat is te voorkomen."
LESSON = "Laat op het scherm in de hal zien hoe lang het wachten nog duurt."
OWN_TASK = "Vraag de bode wie er nog meer in de hal stond."
ADAPTED = "De teamleider bespreekt het eerst alleen met wie erbij was, daarna pas met het hele team."
PUT_OFF = "Eerst de uitkomst van het gesprek met het bedrijf afwachten."
ADAPTED_ITEM = "P16"  # to talk it over in the team
LEFT_OUT = (  # case, item of the menu, and why not
    ("conditions", "R06", "Contactafspraken passen hier beter dan alleen een waarschuwing."),
    ("talk", "R06", "Het was de eerste keer, en het gesprek verliep rustig."),
    ("ban", "R06", "Na het gesprek van een maand eerder is een waarschuwing te weinig."),
    ("ban", "R12", "De medewerker doet zelf geen aangifte; de organisatie doet het."),
    ("draft", "R06", "In plaats hiervan komen er contactafspraken."),
    ("second", "R06", "Na deze bedreiging is een waarschuwing te weinig."),
)
DECIDED_AFTER = timedelta(hours=5)


def bring_together(desk: Desk) -> None:
    """Two cases of one business linked, a ban that follows a talk, and two reports about one event joined."""
    ago = desk.ago(days=5)
    for one, other, kind in (
        ("conditions", "draft", LinkKind.SAME_PERPETRATOR),
        ("talk", "ban", LinkKind.FOLLOWS),
    ):
        link_cases(incident=desk.case(one), other=desk.case(other), kind=kind, by=desk.adviser, now=ago)
    merge_cases(incident=desk.case("event_again"), into=desk.case("event"), by=desk.adviser, now=desk.ago(days=2))


def close_with_lessons(desk: Desk) -> None:
    """The case with the talk: ended, evaluated, and a lesson that runs on."""
    at = desk.ago(days=20)
    keep_up(desk, "talk", at)
    finish_all(desk, "talk", at)
    lesson = WantedTask(LESSON, desk.people["Karin Kompas"], desk.ago(days=-30))
    close_case(
        incident=desk.case("talk"), outcome=OUTCOME, by=desk.adviser, now=at + timedelta(hours=1),
        evaluation=EVALUATION, lessons=[lesson],
    )  # fmt: skip


def leave_out(desk: Desk) -> None:
    """What the menu advised and the desk did not choose, each with its reason."""
    for name, code, reason in LEFT_OUT:
        incident = desk.case(name)
        measure = incident.measures.get(code=code)
        decline_measure(measure=measure, reason=reason, by=desk.adviser, now=incident.reported_at + DECIDED_AFTER)


def decide_otherwise(desk: Desk) -> None:
    """One advice put off, one adapted, a task of the desk's own, and a list to come back to."""
    at, adviser = desk.ago(days=4), desk.adviser
    incident = desk.case("draft")
    hold_measure(measure=_open_choice(incident), reason=PUT_OFF, until=desk.day(days=-10), by=adviser, now=at)
    adapted = incident.measures.get(code=ADAPTED_ITEM)
    adapt_measure(measure=adapted, words=ADAPTED, day=desk.day(days=-12), by=adviser, now=at)
    wanted = WantedTask(OWN_TASK, desk.people["Karin Kompas"], desk.ago(days=-2))
    add_own_task(incident=desk.case("event"), wanted=wanted, by=adviser, now=desk.ago(days=1))
    filters = {"severity": ["3"], "tasks": ["yes"]}
    keep_list(page="case_list", name="Dreiging, nog open", filters=filters, by=adviser, now=at)


def _open_choice(incident: Incident) -> Measure:
    """An advice on which nobody decided yet."""
    undecided = incident.measures.filter(status=MeasureStatus.PROPOSED, is_still_advised=True)
    return next(measure for measure in undecided if measure.can_be_chosen)
