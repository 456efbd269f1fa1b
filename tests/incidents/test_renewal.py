"""An open case keeps its card until someone takes the newest one over; what people decided and were told stays."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from guidance import cards
from guidance.cards import card_for
from guidance.changes import Changes, ItemChange, OwnItem
from guidance.deadlines import Deadline
from guidance.menu import Text
from guidance.menu_file import load_menu
from guidance.models import MenuCard
from guidance.rules import Test as Comparison
from guidance.vocabulary import ClosedDay, Phase
from incidents.actions.advice import card_of, complete_facts
from incidents.actions.closing import close_case
from incidents.actions.measures import decline_measure, take_measure
from incidents.actions.refusals import CardChanged, CaseClosed
from incidents.actions.reminders.sweep import sweep
from incidents.actions.renewal import renewal_of, take_over_card
from incidents.actions.tasks import decline_task, finish_task
from incidents.models import Incident, Notice, TimelineEntry
from incidents.vocabulary import MeasureStatus
from tests import clock
from tests.world import Place, make_incident, open_task
from vpdportal.audit.models import AuditEvent

CANARY = "Kanarie-woorden van de organisatie"
HOURS_24 = Deadline("incident", "h", 24)
OWN = OwnItem(
    code="E1",
    phase=Phase.AFTERCARE,
    title=Text(CANARY, CANARY),
    purpose=Text(CANARY, CANARY),
    role=Text(CANARY, CANARY),
    condition=((Comparison("perpetrator.known", "is", True),),),
    deadline=Deadline("report", "d", 2),
    is_default=True,
)


def publish(town: Place, changes: Changes) -> str:
    """The next version of the organisation's card; gives its version."""
    number = MenuCard.objects.filter(organisation=town.organisation).count() + 1
    MenuCard.objects.create(
        organisation=town.organisation,
        number=number,
        published_at=clock.now(),
        published_by=town.administrator,
        changes=changes.to_data(),
    )
    return card_for(town.organisation).version


def take_over(town: Place, incident: Incident, version: str) -> Incident:
    return take_over_card(incident=incident, version=version, by=town.adviser, now=clock.now())


def fresh(incident: Incident) -> Incident:
    return Incident.objects.select_related("organisation").get(pk=incident.pk)


def waiting(incident: Incident, code: str) -> dict[str, Any]:
    """The notices of a task that have not gone out: step → moment."""
    task = open_task(incident, code)
    return dict(task.notices.filter(mail=None, cancelled_at=None).values_list("step", "due_at"))


# --- a case keeps its card -------------------------------------------------------------------------------------------


def test_a_case_keeps_its_card_also_for_facts_that_come_later(town: Place):
    old = make_incident(town, motive=None)
    version = publish(town, Changes(items={"P13": ItemChange(is_on=False)}, own={"E1": OWN}))
    assert fresh(old).menu_version != version and card_of(fresh(old)).version == old.menu_version
    complete_facts(incident=old, answers={"motive": "frustration"}, by=town.adviser, now=clock.now())
    codes = set(old.measures.values_list("code", flat=True))
    assert "P13" in codes and "E1" not in codes, "switched off, and added, for later reports only"
    assert set(old.measures.values_list("menu_version", flat=True)) == {old.menu_version}
    new = make_incident(town, motive="frustration")
    codes = set(new.measures.values_list("code", flat=True))
    assert new.menu_version == version and "P13" not in codes and "E1" in codes


def test_a_term_that_is_shorter_since_does_not_move_an_open_case(town: Place):
    incident = make_incident(town)
    before = dict(incident.tasks.values_list("code", "due_at"))
    publish(town, Changes(items={"N02": ItemChange(deadlines=(HOURS_24,))}))
    complete_facts(incident=incident, answers={"weapon": None}, by=town.adviser, now=clock.now())
    assert dict(incident.tasks.values_list("code", "due_at"))["N02"] == before["N02"]


# --- what the newest card would change -------------------------------------------------------------------------------


