"""What an organisation is when a period is fixed: its departments, places and people, and how it tells numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

from guidance.cards import card_for
from guidance.vocabulary import Phase
from incidents.actions.overview_plans import plan_of
from incidents.overview.breakdowns import BREAKDOWNS, NO_LOCATION
from incidents.overview.told import FEW
from vpdportal.accounts.models import Department, Organisation

Names = Mapping[str, str]  # language → name


@dataclass(frozen=True)
class Unit:
    """A department. `people` without those of what is under it; `parent` empty at the top."""

    key: str
    name: str
    people: int
    parent: str = ""


@dataclass(frozen=True)
class Setting:
    """`places` and `prevention`: category → name, for the breakdowns of the organisation's own."""

    units: tuple[Unit, ...]
    places: Mapping[str, Names]
    prevention: Mapping[str, Names]
    exact_from: int = 250
    smallest_team: int = 10
    base: int = FEW

    @property
    def staff(self) -> int:
        return sum(unit.people for unit in self.units)

    @property
    def is_exact(self) -> bool:
        """Whether it is large enough for exact totals."""
        return self.staff >= self.exact_from

    def grid(self, code: str) -> Mapping[str, Names]:
        """Every category of a breakdown, in its fixed order; without names where the portal has a word for it."""
        labels = BREAKDOWNS[code].labels
        if labels is not None:
            return {key: {} for key in labels}
        if code == "location":
            return {**self.places, NO_LOCATION: {}}
        if code == "prevention":
            return self.prevention
        return {unit.key: _both(unit.name) for unit in self.units}


def setting_of(organisation: Organisation) -> Setting:
    """As it is now. Four queries."""
    plan = plan_of(organisation)
    return Setting(
        units=tuple(_units(organisation)),
        places={str(place.pk): _both(place.name) for place in organisation.locations.all()},
        prevention={
            code: item.title_text.to_data()
            for code, item in card_for(organisation).every.items()
            if item.phase == Phase.PREVENTION
        },
        exact_from=plan.exact_from_staff,
        smallest_team=plan.smallest_team,
        base=plan.round_to,
    )


def _units(organisation: Organisation) -> list[Unit]:
    """All departments; of those out of use the people count no more."""
    rows = Department.objects.filter(organisation=organisation).order_by("name")
    return [
        Unit(str(row.pk), row.name, row.headcount if row.is_active else 0, str(row.parent_id or "")) for row in rows
    ]


def _both(name: str) -> Names:
    return {"nl": name, "en": name}
