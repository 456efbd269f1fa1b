"""Places where people work, each with a code that opens the report form with the place filled in.

A code says nothing by itself: it is on the wall. Whoever follows it still has to sign in and may report only for the
own organisations.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from incidents.actions.refusals import Refused
from incidents.models import Location
from incidents.references import new_code, normalise_code
from vpdportal.accounts.models import Organisation, User
from vpdportal.audit.chain import record
from vpdportal.seen import CHANGED_SINCE, Seen

TRIES = 5


class NameTaken(Refused):
    message = _("There is already a place with this name. Give it another one, so that people can tell them apart.")


class PlaceChanged(Refused):
    """Two administrators at once."""

    message = CHANGED_SINCE


@dataclass(frozen=True)
class ManyAdded:
    """What became of a pasted list: how many are new, and how many names were there before."""

    added: int
    known: int


def location_for(code: str, organisations: Iterable[Organisation]) -> Location | None:
    """The place with this code, as typed, while it is in use in one of these organisations. None says nothing more."""
    found: Location | None = (
        Location.objects.filter(
            code=normalise_code(code), is_active=True, organisation__in=[one.pk for one in organisations]
        )
        .select_related("organisation", "department")
        .first()
    )
    return found


def save_location(
    *, location: Location, by: User, changed: Iterable[str], now: datetime, seen: Seen | None = None
) -> Location:
    """Add or change a place that a form has validated; a new one gets its code. `changed` names the fields.

    `seen`: what the page showed of it, where it was there. Raises NameTaken, PlaceChanged.
    """
    try:
        with transaction.atomic():
            if location._state.adding:
                location.code = location.code or _free_codes(1)[0]
                location.save(force_insert=True)
            else:
                kept = Location.objects.select_for_update(no_key=True).get(pk=location.pk)
                if seen and seen.is_old(kept):
                    raise PlaceChanged
                location.save(update_fields=changed)
            _note("location.saved", location, location.organisation_id, by, now, changed)
    except IntegrityError as error:  # the form asked for the name before someone else took it
        raise NameTaken from error
    return location


def add_locations(*, like: Location, names: Iterable[str], by: User, now: datetime) -> ManyAdded:
    """Add a place for each name, all of the same organisation, kind, channel and department as `like`.

    A name that is there already is left alone, so that a longer list may be pasted over a shorter one.
    """
    wanted = list(names)
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                return _add(like, wanted, by, now)
        except IntegrityError:  # someone else added one of these names meanwhile: then it is known
            continue
    raise RuntimeError("the list of places could not be added")


def switch_off(*, location: Location, by: User, now: datetime) -> None:
    """Its code stays on the wall, but leads to a form without a place from now on."""
    with transaction.atomic():
        location.is_active = False
        location.save(update_fields=["is_active"])
        _note("location.saved", location, location.organisation_id, by, now, ["is_active"])


def _add(like: Location, names: list[str], by: User, now: datetime) -> ManyAdded:
    known = {name.casefold() for name in like.organisation.locations.values_list("name", flat=True)}
    fresh: dict[str, str] = {}
    for name in names:
        if name.casefold() not in known:
            fresh.setdefault(name.casefold(), name)
    rows = [
        Location(
            organisation=like.organisation,
            department=like.department,
            kind=like.kind,
            channel=like.channel,
            name=name,
            code=code,
        )
        for name, code in zip(fresh.values(), _free_codes(len(fresh)), strict=True)
    ]
    Location.objects.bulk_create(rows)
    _note("locations.added", like.organisation, like.organisation_id, by, now, [row.code for row in rows])
    return ManyAdded(added=len(rows), known=len(names) - len(rows))


def _free_codes(number: int) -> list[str]:
    """So many different codes that no place has. One in a thousand million is taken by chance; the database says."""
    codes: set[str] = set()
    while len(codes) < number:
        codes.add(new_code())
    taken = set(Location.objects.filter(code__in=codes).values_list("code", flat=True))
    return list(codes) if not taken else _free_codes(number)


def _note(
    action: str, row: Location | Organisation, organisation_id: UUID, by: User, now: datetime, fields: Iterable[str]
) -> None:
    record(
        action=action,
        now=now,
        actor_id=by.pk,
        organisation_id=organisation_id,
        object_type=str(row._meta.model_name),
        object_id=row.pk,
        fields=list(fields),
    )