def test_without_a_newer_card_or_with_a_closed_case_there_is_nothing_to_take_over(town: Place):
    incident = make_incident(town)
    assert renewal_of(incident) is None
    version = publish(town, Changes(own={"E1": OWN}))
    assert renewal_of(make_incident(town)) is None, "a new report has the newest card"
    found = renewal_of(incident)
    assert found and found.version == version
    close(town, incident)
    assert renewal_of(fresh(incident)) is None


def close(town: Place, incident: Incident) -> None:
    for task in incident.tasks.filter(status="open"):
        decline_task(task=task, reason="hoeft niet", by=town.adviser, now=clock.now())
    close_case(incident=incident, outcome="Klaar", by=town.adviser, now=clock.now())


def test_what_is_added_removed_and_changed_is_shown_and_nothing_is_done_yet(town: Place):
    incident = make_incident(town, motive="frustration")
    before = list(incident.measures.values_list("code", "due_at", "menu_version"))
    publish(
        town,
        Changes(
            items={
                "P13": ItemChange(is_on=False),
                "N02": ItemChange(deadlines=(HOURS_24,)),
                "R14": ItemChange(title=Text("Foto's maken", "Take pictures")),
            },
            own={"E1": OWN},
        ),
    )
    found = renewal_of(incident)
    assert found and not found.difference.is_empty
    assert [advice.item.code for advice in found.difference.adds] == ["E1"]
    assert [item.code for item in found.difference.removes] == ["P13"]
    changed = {pair.after.item.code: pair for pair in found.difference.changes}
    assert set(changed) == {"N02", "R14"}
    moved = {code for code, pair in changed.items() if pair.before.due != pair.after.due}
    assert moved == {"N02"}, "the other one has other words"
    assert changed["N02"].before.due - changed["N02"].after.due == timedelta(hours=48)
    assert (changed["R14"].before.item.title_text.nl, changed["R14"].after.item.title_text.nl) != ("", "")
    assert changed["R14"].after.item.title_text.nl == "Foto's maken"
    assert list(incident.measures.values_list("code", "due_at", "menu_version")) == before
    assert not TimelineEntry.objects.filter(kind="card_renewed").exists()


def test_a_card_that_changes_nothing_for_this_case_says_so(town: Place):
    incident = make_incident(town)
    version = publish(town, Changes(items={"P15": ItemChange(is_on=False)}))
    found = renewal_of(incident)
    assert found and found.difference.is_empty and found.version == version


def test_a_closed_fifth_of_may_shows_as_other_terms(town: Place):
    clock.set_to(clock.START.replace(year=2027, month=5, day=4))
    incident = make_incident(town)
    publish(town, Changes(closed_day=ClosedDay.ALWAYS))
    found = renewal_of(incident)
    assert found and not found.difference.adds and not found.difference.removes
    moved = {pair.after.item.code for pair in found.difference.changes}
    assert moved and all(pair.is_other and pair.after.due > pair.before.due for pair in found.difference.changes)


# --- taking it over --------------------------------------------------------------------------------------------------


def test_taking_over_moves_open_tasks_and_what_they_still_have_to_say(town: Place):
    incident = make_incident(town)
    sweep(now=clock.now())  # everyone heard that there are tasks
    told = Notice.objects.filter(mail__isnull=False).count()
    task = open_task(incident, "N02")
    old = waiting(incident, "N02")
    version = publish(town, Changes(items={"N02": ItemChange(deadlines=(HOURS_24,))}))
    clock.move(hours=1)
    assert take_over(town, incident, version).menu_version == version
    task.refresh_from_db()
    assert task.due_at == incident.occurred_at + timedelta(hours=24) and task.menu_version == version
    new = waiting(incident, "N02")
    assert new["deadline"] == task.due_at < old["deadline"]
    assert all(clock.now() < moment <= task.due_at for moment in new.values())
    assert "assigned" not in new, "nobody hears twice that the task is new"
    assert Notice.objects.filter(mail__isnull=False).count() == told, "what was said stays said"
    measure = incident.measures.get(code="N02")
    assert (measure.due_at, measure.menu_version, measure.status) == (task.due_at, version, "taken")


