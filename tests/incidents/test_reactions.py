"""Drafting a reaction and walking its steps: each step that the table does not allow is refused."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from incidents.actions.advice import complete_facts
from incidents.actions.exclusions import keep_out
from incidents.actions.measures import take_measure
from incidents.actions.reaction_checks import PART_LABELS, missing_in, needs_second
from incidents.actions.reaction_ends import end_early, review
from incidents.actions.reaction_signing import (
    NotYours,
    SecondFirst,
    SecondNeeded,
    StillMissing,
    agree,
    propose,
    send_back,
    sign,
    take_back,
    withdraw,
)
from incidents.actions.reaction_steps import (
    BeforeItHappened,
    BeforeItWasSigned,
    PoliceAskToWait,
    PoliceFirst,
    SaidNothing,
    TermIsOver,
    give,
    hold,
    tell_police,
)
from incidents.actions.reactions import (
    STEPS,
    AlreadyBegun,
    ChangedMeanwhile,
    NotInTheFuture,
    NotLinked,
    NotThisStep,
    OnlyNearlyHappened,
    ReactionWords,
    SomeoneElse,
    TermTooLong,
    change_reaction,
)
from incidents.actions.refusals import CaseClosed, ReasonNeeded, Refused
from incidents.actions.tasks import DecidedElsewhere, decline_task, finish_task, hand_over_task
from incidents.models import Incident, Person, Reaction, TimelineEntry
from incidents.vocabulary import ReactionStatus, TaskKind, TimelineKind
from tests import clock
from tests.incidents.reactions import (
    drafted,
    link,
    make_case,
    make_person,
    make_threat,
    proposed,
    running,
    signed,
    step,
    words_of,
)
from tests.world import Place, make_incident
from vpdportal.accounts.roles import Role
from vpdportal.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


def kinds(incident: Incident) -> list[str]:
    return [task.kind for task in incident.tasks.exclude(kind=TaskKind.MENU).filter(status="open")]


# --- drafting ---------------------------------------------------------------------------------------------------------


def test_a_draft_needs_a_person_who_is_linked_as_perpetrator(town: Place):
    incident = make_threat(town)
    assert drafted(incident, town).status == "draft"
    stranger = make_person(town, "Iemand Anders")
    with pytest.raises(NotLinked):
        drafted(incident, town, "warning", person=stranger)


def test_an_incomplete_draft_is_kept_and_each_missing_part_is_named(town: Place):
    incident = make_threat(town)
    person = incident.involvements.get().person
    empty: dict[str, Any] = dict.fromkeys(words_of(incident, town), "")
    empty |= {"person": person, "starts_on": None, "ends_on": None, "signer": None, "second": None}
    reaction = drafted(incident, town, **empty)
    assert (reaction.conduct_on, reaction.hearing) == (TODAY, "later")
    parts = ("conduct", "hearing_words", "proportionality", "scope", "core_services", "instruction")
    wanted = [str(PART_LABELS[name]) for name in (*parts, "starts_on", "ends_on", "signer", "second")]
    assert missing_in(reaction, incident, clock.now()) == wanted
    with pytest.raises(StillMissing) as refused:
        step(propose, reaction, town.adviser)
    assert all(part in str(refused.value) for part in wanted)
    step(change_reaction, reaction, town.adviser, words=ReactionWords(words_of(incident, town)))
    assert step(propose, reaction, town.adviser).status == "proposed"


@pytest.mark.parametrize("name", ["core_services", "scope", "hearing_words", "proportionality", "instruction"])
def test_a_ban_lacking_one_part_is_not_laid_before_anyone(town: Place, name: str):
    incident = make_threat(town)
    reaction = drafted(incident, town, **{name: "  "})
    with pytest.raises(StillMissing):
        step(propose, reaction, town.adviser)


def test_one_of_a_kind_is_prepared_at_a_time(town: Place):
    incident = make_threat(town)
    first = drafted(incident, town)
    with pytest.raises(AlreadyBegun):
        drafted(incident, town)
    assert drafted(incident, town, "warning").kind == "warning"
    step(withdraw, first, town.adviser, reason="Toch niet.")
    assert drafted(incident, town).pk != first.pk


def test_conduct_of_tomorrow_is_refused_and_of_long_ago_asks_for_a_reason(town: Place):
    incident = make_threat(town)
    with pytest.raises(NotInTheFuture):
        drafted(incident, town, conduct_on=TODAY + timedelta(days=1))
    reaction = drafted(incident, town, conduct_on=date(2026, 5, 24))
    assert missing_in(reaction, incident, clock.now()) == []
    reaction.conduct_on = date(2026, 5, 23)
    assert missing_in(reaction, incident, clock.now()) == [str(PART_LABELS["override_reason"])]
    reaction.override_reason = "Het kwam pas nu uit."
    assert missing_in(reaction, incident, clock.now()) == []


def test_criticism_is_never_answered_and_a_colleague_only_with_a_reason(town: Place):
    incident = make_case(town)
    complete_facts(incident=incident, answers={"criticism_only": True}, by=town.adviser, now=clock.now())
    incident.refresh_from_db()
    with pytest.raises(Refused) as refused:
        drafted(incident, town, "warning", override_reason="Toch wel.")
    assert "kritiek" in str(refused.value) or "criticism" in str(refused.value)
    answers = {"criticism_only": None, "perpetrator.relation": "colleague"}
    complete_facts(incident=incident, answers=answers, by=town.adviser, now=clock.now())
    incident.refresh_from_db()
    reaction = drafted(incident, town, "warning")
    with pytest.raises(StillMissing):
        step(propose, reaction, town.adviser)
    words = ReactionWords({"override_reason": "HR vroeg erom."})
    step(change_reaction, reaction, town.adviser, words=words)
    assert step(propose, reaction, town.adviser).status == "proposed"


def test_a_talk_with_a_colleague_is_held_only_with_a_reason(town: Place):
    incident = make_case(town, perpetrator_relation="colleague")
    said: dict[str, Any] = {"day": TODAY, "heard": "Het spijt hem.", "agreed": "Meldt zich eerst."}
    reaction = drafted(incident, town, "talk")
    with pytest.raises(Refused):
        step(hold, reaction, town.adviser, **said)
    step(change_reaction, reaction, town.adviser, words=ReactionWords({"override_reason": "HR vroeg erom."}))
    assert step(hold, reaction, town.adviser, **said).status == "done"


def test_a_near_miss_gets_no_reaction_and_an_incident_does(town: Place):
    near = make_incident(town, kind="near_miss")
    link(near, make_person(town), town.adviser)
    with pytest.raises(OnlyNearlyHappened):
        drafted(near, town, "warning")
    assert drafted(make_case(town), town, "warning").status == "draft"


def test_a_closed_case_takes_no_draft(town: Place):
    incident = make_case(town)
    Incident.objects.filter(pk=incident.pk).update(status="closed", closed_at=clock.now(), closed_by=town.adviser)
    with pytest.raises(CaseClosed):
        drafted(incident, town, "warning")
    Incident.objects.filter(pk=incident.pk).update(status="in_progress", closed_at=None, closed_by=None)
    assert drafted(incident, town, "warning").status == "draft"


# --- the term ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "last"),
    [
        ("conditions", date(2027, 5, 24)),
        ("pause", date(2027, 2, 24)),
        ("ban", date(2027, 11, 24)),
        ("civil_order", date(2028, 11, 24)),
    ],
)
def test_a_restriction_is_as_long_as_the_menu_allows_and_not_a_day_longer(town: Place, kind: str, last: date):
    incident = make_threat(town)
    with pytest.raises(TermTooLong):
        drafted(incident, town, kind, ends_on=last + timedelta(days=1))
    with pytest.raises(TermTooLong):
        drafted(incident, town, kind, ends_on=TODAY - timedelta(days=1))
    assert drafted(incident, town, kind, ends_on=last).ends_on == last


def test_the_database_keeps_no_running_restriction_without_an_end(town: Place):
    reaction = running(make_threat(town), town)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reaction.objects.filter(pk=reaction.pk).update(ends_on=None)
    assert Reaction.objects.filter(pk=reaction.pk).update(ends_on=date(2027, 1, 1)) == 1


def test_a_restriction_never_holds_before_it_was_given(town: Place):
    reaction = signed(make_threat(town), town)
    step(tell_police, reaction, town.adviser)
    clock.move(days=5)
    given = step(give, reaction, town.adviser, day=TODAY + timedelta(days=3))
    assert (given.starts_on, given.ends_on) == (TODAY, date(2027, 2, 24)), "what was signed stays"
    assert (given.holds_from, given.was_given_later) == (TODAY + timedelta(days=3), True)
    assert given.is_running_on(TODAY + timedelta(days=3))
    assert not given.is_running_on(TODAY)


def test_what_was_signed_too_long_ago_to_run_is_not_given(town: Place):
    reaction = signed(make_threat(town), town, ends_on=TODAY + timedelta(days=2))
    step(tell_police, reaction, town.adviser)
    clock.move(days=3)
    with pytest.raises(TermIsOver):
        step(give, reaction, town.adviser, day=TODAY + timedelta(days=3))
    clock.move(days=-1)
    assert step(give, reaction, town.adviser, day=TODAY + timedelta(days=2)).status == "active"


# --- the steps --------------------------------------------------------------------------------------------------------


ACTS: dict[str, Any] = {
    "propose": (propose, {}),
    "agree": (agree, {}),
    "sign": (sign, {}),
    "send_back": (send_back, {"remark": "Anders."}),
    "take_back": (take_back, {}),
    "police": (tell_police, {}),
    "give": (give, {"day": TODAY}),
    "withdraw": (withdraw, {"reason": "Niet nodig."}),
    "end": (end_early, {"end_kind": "early", "reason": "Gaat goed."}),
    "review": (review, {"remark": ""}),
    "hold": (hold, {"day": TODAY, "heard": "Niets.", "agreed": "Niets."}),
}
ALLOWED = {  # of a ban, by where it stands; `proposed` before the second person agreed, `seconded` after
    "draft": {"propose", "withdraw"},
    "proposed": {"agree", "send_back", "take_back", "withdraw"},
    "seconded": {"sign", "send_back", "take_back", "withdraw"},
    "signed": {"police", "withdraw"},
    "told": {"give", "withdraw"},
    "active": {"end", "review"},
    "ended": set(),
    "withdrawn": set(),
}


def at(stand: str, town: Place) -> Reaction:
    incident = make_threat(town)
    if stand in {"draft", "withdrawn"}:
        reaction = drafted(incident, town)
        return step(withdraw, reaction, town.adviser, reason="Nee.") if stand == "withdrawn" else reaction
    if stand in {"proposed", "seconded"}:
        reaction = proposed(incident, town)
        return step(agree, reaction, town.deputy) if stand == "seconded" else reaction
    if stand in {"signed", "told"}:
        reaction = signed(incident, town)
        return step(tell_police, reaction, town.adviser) if stand == "told" else reaction
    reaction = running(incident, town)
    if stand == "ended":
        return step(end_early, reaction, town.adviser, end_kind="early", reason="Gaat goed.")
    return reaction


def actor(name: str, reaction: Reaction, town: Place) -> Any:
    if name == "sign" or (name == "send_back" and reaction.seconded_at):
        return town.management
    return town.deputy if name in {"agree", "send_back"} else town.adviser


@pytest.mark.parametrize("stand", ALLOWED)
@pytest.mark.parametrize("name", ACTS)
def test_each_step_is_possible_where_the_table_says_so_and_nowhere_else(town: Place, stand: str, name: str):
    reaction = at(stand, town)
    before = Reaction.objects.get(pk=reaction.pk)
    act, more = ACTS[name]
    by = actor(name, reaction, town)
    if name in ALLOWED[stand]:
        step(act, reaction, by, **more)
        after = Reaction.objects.get(pk=reaction.pk)
        assert after.revision > before.revision
        assert after.status == before.status or after.status in STEPS[before.status]
        return
    entries = TimelineEntry.objects.filter(incident=reaction.incident).count()
    with pytest.raises(Refused):
        step(act, reaction, by, **more)
    after = Reaction.objects.get(pk=reaction.pk)
    assert (after.status, after.revision) == (before.status, before.revision)
    assert TimelineEntry.objects.filter(incident=reaction.incident).count() == entries


def test_the_table_ends_where_nothing_comes_after():
    assert {status for status, to in STEPS.items() if not to} == {"done", "ended", "withdrawn"}
    assert set(STEPS) == set(ReactionStatus.values)


def test_a_warning_is_done_when_it_was_given_and_needs_no_police(town: Place):
    reaction = signed(make_case(town), town, "warning", second=None)
    assert step(give, reaction, town.adviser, day=TODAY).status == "done"
    with pytest.raises(NotThisStep):
        step(tell_police, reaction, town.adviser)


def test_a_talk_is_held_once_with_what_was_said_and_agreed(town: Place):
    incident = make_case(town, safe_to_meet=True)
    reaction = drafted(incident, town, "talk")
    said: dict[str, Any] = {"day": TODAY, "heard": "Het spijt hem.", "agreed": "Komt op afspraak."}
    for missing in ("heard", "agreed"):
        with pytest.raises(SaidNothing):
            step(hold, reaction, town.adviser, **{**said, missing: " "})
    with pytest.raises(NotInTheFuture):
        step(hold, reaction, town.adviser, **{**said, "day": TODAY + timedelta(days=1)})
    held = step(hold, reaction, town.adviser, **said)
    assert (held.status, held.given_at, held.scope) == ("done", clock.now(), "Komt op afspraak.")
    assert incident.tasks.get(code="R05").status == "done"
    with pytest.raises(NotThisStep):
        step(hold, reaction, town.adviser, **said)
    with pytest.raises(NotThisStep):
        step(propose, drafted(incident, town, "verbal"), town.adviser)


def test_a_talk_is_held_on_or_after_the_day_of_what_it_is_about(town: Place):
    clock.move(days=3)
    talk = drafted(make_case(town), town, "talk", conduct_on=TODAY, signer=None, second=None)
    said = {"heard": "Had spijt.", "agreed": "Belt eerst."}
    with pytest.raises(BeforeItHappened):
        step(hold, talk, town.adviser, day=TODAY - timedelta(days=1), **said)
    assert step(hold, talk, town.adviser, day=TODAY, **said).status == "done", "also before it was written down"


def test_a_sentence_of_reasons_is_needed_to_send_back_and_to_withdraw(town: Place):
    reaction = proposed(make_threat(town), town)
    with pytest.raises(ReasonNeeded):
        step(send_back, reaction, town.deputy, remark=" ")
    back = step(send_back, reaction, town.deputy, remark="Korter kan ook.")
    assert (back.status, back.signer_remark) == ("draft", "Korter kan ook.")
    with pytest.raises(ReasonNeeded):
        step(withdraw, reaction, town.adviser, reason=" ")
    assert step(withdraw, reaction, town.adviser, reason="Niet nodig.").end_reason == "Niet nodig."


# --- the police -------------------------------------------------------------------------------------------------------


def test_while_the_police_wait_it_is_prepared_and_not_given(town: Place):
    incident = make_threat(town)
    complete_facts(incident=incident, answers={"police_ask_to_wait": True}, by=town.adviser, now=clock.now())
    reaction = step(tell_police, signed(incident, town), town.adviser)
    talk = drafted(incident, town, "talk")
    said = {"day": TODAY, "heard": "Niets.", "agreed": "Niets."}
    with pytest.raises(PoliceAskToWait):
        step(give, reaction, town.adviser, day=TODAY)
    with pytest.raises(PoliceAskToWait):
        step(hold, talk, town.adviser, **said)
    complete_facts(incident=incident, answers={"police_ask_to_wait": False}, by=town.adviser, now=clock.now())
    assert step(give, reaction, town.adviser, day=TODAY).status == "active"
    assert step(hold, talk, town.adviser, **said).status == "done"


@pytest.mark.parametrize("kind", ["conditions", "pause", "ban"])
def test_the_police_are_told_before_a_restriction_is_given(town: Place, kind: str):
    reaction = signed(make_threat(town), town, kind)
    with pytest.raises(PoliceFirst):
        step(give, reaction, town.adviser, day=TODAY)
    told = step(tell_police, reaction, town.adviser)
    assert told.police_told_at == clock.now()
    assert step(give, reaction, town.adviser, day=TODAY).status == "active"


def test_telling_the_police_on_the_task_of_the_menu_counts_too(town: Place):
    incident = make_threat(town)
    reaction = signed(incident, town)
    measure = incident.measures.get(code="R09")
    take_measure(measure=measure, by=town.adviser, now=clock.now())
    finish_task(task=incident.tasks.get(code="R10"), by=town.adviser, now=clock.now())
    assert step(give, reaction, town.adviser, day=TODAY).police_told_at == clock.now()


def test_a_day_before_it_was_signed_is_no_day_on_which_it_was_given(town: Place):
    reaction = step(tell_police, signed(make_threat(town), town), town.adviser)
    with pytest.raises(BeforeItWasSigned):
        step(give, reaction, town.adviser, day=TODAY - timedelta(days=1))
    assert step(give, reaction, town.adviser, day=TODAY).given_at == clock.now()


# --- two pairs of eyes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("severity", "is_needed"), [(2, False), (3, True)])
def test_a_second_pair_of_eyes_from_the_severity_of_the_organisation(town: Place, severity: int, is_needed: bool):
    incident = make_case(town)
    Incident.objects.filter(pk=incident.pk).update(severity=severity)
    incident.refresh_from_db()
    reaction = drafted(incident, town, "warning", second=None)
    assert needs_second(reaction, incident) is is_needed
    if is_needed:
        with pytest.raises(StillMissing):
            step(propose, reaction, town.adviser)
    else:
        assert step(propose, reaction, town.adviser).status == "proposed"
        assert kinds(incident) == ["sign"]
    town.organisation.second_eyes_from = severity + 1 if is_needed else severity
    incident.organisation = town.organisation
    assert needs_second(reaction, incident) is not is_needed


def test_a_minor_always_has_a_second_pair_of_eyes(town: Place):
    by_fact = make_case(town, perpetrator_minor=True)
    assert needs_second(drafted(by_fact, town, "warning"), by_fact)
    incident = make_incident(town)
    link(incident, make_person(town, is_minor=True), town.adviser)
    assert needs_second(drafted(incident, town, "warning"), incident)
    grown = make_case(town, perpetrator_minor=False)
    assert not needs_second(drafted(grown, town, "warning"), grown)


def test_the_signer_is_asked_only_after_the_second_person_agreed(town: Place):
    incident = make_threat(town)
    reaction = proposed(incident, town)
    assert kinds(incident) == ["second_look"]
    assert incident.tasks.get(kind="second_look").assignee == town.deputy
    with pytest.raises(SecondFirst):
        step(sign, reaction, town.management)
    step(agree, reaction, town.deputy)
    assert kinds(incident) == ["sign"]
    assert step(sign, reaction, town.management).status == "signed"
    assert kinds(incident) == []


def test_nobody_waits_for_a_second_person_who_was_never_asked(town: Place):
    reaction = proposed(make_case(town), town, second=None)
    Person.objects.filter(pk=reaction.person_id).update(is_minor=True)  # known since the proposal
    with pytest.raises(SecondNeeded):
        step(sign, reaction, town.management)
    step(send_back, reaction, town.management, remark="Laat iemand meekijken.")
    step(change_reaction, reaction, town.adviser, words=ReactionWords({"second": town.deputy}))
    step(propose, reaction, town.adviser)
    step(agree, reaction, town.deputy)
    assert step(sign, reaction, town.management).status == "signed"


def test_who_is_asked_has_two_working_days_or_the_term_of_the_menu(town: Place):
    incident = make_case(town)
    proposed(incident, town, "warning", second=None)
    assert incident.tasks.get(kind="sign").due_at == incident.measures.get(code="R06").due_at  # 48 hours: sooner
    clock.move(days=3)  # a Friday; the menu's term is over, so it asks nothing of who signs
    other = make_case(town)
    other.measures.filter(code="R06").update(due_at=clock.now() - timedelta(hours=1))
    proposed(other, town, "warning", second=None)
    assert other.tasks.get(kind="sign").due_at == datetime(2026, 12, 1, 16, tzinfo=UTC)  # 17:00 in Amsterdam


@pytest.mark.parametrize("field", ["signer", "second"])
def test_who_drafts_is_a_party_is_kept_out_or_lacks_the_right_is_not_chosen(town: Place, other_town: Place, field: str):
    incident = make_threat(town)
    town.join(town.adviser, Role.MANAGEMENT)
    town.join(town.employee, Role.MANAGEMENT)  # the reporter
    both = {"signer": town.management, "second": town.deputy}
    for wrong in (town.adviser, town.employee, town.support, other_town.management):
        with pytest.raises(SomeoneElse):
            drafted(incident, town, **{**both, field: wrong})
    keep_out(incident=incident, person=town.legal, by=town.adviser, now=clock.now(), reason="Kent hem.")
    with pytest.raises(SomeoneElse):
        drafted(incident, town, **{**both, field: town.legal})
    with pytest.raises(SomeoneElse):
        drafted(incident, town, signer=town.manager, second=town.manager)
    assert drafted(incident, town, **{**both, field: town.manager}).status == "draft"


def test_a_manager_who_must_not_see_it_does_not_sign(town: Place):
    hidden = make_incident(town, may_manager_see=False)
    link(hidden, make_person(town), town.adviser)
    with pytest.raises(SomeoneElse):
        drafted(hidden, town, "warning", signer=town.manager, second=None)
    shown = make_case(town)
    assert drafted(shown, town, "warning", signer=town.manager, second=None).signer == town.manager


def test_who_helped_drafting_neither_signs_nor_looks_along(town: Place):
    incident = make_threat(town)
    reaction = drafted(incident, town, second=None)
    words = ReactionWords({"scope": "Alleen de hal."})
    step(change_reaction, reaction, town.deputy, words=words)
    with pytest.raises(SomeoneElse):
        step(change_reaction, reaction, town.adviser, words=ReactionWords({"second": town.deputy}))
    step(change_reaction, reaction, town.adviser, words=ReactionWords({"second": town.manager}))
    assert step(propose, reaction, town.adviser).second == town.manager


def two_of_one_kind(town: Place) -> tuple[Reaction, Reaction]:
    """Two bans in one case, each for someone else."""
    incident = make_threat(town)
    other = link(incident, make_person(town, "Tweede Testpersoon"), town.adviser)
    first = incident.involvements.exclude(person=other).get().person
    return drafted(incident, town, person=first), drafted(incident, town, person=other, second=town.manager)


def test_who_drafted_one_for_someone_else_may_look_along(town: Place):
    mine, other = two_of_one_kind(town)
    step(propose, mine, town.adviser)
    clock.move(minutes=5)
    step(change_reaction, other, town.deputy, words=ReactionWords({"scope": "Alleen de balie."}))
    assert step(agree, mine, town.deputy).seconded_at == clock.now()
    with pytest.raises(SomeoneElse):
        step(change_reaction, other, town.adviser, words=ReactionWords({"second": town.deputy}))


def test_who_was_kept_out_meanwhile_signs_no_more(town: Place):
    incident = make_case(town)
    reaction = proposed(incident, town, "warning", second=None, signer=town.legal)
    keep_out(incident=incident, person=town.legal, by=town.adviser, now=clock.now(), reason="Kent hem.")
    with pytest.raises(SomeoneElse):
        step(sign, reaction, town.legal)
    step(take_back, reaction, town.adviser)
    step(change_reaction, reaction, town.adviser, words=ReactionWords({"signer": town.manager}))
    step(propose, reaction, town.adviser)
    assert step(sign, reaction, town.manager).status == "signed"


def test_only_who_was_asked_answers(town: Place):
    reaction = proposed(make_threat(town), town)
    for act, more in ((agree, {}), (send_back, {"remark": "Nee."})):
        with pytest.raises(NotYours):
            step(act, reaction, town.manager, **more)
    step(agree, reaction, town.deputy)
    with pytest.raises(NotYours):
        step(sign, reaction, town.deputy)
    assert step(sign, reaction, town.management).status == "signed"


def test_what_was_signed_is_what_was_on_the_screen(town: Place):
    reaction = proposed(make_case(town), town, "warning", second=None)
    seen = reaction.revision
    clock.move(minutes=5)
    step(take_back, reaction, town.adviser)
    step(change_reaction, reaction, town.adviser, words=ReactionWords({"conduct": "Iets anders."}))
    step(propose, reaction, town.adviser)
    with pytest.raises(ChangedMeanwhile) as refused:
        sign(reaction=reaction, seen=seen, by=town.management, now=clock.now())
    assert town.adviser.name in str(refused.value)
    assert step(sign, reaction, town.management).status == "signed"


def test_of_two_who_edit_the_second_is_told_who_was_first(town: Place):
    reaction = drafted(make_threat(town), town, second=None)
    words = ReactionWords({"conduct": "Anders."})
    clock.move(minutes=5)
    change_reaction(reaction=reaction, seen=0, words=words, by=town.deputy, now=clock.now())
    with pytest.raises(ChangedMeanwhile) as refused:
        change_reaction(reaction=reaction, seen=0, words=words, by=town.adviser, now=clock.now())
    assert town.deputy.name in str(refused.value)
    assert Reaction.objects.get(pk=reaction.pk).revision == 1


def test_who_changed_this_very_reaction_is_named(town: Place):
    one, other = two_of_one_kind(town)
    for reaction, by in ((one, town.adviser), (other, town.deputy)):
        clock.move(minutes=5)
        step(change_reaction, reaction, by, words=ReactionWords({"scope": "Alleen de hal."}))
    with pytest.raises(ChangedMeanwhile) as refused:
        change_reaction(reaction=one, seen=0, words=ReactionWords({}), by=town.adviser, now=clock.now())
    assert town.adviser.name in str(refused.value) and "10:05" in str(refused.value)


def test_whoever_did_the_last_step_is_named(town: Place):
    reaction = signed(make_threat(town), town)
    steps: list[tuple[Any, dict[str, Any]]] = [(tell_police, {}), (give, {"day": TODAY}), (review, {"remark": ""})]
    for act, more in steps:
        seen = reaction.revision
        clock.move(minutes=5)
        reaction = step(act, reaction, town.deputy, **more)
        with pytest.raises(ChangedMeanwhile) as refused:
            act(reaction=reaction, seen=seen, by=town.adviser, now=clock.now(), **more)
        assert town.deputy.name in str(refused.value), act


# --- tasks and the trail ----------------------------------------------------------------------------------------------


def test_a_task_to_sign_ends_with_the_answer_and_not_by_itself(town: Place):
    incident = make_case(town)
    reaction = proposed(incident, town, "warning", second=None)
    task = incident.tasks.get(kind="sign")
    for act in (
        lambda: finish_task(task=task, by=town.management, now=clock.now()),
        lambda: decline_task(task=task, reason="Nee.", by=town.management, now=clock.now()),
        lambda: hand_over_task(task=task, to=town.manager, by=town.adviser, now=clock.now()),
    ):
        with pytest.raises(DecidedElsewhere):
            act()
    step(sign, reaction, town.management)
    task.refresh_from_db()
    assert (task.status, task.finished_by) == ("done", town.management)


def test_taking_back_and_withdrawing_end_what_was_asked(town: Place):
    incident = make_threat(town)
    reaction = proposed(incident, town)
    step(take_back, reaction, town.adviser)
    assert (kinds(incident), incident.tasks.get(kind="second_look").status) == ([], "declined")
    step(propose, reaction, town.adviser)
    step(withdraw, reaction, town.adviser, reason="Nee.")
    assert kinds(incident) == []


def test_giving_it_chooses_the_advice_and_finishes_its_task(town: Place):
    incident = make_threat(town)
    measure = incident.measures.get(code="R09")
    assert measure.status == "proposed"
    running(incident, town)
    measure.refresh_from_db()
    assert (measure.status, measure.decided_by) == ("taken", town.adviser)
    done = {task.code for task in incident.tasks.filter(status="done")}
    assert {"R09", "R10"} <= done
    assert incident.tasks.get(code="R23").status == "open"


def test_each_step_leaves_its_mark_and_no_words(town: Place):
    incident = make_threat(town)
    reaction = running(incident, town)
    found = set(TimelineEntry.objects.filter(incident=incident, code="R09").values_list("kind", flat=True))
    assert found >= {
        TimelineKind.REACTION_DRAFTED,
        TimelineKind.REACTION_PROPOSED,
        TimelineKind.REACTION_SECONDED,
        TimelineKind.REACTION_SIGNED,
        TimelineKind.POLICE_TOLD,
        TimelineKind.REACTION_STARTED,
    }
    kept = str(list(AuditEvent.objects.values_list("action", "fields")))
    assert str(reaction.pk) in kept
    for words in (reaction.conduct, reaction.scope, reaction.instruction, reaction.person.sealed_name):
        assert words not in kept
