"""Who still is to hear of an alarm at the moment it goes out: the world may have moved since it was written."""

from datetime import datetime

from incidents.models import Alarm
from incidents.vocabulary import AlarmKind
from vpdportal.accounts.access import standing
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Right

# About overviews one hears as long as one may see them. Danger is told to whoever was to hear of it.
NEEDED = {
    AlarmKind.OVERVIEW_READY: Right.SEE_OVERVIEW,
    AlarmKind.OVERVIEW_HELD: Right.SEE_EXACT_FIGURES,
    AlarmKind.RETENTION_CHOSEN: Right.DECIDE_PRIVACY,
    AlarmKind.RETENTION_DUE: Right.WORK_CASES,
    AlarmKind.LOG_REVIEW: Right.DECIDE_PRIVACY,
}


def is_still_to_hear(alarm: Alarm, person: User, now: datetime) -> bool:
    """Whether a mail of it still tells something to this person: its recipient, whose standing is known."""
    if alarm.kind == AlarmKind.OVERVIEW_READY and not person.wants_overview_mail:
        return False
    right = NEEDED.get(AlarmKind(alarm.kind))
    return right is None or standing(person, now).may(right, alarm.organisation_id)
