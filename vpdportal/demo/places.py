"""Places of the demonstration, each with a code and a poster. The codes are drawn anew at each filling."""

from datetime import datetime

from guidance.vocabulary import Channel
from incidents.actions.locations import add_locations
from incidents.models import Location
from incidents.vocabulary import LocationKind
from vpdportal.accounts.models import Organisation, User

DESKS = ["Balie 1, stadhuis", "Balie 2, stadhuis", "Spreekkamer 4"]
VEHICLES = ["Veegwagen 3", "Handhaving, bus 12", "Handhaving, fiets 7"]


def open_places(*, organisation: Organisation, administrator: User, now: datetime) -> None:
    """A few desks and a small fleet."""
    desks = Location(organisation=organisation, kind=LocationKind.BUILDING, channel=Channel.COUNTER)
    fleet = Location(organisation=organisation, kind=LocationKind.VEHICLE, channel=Channel.PUBLIC_SPACE)
    for like, names in ((desks, DESKS), (fleet, VEHICLES)):
        add_locations(like=like, names=names, by=administrator, now=now)
