"""How a running measure is reviewed, broken, followed by a longer one, and ends."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils.timezone import localdate

from incidents.actions.advice import ask_the_menu, complete_facts
from incidents.actions.breaches import DidNotRunThen, record_breach
from incidents.actions.measures import take_measure
from incidents.actions.reaction_checks import PART_LABELS, missing_in
from incidents.actions.reaction_ends import (
    NotAnEnd,
    draft_extension,
    end_early,
    end_expired,
    plan_reviews,
    review,
)
from incidents.actions.reaction_signing import agree, propose, sign, withdraw
from incidents.actions.reaction_steps import give, tell_police
from incidents.actions.reactions import (
    AlreadyBegun,
    NotInTheFuture,
    NotThisStep,
    OtherPerson,
    ReactionWords,
    change_reaction,
)
from incidents.actions.refusals import CaseClosed, ReasonNeeded
from incidents.actions.tasks import decline_task, finish_task
from incidents.models import Breach, Incident, Note, Reaction, Task, TimelineEntry
from incidents.tasks import tidy
from tests import clock
from tests.incidents.reactions import drafted, link, make_person, make_threat, running, signed, step
from tests.world import Place
from vpdportal.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


def at_five(year: int, month: int, day: int) -> datetime:
    """17:00 in Amsterdam, in winter."""
    return datetime(year, month, day, 16, tzinfo=UTC)


def closed(incident: Incident, town: Place) -> Incident:
    Incident.objects.filter(pk=incident.pk).update(status="closed", closed_at=clock.now(), closed_by=town.adviser)
    incident.refresh_from_db()
    return incident


# --- the term of the review -------------------------------------------------------------------------------------------


def test_the_review_follows_the_real_end_and_the_menu_never_moves_it_back(town: Place):
    incident = make_threat(town)
    running(incident, town, ends_on=date(2027, 1, 24))  # shorter than the ladder's three months
    task = incident.tasks.get(code="R23")
    assert task.due_at == at_five(2027, 1, 10)  # 14 days before
    clock.move(days=1)
    complete_facts(incident=incident, answers={"witnesses": 2}, by=town.adviser, now=clock.now())
    ask_the_menu(incident=Incident.objects.get(pk=incident.pk), now=clock.now())
    task.refresh_from_db()
    assert task.due_at == at_five(2027, 1, 10)


def test_until_it_is_given_the_review_counts_from_what_the_ladder_suggests(town: Place):
    incident = make_threat(town)
    reaction = step(tell_police, signed(incident, town, ends_on=date(2027, 11, 24)), town.adviser)
    assert not incident.tasks.filter(code="R23").exists()
    step(give, reaction, town.adviser, day=TODAY)
    assert incident.tasks.get(code="R23").due_at == at_five(2027, 2, 24)  # of a year: after three months


def test_a_review_that_was_planned_by_the_ladder_moves_to_the_real_end(town: Place):
    incident = make_threat(town)
    take_measure(measure=incident.measures.get(code="R09"), by=town.adviser, now=clock.now())
    task = incident.tasks.get(code="R23")
    assert task.due_at == at_five(2027, 2, 10)  # the ladder's three months
    running(incident, town, ends_on=date(2027, 1, 24))
    task.refresh_from_db()
    assert task.due_at == at_five(2027, 1, 10)
    assert set(task.notices.filter(step="deadline").values_list("day", flat=True)) == {date(2027, 1, 10)}


def test_a_reminder_goes_out_for_the_moved_review_and_not_for_the_old_one(town: Place):
    incident = make_threat(town)
    running(incident, town, ends_on=date(2027, 1, 24))
    task = incident.tasks.get(code="R23")
    assert set(task.notices.filter(step="deadline").values_list("day", flat=True)) == {date(2027, 1, 10)}


def test_every_three_months_it_is_reviewed_again_until_the_end_is_near(town: Place):
    incident = make_threat(town)
    reaction = running(incident, town, ends_on=date(2027, 11, 24))
    found = []
    for moment in (at_five(2027, 2, 24), at_five(2027, 5, 24), at_five(2027, 8, 24)):
        clock.set_to(moment)
        step(review, reaction, town.adviser, remark="Nog nodig.")
        task = Task.objects.filter(kind="review", status="open").first()
        found.append(task and task.due_at.date().isoformat())
    assert found == ["2027-05-24", "2027-08-24", "2027-11-10"]
    assert Note.objects.filter(incident=incident).count() == 3
    clock.set_to(at_five(2027, 11, 10))
    step(review, reaction, town.adviser, remark="")
    assert not Task.objects.filter(kind="review", status="open").exists()
    assert plan_reviews(now=clock.now()) == 0


def test_the_hourly_round_plans_a_review_whoever_finished_the_last_one_and_how(town: Place):
    incident = make_threat(town)
    reaction = running(incident, town, ends_on=date(2027, 11, 24))
    assert plan_reviews(now=clock.now()) == 0  # the menu's own task stands
    clock.set_to(at_five(2027, 2, 24))
    decline_task(task=incident.tasks.get(code="R23"), reason="Geen tijd.", by=town.adviser, now=clock.now())
    assert [plan_reviews(now=clock.now()) for _again in range(2)] == [1, 0]
    planned = Task.objects.get(kind="review", about=reaction.pk)
    assert (planned.due_at, planned.assignee) == (at_five(2027, 5, 24).replace(hour=15), town.adviser)
    finish_task(task=planned, by=town.adviser, now=clock.now())
    closed(incident, town)
    assert plan_reviews(now=clock.now()) == 0


def test_a_second_measure_in_the_case_has_a_review_of_its_own(town: Place):
    incident = make_threat(town)
    first = running(incident, town)
    second = running(incident, town, "conditions")
    assert list(Task.objects.filter(kind="review").values_list("about", flat=True)) == [second.pk]
    step(end_early, first, town.adviser, end_kind="early", reason="Gaat goed.")
    assert incident.tasks.get(code="R23").status == "open"  # the other one still runs
    step(end_early, second, town.adviser, end_kind="early", reason="Gaat goed.")
    assert incident.tasks.get(code="R23").status == "done"
    assert not Task.objects.filter(kind="review", status="open").exists()


def test_what_the_menu_does_not_advise_is_reviewed_all_the_same(town: Place):
    incident = make_threat(town)
    incident.measures.filter(code__in=("R09", "R23")).delete()
    reaction = running(incident, town)
    assert Task.objects.get(kind="review").about == reaction.pk


# --- the end ----------------------------------------------------------------------------------------------------------


def test_ending_early_needs_a_reason_and_a_way(town: Place):
    reaction = running(make_threat(town), town)
    with pytest.raises(ReasonNeeded):
        step(end_early, reaction, town.adviser, end_kind="early", reason=" ")
    for wrong in ("expired", "replaced"):
        with pytest.raises(NotAnEnd):
            step(end_early, reaction, town.adviser, end_kind=wrong, reason="Zomaar.")
    ended = step(end_early, reaction, town.adviser, end_kind="annulled", reason="De rechter vond het te lang.")
    assert (ended.status, ended.end_kind, ended.ended_at) == ("ended", "annulled", clock.now())
    assert not Reaction.objects.running(TODAY).exists()


@pytest.mark.parametrize(("said", "kept"), [("early", "expired"), ("annulled", "annulled")])
def test_after_its_last_day_nothing_ends_early(town: Place, said: str, kept: str):
    reaction = running(make_threat(town), town)
    clock.set_to(datetime(2027, 2, 24, 22, 50, tzinfo=UTC))  # ten to twelve
    clock.move(minutes=20)
    done = step(end_early, reaction, town.adviser, end_kind=said, reason="Gaat goed.")
    assert (done.status, done.end_kind, done.end_reason) == ("ended", kept, "Gaat goed.")


def test_in_a_closed_case_it_ends_early_and_is_not_reviewed_or_broken(town: Place):
    incident = make_threat(town)
    reaction = running(incident, town)
    closed(incident, town)
    with pytest.raises(CaseClosed):
        step(review, reaction, town.adviser, remark="")
    with pytest.raises(CaseClosed):
        breach(reaction, town, clock.now())
    assert step(end_early, reaction, town.adviser, end_kind="early", reason="Gaat goed.").status == "ended"


@pytest.mark.parametrize(
    ("last", "still", "over"),
    [  # in Amsterdam: the last second of the last day, and midnight after it
        (date(2026, 12, 31), datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC)),
        (date(2027, 3, 28), datetime(2027, 3, 28, 21, 59, 59, tzinfo=UTC), datetime(2027, 3, 28, 22, tzinfo=UTC)),
        (date(2027, 10, 31), datetime(2027, 10, 31, 22, 59, 59, tzinfo=UTC), datetime(2027, 10, 31, 23, tzinfo=UTC)),
    ],
)
def test_it_ends_at_local_midnight_also_when_the_clock_changed(
    town: Place, last: date, still: datetime, over: datetime
):
    reaction = running(make_threat(town), town, ends_on=last)
    clock.set_to(still)
    assert (end_expired(now=still), Reaction.objects.running(last).count()) == (0, 1)
    clock.set_to(over)
    assert [end_expired(now=over) for _again in range(2)] == [1, 0]
    reaction.refresh_from_db()
    assert (reaction.status, reaction.end_kind, reaction.ended_at) == ("ended", "expired", over)


def test_nobody_is_named_where_the_clock_ended_it_and_a_person_still_reviews(town: Place):
    incident = make_threat(town)
    reaction = running(incident, town)
    clock.set_to(datetime(2027, 2, 25, 9, tzinfo=UTC))
    tidy()
    entry = TimelineEntry.objects.get(incident=incident, kind="reaction_ended")
    assert (entry.by, entry.code) == (None, "R09")
    event = AuditEvent.objects.get(action="incident.reaction_ended")
    assert (event.actor_id, str(reaction.pk) in event.fields) == (None, True)
    assert incident.tasks.get(code="R23").status == "open"
    step(review, reaction, town.adviser, remark="Ging goed.")
    assert incident.tasks.get(code="R23").status == "done"


def test_it_also_ends_by_itself_in_a_closed_case(town: Place):
    incident = make_threat(town)
    reaction = running(incident, town)
    closed(incident, town)
    assert end_expired(now=datetime(2027, 2, 25, 9, tzinfo=UTC)) == 1
    assert Reaction.objects.get(pk=reaction.pk).end_kind == "expired"


# --- a longer one -----------------------------------------------------------------------------------------------------


def extended(reaction: Reaction, town: Place, **more: Any) -> Reaction:
    longer = draft_extension(reaction=reaction, by=town.adviser, now=clock.now())
    words = {
        "hearing_words": "Wil nog steeds langskomen.",
        "proportionality": "Kwam vorige week weer.",
        "ends_on": date(2027, 8, 1),
        "signer": town.management,
        "second": town.deputy,
    }
    return step(change_reaction, longer, town.adviser, words=ReactionWords({**words, **more}))


def test_a_longer_one_has_reasons_of_its_own_and_ends_the_first_on_the_day_it_is_given(town: Place):
    incident = make_threat(town)
    first = running(incident, town)
    clock.move(days=60)
    bare = draft_extension(reaction=first, by=town.adviser, now=clock.now())
    assert (bare.conduct, bare.scope, bare.instruction) == (first.conduct, first.scope, first.instruction)
    wanted = [str(PART_LABELS[name]) for name in ("hearing_words", "proportionality", "ends_on", "signer", "second")]
    assert missing_in(bare, incident, clock.now()) == wanted
    with pytest.raises(AlreadyBegun):
        draft_extension(reaction=first, by=town.adviser, now=clock.now())
    step(withdraw, bare, town.adviser, reason="Opnieuw.")

    longer = extended(first, town)
    for act, by in (
        (propose, town.adviser),
        (agree, town.deputy),
        (sign, town.management),
        (tell_police, town.adviser),
    ):
        step(act, longer, by)
    clock.move(days=2)
    today = TODAY + timedelta(days=62)
    assert list(Reaction.objects.running(today)) == [first]
    longer = step(give, longer, town.adviser, day=today)
    first.refresh_from_db()
    assert (first.status, first.end_kind, first.ended_at) == ("ended", "replaced", clock.now())
    assert (longer.status, longer.holds_from, longer.follows) == ("active", today, first)
    assert list(Reaction.objects.running(today)) == [longer]
    # The menu's review now counts to the end of the longer one.
    assert incident.tasks.get(code="R23").due_at > at_five(2027, 2, 10)


def test_a_longer_one_is_for_the_person_whose_measure_it_follows(town: Place):
    incident = make_threat(town)
    first = running(incident, town)
    other = link(incident, make_person(town, "Tweede Testpersoon"), town.adviser)
    with pytest.raises(OtherPerson):
        extended(first, town, person=other)
    assert first.followed_by.get().person == first.person


def test_only_what_runs_is_made_longer(town: Place):
    incident = make_threat(town)
    reaction = signed(incident, town)
    with pytest.raises(NotThisStep):
        draft_extension(reaction=reaction, by=town.adviser, now=clock.now())
    step(tell_police, reaction, town.adviser)
    step(give, reaction, town.adviser, day=TODAY)
    assert draft_extension(reaction=reaction, by=town.adviser, now=clock.now()).follows == reaction


def test_a_longer_one_after_the_first_ended_by_itself_runs_all_the_same(town: Place):
    first = running(make_threat(town), town)
    longer = extended(first, town)
    for act, by in (
        (propose, town.adviser),
        (agree, town.deputy),
        (sign, town.management),
        (tell_police, town.adviser),
    ):
        step(act, longer, by)
    clock.set_to(datetime(2027, 2, 26, 9, tzinfo=UTC))
    end_expired(now=clock.now())
    assert step(give, longer, town.adviser, day=date(2027, 2, 26)).status == "active"
    first.refresh_from_db()
    assert first.end_kind == "expired"


# --- a breach ---------------------------------------------------------------------------------------------------------


def breach(reaction: Reaction, town: Place, moment: datetime, words: str = "Stond in de hal.") -> Breach:
    return record_breach(
        reaction=reaction, happened_at=moment, words=words, is_police_told=True, by=town.adviser, now=clock.now()
    )


def test_a_breach_makes_the_menu_ask_for_what_follows(town: Place):
    incident = make_threat(town)
    reaction = running(incident, town)
    assert not incident.measures.filter(code="R22").exists()
    clock.move(days=3)
    kept = breach(reaction, town, clock.now() - timedelta(hours=1))
    assert (kept.words, kept.is_police_told) == ("Stond in de hal.", True)
    incident.refresh_from_db()
    assert incident.facts.perpetrator_breached_measure is True
    follow_up = incident.tasks.get(code="R22")
    assert follow_up.status == "open"
    assert follow_up.due_at and localdate(follow_up.due_at) == date(2026, 11, 30), "Friday; from the breach"
    complete_facts(incident=incident, answers={"ongoing_threat": True}, by=town.adviser, now=clock.now())
    follow_up.refresh_from_db()
    assert localdate(follow_up.due_at) == date(2026, 11, 30), "a fact that comes later does not move it"
    assert incident.measures.filter(code="R17").exists()
    assert not incident.tasks.filter(kind="own").exists()


def test_a_second_breach_is_followed_up_too(town: Place):
    incident = make_threat(town)
    reaction = running(incident, town)
    breach(reaction, town, clock.now())
    breach(reaction, town, clock.now(), "Stond er weer.")
    assert not incident.tasks.filter(kind="own").exists()  # the first is still being followed up
    finish_task(task=incident.tasks.get(code="R22"), by=town.adviser, now=clock.now())
    again = breach(reaction, town, clock.now(), "En nog eens.")
    assert incident.tasks.get(kind="own").about == again.pk


def test_the_same_breach_sent_twice_is_one(town: Place):
    reaction = running(make_threat(town), town)
    one, again = (breach(reaction, town, clock.now(), words) for words in ("Stond in de hal.", "Stond in de hal. "))
    assert one == again and reaction.breaches.count() == 1
    assert TimelineEntry.objects.filter(incident=reaction.incident, kind="breached").count() == 1
    breach(reaction, town, clock.now() - timedelta(minutes=5))
    assert reaction.breaches.count() == 2, "at another moment is another one"


def test_what_was_not_given_yet_was_not_broken(town: Place):
    reaction = signed(make_threat(town), town)
    step(tell_police, reaction, town.adviser)
    clock.move(days=3)
    given = step(give, reaction, town.adviser, day=TODAY + timedelta(days=2))
    with pytest.raises(DidNotRunThen):
        breach(given, town, clock.now() - timedelta(days=2))
    assert breach(given, town, clock.now() - timedelta(days=1)).reaction == given


def test_a_breach_is_of_a_moment_at_which_it_ran(town: Place):
    reaction = running(make_threat(town), town)
    clock.move(days=10)
    with pytest.raises(NotInTheFuture):
        breach(reaction, town, clock.now() + timedelta(minutes=1))
    with pytest.raises(DidNotRunThen):
        breach(reaction, town, clock.now() - timedelta(days=11))
    with pytest.raises(ReasonNeeded):
        breach(reaction, town, clock.now(), " ")
    step(end_early, reaction, town.adviser, end_kind="early", reason="Gaat goed.")
    clock.move(hours=2)
    with pytest.raises(DidNotRunThen):
        breach(reaction, town, clock.now())
    assert breach(reaction, town, clock.now() - timedelta(days=1)).reaction == reaction
    with pytest.raises(NotThisStep):
        breach(drafted(reaction.incident, town), town, clock.now())


def test_a_warning_cannot_be_broken(town: Place):
    incident = make_threat(town)
    warning = step(give, signed(incident, town, "warning"), town.adviser, day=TODAY)
    with pytest.raises(NotThisStep):
        breach(warning, town, clock.now())
