"""What the desk of each organisation did with its cases, subject by subject. Called once, after all reports came in."""

from datetime import timedelta

from vpdportal.demo.desk import Desk, assess, keep_up
from vpdportal.demo.desk_care import look_after, look_after_at_the_dike
from vpdportal.demo.desk_endings import bring_together, close_with_lessons, decide_otherwise, leave_out
from vpdportal.demo.desk_papers import count_damage, go_to_the_police, write_letters
from vpdportal.demo.desk_persons import know_persons, tell_persons
from vpdportal.demo.desk_reactions import react, warn_at_the_dike
from vpdportal.demo.desk_voices import tell_and_bring

LOOKED_AT_AFTER = timedelta(hours=3)
OFFENCES = ("ban", "second")  # in which a threat may be a criminal offence


def work_the_desk(desk: Desk) -> None:
    """All that makes each page of a case show something."""
    if desk.organisation.slug == "vlinderwaard":
        _work_in_town(desk)
    else:
        _work_at_the_dike(desk)
    for name in desk.cases:
        incident = desk.case(name)
        if not incident.is_closed:
            keep_up(desk, name, desk.now)


def _work_in_town(desk: Desk) -> None:
    _look_first(desk)
    know_persons(desk)
    leave_out(desk)
    tell_and_bring(desk)
    look_after(desk)
    reactions = react(desk)
    tell_persons(desk)
    write_letters(desk, reactions)
    go_to_the_police(desk)
    count_damage(desk)
    bring_together(desk)
    close_with_lessons(desk)
    decide_otherwise(desk)


def _work_at_the_dike(desk: Desk) -> None:
    _look_first(desk)
    know_persons(desk)
    warn_at_the_dike(desk)
    look_after_at_the_dike(desk)


def _look_first(desk: Desk) -> None:
    for name, incident in desk.cases.items():
        if name != "event_again":  # nobody looked at it before it was joined
            at = incident.reported_at + LOOKED_AT_AFTER
            assess(desk, name, at, offence_suspected=name in OFFENCES)