def test_other_tasks_keep_their_moments_and_notices(town: Place):
    incident = make_incident(town)
    before = {task.code: (task.pk, task.due_at, waiting(incident, task.code)) for task in incident.tasks.filter(step=0)}
    take_over(town, incident, publish(town, Changes(items={"N02": ItemChange(deadlines=(HOURS_24,))})))
    for code, kept in before.items():
        if code != "N02":
            task = open_task(incident, code)
            assert (task.pk, task.due_at, waiting(incident, code)) == kept


def test_a_task_whose_owner_did_not_hear_of_it_yet_still_says_that_it_is_new(town: Place):
    incident = make_incident(town)
    publish(town, Changes(items={"N02": ItemChange(deadlines=(HOURS_24,))}))
    take_over(town, incident, card_for(town.organisation).version)
    assert "assigned" in waiting(incident, "N02")
    sweep(now=clock.now())
    told = [message.to for message in mail.outbox].count([town.adviser.email])
    assert told == 1 and "assigned" not in waiting(incident, "N02")


def test_taking_over_takes_the_severity_that_was_shown(town: Place, monkeypatch: pytest.MonkeyPatch):
    """The menu of before found the same facts less severe, and nobody confirmed the severity yet."""
    mild = replace(load_menu(), version="0.1", severities=load_menu().severities[-1:])
    monkeypatch.setattr(cards, "menu_of", lambda base: mild if base == "0.1" else load_menu())
    cards.card_at.cache_clear()
    incident = make_incident(town, behaviours=("threat",))
    severe = incident.severity
    Incident.objects.filter(pk=incident.pk).update(menu_version="0.1", severity=1, severity_proposed=1)
    renewal = renewal_of(fresh(incident))
    assert renewal and renewal.difference.severities == (1, severe)
    renewed = take_over(town, incident, renewal.version)
    cards.card_at.cache_clear()
    assert (renewed.severity_proposed, renewed.severity) == (severe, severe)


def test_taking_over_brings_what_is_new_and_marks_what_is_no_longer_advised(town: Place):
    incident = make_incident(town, motive="frustration")
    changes = Changes(items={"P13": ItemChange(is_on=False)}, own={"E1": OWN})
    take_over(town, incident, publish(town, changes))
    own = open_task(incident, "E1")
    assert own.title == CANARY and own.due_at and own.assignee == town.adviser
    assert set(waiting(incident, "E1")) >= {"assigned", "deadline"}
    gone = incident.measures.get(code="P13")
    assert not gone.is_still_advised and gone.item.code == "P13", "it can still be read"
    assert renewal_of(fresh(incident)) is None


def test_what_people_decided_and_did_stays(town: Place):
    incident = make_incident(town, behaviours=("threat",), perpetrator_visits_premises=True)
    proposed = incident.measures.filter(status="proposed", waits_for=[])
    taken, declined = proposed.order_by("code")[:2]
    take_measure(measure=taken, by=town.adviser, now=clock.now())
    decline_measure(measure=declined, reason="Past hier niet", by=town.deputy, now=clock.now())
    done = finish_task(task=open_task(incident, "N02"), by=town.adviser, now=clock.now())
    decided = list(
        incident.measures.exclude(decided_at=None)
        .order_by("code")
        .values_list("code", "status", "decided_at", "decided_by", "reason")
    )
    assert len(decided) == 2
    clock.move(hours=2)
    words = ItemChange(title=Text(CANARY, CANARY))
    items = {taken.code: words, declined.code: words, "N02": ItemChange(deadlines=(HOURS_24,))}
    take_over(town, incident, publish(town, Changes(items=items)))
    after = (
        incident.measures.exclude(decided_at=None)
        .order_by("code")
        .values_list("code", "status", "decided_at", "decided_by", "reason")
    )
    assert list(after) == decided
    kept = incident.tasks.get(pk=done.pk)
    assert (kept.status, kept.due_at, kept.menu_version) == ("done", done.due_at, done.menu_version)
    assert not kept.notices.filter(mail=None, cancelled_at=None).exists()
    assert incident.tasks.filter(code="N03").count() == 1, "what followed it comes once"


