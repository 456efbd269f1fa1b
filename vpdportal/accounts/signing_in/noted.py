"""What is written down of signing in and of guessing (ADR 33).

It is for the officer of each organisation in which the person has a role. Of who has no role, and of an address that
nobody has, it stands in the chain of the installation. Never an address, a password or a code.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.models import User
from vpdportal.audit.chain import record
from vpdportal.tenancy import everywhere

DONE, AGAIN, OUT, OVER = "sign_in.done", "sign_in.again", "sign_in.out", "sign_in.over"
FAILED, SECOND_FAILED = "sign_in.failed", "sign_in.second_failed"
GUESSING = "guessing.stopped"


def note_of_person(*, action: str, person: User, by: User | None, now: datetime, fields: Iterable[str] = ()) -> None:
    """`by`: None where nobody proved who they are."""
    _write(action, person.pk, by.pk if by else None, now, fields)


def note_failed_password(*, address: str, now: datetime) -> None:
    """A wrong password. As much is asked whether the address is known or not, so that time tells nothing."""
    with everywhere():
        known = User.objects.filter(email__iexact=address).values_list("pk", flat=True).first()
    _write(FAILED, known, None, now)


def note_guessing(*, person: User, now: datetime) -> None:
    """Who asked for so many things that are not there, or not theirs, that it was stopped (vpdportal/how_often.py)."""
    _write(GUESSING, person.pk, person.pk, now)


def _write(
    action: str, person_id: UUID | None, actor_id: UUID | None, now: datetime, fields: Iterable[str] = ()
) -> None:
    with everywhere():  # who signs in reaches no organisation yet, and each of theirs hears of it
        here = memberships_at(now).filter(user=person_id).values_list("organisation", flat=True)
        places: list[UUID | None] = [*sorted(set(here))]
        for organisation_id in places or [None]:
            record(
                action=action,
                now=now,
                actor_id=actor_id,
                organisation_id=organisation_id,
                object_type="user",
                object_id=person_id,
                fields=fields,
            )
