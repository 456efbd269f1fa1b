"""Under which department a row stands in the file of an analyst, so that none of them points at a handful of people.

Pure, and it hangs on departments only, never on reports: two files over other months cannot be laid beside each other
to find out who is behind a row.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from incidents.overview.setting import Setting, Unit


@dataclass
class Group:
    """Departments that bear one name in the file, and their people."""

    name: str = ""
    people: int = 0
    holds: list[str] = field(default_factory=list)

    def take(self, other: "Group") -> None:
        self.people += other.people
        self.holds += other.holds


def told_departments(setting: Setting) -> dict[str, str]:
    """Department → the name in the file. What is not in it counts with "other departments".

    A department with too few people counts with the one that it is part of; that one then needs enough people of its
    own kind too: its own, and those of its parts that bear no name. What is left at the top has no name; when it is
    too small as well, the smallest department with a name joins it [OWN].
    """
    under: dict[str, list[Unit]] = defaultdict(list)
    keys = {unit.key for unit in setting.units}
    for unit in setting.units:
        under[unit.parent if unit.parent in keys else ""].append(unit)
    named: list[Group] = []
    rest = Group()
    for unit in under[""]:
        rest.take(_fold(unit, under, setting.smallest_team, named))
    named.sort(key=lambda group: (-group.people, group.name))
    while named and rest.holds and rest.people < setting.smallest_team:
        rest.take(named.pop())
    return {key: group.name for group in named for key in group.holds}


def _fold(unit: Unit, under: dict[str, list[Unit]], smallest: int, named: list[Group]) -> Group:
    """Add the groups of a department and its parts that bear a name; gives what counts with the one above."""
    group = Group(unit.name, unit.people, [unit.key])
    for part in under.get(unit.key, []):
        group.take(_fold(part, under, smallest, named))
    if group.people < smallest:
        return group
    named.append(group)
    return Group()