def test_a_measure_that_someone_took_stays_when_its_item_is_off(town: Place):
    incident = make_incident(town, motive="frustration")
    measure = incident.measures.get(code="P13")
    take_measure(measure=measure, by=town.adviser, now=clock.now())
    take_over(town, incident, publish(town, Changes(items={"P13": ItemChange(is_on=False)})))
    measure.refresh_from_db()
    assert (measure.status, measure.decided_by, measure.is_still_advised) == ("taken", town.adviser, False)
    assert open_task(incident, "P13").status == "open"


def test_a_closed_case_takes_nothing_over(town: Place):
    incident = make_incident(town)
    close(town, incident)
    version = publish(town, Changes(own={"E1": OWN}))
    with pytest.raises(CaseClosed):
        take_over(town, incident, version)
    assert fresh(incident).menu_version == incident.menu_version
    assert not incident.measures.filter(code="E1").exists()


def test_a_card_that_is_not_the_newest_is_refused_and_nothing_moves(town: Place):
    incident = make_incident(town)
    shown = publish(town, Changes(own={"E1": OWN}))
    publish(town, Changes(items={"N02": ItemChange(deadlines=(HOURS_24,))}))
    before = list(incident.tasks.order_by("code").values_list("code", "due_at"))
    for version in (shown, incident.menu_version, f"{shown}9", "", "1999.1"):
        with pytest.raises(CardChanged):
            take_over(town, incident, version)
    assert fresh(incident).menu_version == incident.menu_version
    assert list(incident.tasks.order_by("code").values_list("code", "due_at")) == before
    assert not TimelineEntry.objects.filter(kind="card_renewed").exists()
    assert not AuditEvent.objects.filter(action="incident.card_renewed").exists()


def test_the_trail_tells_who_took_which_card_over_and_no_words(town: Place):
    incident = make_incident(town)
    version = publish(town, Changes(items={"R14": ItemChange(title=Text(CANARY, CANARY))}, own={"E1": OWN}))
    clock.move(minutes=5)
    take_over(town, incident, version)
    entry = TimelineEntry.objects.get(incident=incident, kind="card_renewed")
    assert (entry.by, entry.at) == (town.adviser, clock.now())
    event = AuditEvent.objects.get(action="incident.card_renewed")
    assert (event.actor_id, event.object_id, event.fields) == (town.adviser.pk, incident.pk, [version])
    advised = AuditEvent.objects.filter(action="incident.advised", object_id=incident.pk).latest("position")
    assert advised.fields == ["E1"]
    assert CANARY not in str(list(AuditEvent.objects.values()))


def test_the_next_card_can_be_taken_over_after_this_one(town: Place):
    incident = make_incident(town)
    take_over(town, incident, publish(town, Changes(items={"N02": ItemChange(deadlines=(HOURS_24,))})))
    take_over(town, incident, publish(town, Changes()))
    task = open_task(incident, "N02")
    assert task.due_at == incident.occurred_at + timedelta(hours=72), "back to what ships"
    assert waiting(incident, "N02")["deadline"] == task.due_at
    assert TimelineEntry.objects.filter(incident=incident, kind="card_renewed").count() == 2


def test_a_second_click_takes_it_over_once(town: Place):
    incident = make_incident(town)
    version = publish(town, Changes(own={"E1": OWN}))
    take_over(town, incident, version)
    take_over(town, incident, version)
    assert TimelineEntry.objects.filter(incident=incident, kind="card_renewed").count() == 1
    assert incident.tasks.filter(code="E1").count() == 1


def test_an_own_item_that_became_a_must_is_a_task_after_taking_over(town: Place):
    publish(town, Changes(own={"E1": replace(OWN, is_default=False)}))
    incident = make_incident(town)
    assert incident.measures.get(code="E1").status == MeasureStatus.PROPOSED
    version = publish(town, Changes(own={"E1": OWN}))
    found = renewal_of(fresh(incident))
    assert found and [pair.after.item.code for pair in found.difference.changes] == ["E1"]
    take_over(town, incident, version)
    assert incident.measures.get(code="E1").status == MeasureStatus.TAKEN
    assert incident.tasks.filter(code="E1").count() == 1
