"""Aftercare of the demonstration: planned, accepted, another moment asked, held; and one for a witness."""

from datetime import datetime, timedelta

from django.utils.timezone import localtime

from incidents.actions.care import Appointment, Someone, add_care, hold_care, plan_care
from incidents.actions.care_answers import accept_care, ask_other_moment
from incidents.models import CareMoment
from incidents.vocabulary import CareFor
from vpdportal.accounts.models import User
from vpdportal.demo.desk import Desk, talk_task

RECEPTION, FIRST_FOLLOW_UP, SECOND_FOLLOW_UP = "N02", "N03", "N04"
WISH = "Liever aan het eind van de middag, en niet bij de balie in de buurt."


def look_after(desk: Desk) -> None:
    """The talks of three cases, each somewhere else in the rhythm."""
    omar, sanne, joris = (desk.people[name] for name in ("Omar Ooievaar", "Sanne Madelief", "Joris Kikker"))
    _hold(desk, "ban", RECEPTION, _at_ten(desk, -47), omar)
    _hold(desk, "ban", FIRST_FOLLOW_UP, _at_ten(desk, -33), omar)
    later = _plan(desk, "ban", SECOND_FOLLOW_UP, _at_ten(desk, 3), omar, desk.ago(days=2))
    accept_care(incident=desk.case("ban"), key=later.pk, revision=later.revision, by=sanne, now=desk.ago(days=1))

    moved = _plan(desk, "second", RECEPTION, _at_ten(desk, 1), omar, desk.ago(hours=14))
    ask_other_moment(
        incident=desk.case("second"), key=moved.pk, wish=WISH, revision=moved.revision, by=joris, now=desk.ago(hours=9)
    )
    _plan(desk, "warning", RECEPTION, _at_ten(desk, 1), omar, desk.ago(hours=14))
    _care_for_a_witness(desk, omar)


def look_after_at_the_dike(desk: Desk) -> None:
    """The water board's own: one talk held, the next one planned, both by the adviser."""
    _hold(desk, "dike", RECEPTION, _at_ten(desk, -7), desk.adviser)
    _plan(desk, "dike", FIRST_FOLLOW_UP, _at_ten(desk, 4), desk.adviser, desk.ago(days=6))


def _care_for_a_witness(desk: Desk, given_by: User) -> None:
    witness = Someone(CareFor.WITNESS, user=desk.people["Peter Pinguin"])
    moment = add_care(
        incident=desk.case("second"), someone=witness, given_by=given_by, due_at=_at_ten(desk, 6), by=desk.adviser,
        now=desk.ago(hours=12),
    )  # fmt: skip
    plan_care(
        task=moment.task, appointment=Appointment(_at_ten(desk, 4), "spreekkamer 2"), revision=moment.revision,
        by=given_by, now=desk.ago(hours=10),
    )  # fmt: skip


def _plan(desk: Desk, name: str, code: str, moment: datetime, given_by: User, at: datetime) -> CareMoment:
    appointment = Appointment(moment, "spreekkamer 2", given_by)
    return plan_care(
        task=talk_task(desk.case(name), code), appointment=appointment, revision=0, by=desk.adviser, now=at
    )


def _hold(desk: Desk, name: str, code: str, held_at: datetime, given_by: User) -> CareMoment:
    moment = _plan(desk, name, code, held_at, given_by, held_at - timedelta(hours=3))
    task = talk_task(desk.case(name), code)
    return hold_care(task=task, held_at=held_at, revision=moment.revision, by=given_by, now=held_at)


def _at_ten(desk: Desk, days: int) -> datetime:
    """Ten o'clock, so many days on."""
    return localtime(desk.ago(days=-days)).replace(hour=10, minute=0, second=0, microsecond=0)
