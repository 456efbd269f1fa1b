"""The numbers of a month counted by hand: every row in a list, and the words of the definitions.

Shares no code with incidents.overview: no query filters, no Period, no Scope. What is counted how is written in
incidents/overview/figures.py; where the words leave a choice, the remark here says which one was taken.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from incidents.models import (
    CareMoment,
    DamageLine,
    Incident,
    Involvement,
    Measure,
    Message,
    PoliceSheet,
    Reaction,
    Task,
)

Row = dict[str, Any]
Figures = dict[str, dict[str, Any]]
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
RESTRICTIONS = {"conditions", "pause", "ban", "civil_order"}
GIVEN = {"active", "done", "ended"}
PARTS_OF_REPORTS = (
    *("severity", "behaviour", "channel", "target_group", "online", "department", "department_severe", "location"),
    *("weekday", "day_part"),
)
PARTS_OF_DAY = ("night", "morning", "afternoon", "evening")
SHARES = {  # figure → codes of the menu; whether cases or talks count; how it may have ended
    "assessed": ({"R01"}, "incident_id", {"done"}),
    "reaction": ({"R04", "R05", "R06", "R07", "R08", "R09", "R17"}, "incident_id", {"done"}),
    "police": ({"R11", "R12", "R13"}, "incident_id", {"done"}),
    "reception": ({"N02"}, "incident_id", {"done", "declined by the person"}),
    "follow_up": ({"N03", "N04"}, "id", {"done", "declined by the person"}),
    "told_back": ({"R03"}, "incident_id", {"done"}),
}


def local(moment: datetime) -> datetime:
    return moment.astimezone(AMSTERDAM)


def month_of(moment: datetime | date | None) -> str:
    """ "2028-02", by the local clock; such texts are in the order of time. No moment: in no month."""
    if isinstance(moment, datetime):
        moment = local(moment)
    return f"{moment:%Y-%m}" if moment else ""


def month_after(month: str) -> str:
    year, number = map(int, month.split("-"))
    return f"{year + 1}-01" if number == 12 else f"{year}-{number + 1:02}"


def last_day_of(month: str) -> date:
    return date.fromisoformat(f"{month_after(month)}-01") - timedelta(days=1)


class ByHand:
    """Everything that one organisation has, without the cases in `hidden`."""

    def __init__(self, organisation: UUID, hidden: Collection[UUID] = ()) -> None:
        self.organisation, self.hidden = organisation, set(hidden)
        self.incidents = {row["id"]: row for row in self.rows(Incident, "id")}
        self.measures = {row["id"]: row for row in self.rows(Measure)}
        self.tasks = list(self.rows(Task))
        self.care = {row["task_id"]: row["status"] for row in self.rows(CareMoment)}
        self.reactions, self.sheets = list(self.rows(Reaction)), list(self.rows(PoliceSheet))
        self.lines, self.messages = list(self.rows(DamageLine)), list(self.rows(Message))
        self.involved = list(self.rows(Involvement))

    def rows(self, model: Any, case: str = "incident_id") -> Iterator[Row]:
        plain = [field.attname for field in model._meta.concrete_fields if field.get_internal_type() != "BinaryField"]
        for row in model.objects.order_by().values(*plain):
            if row["organisation_id"] == self.organisation and row[case] not in self.hidden:
                yield row

    def reports(self, kind: str = "incident") -> list[Row]:
        """Each event once."""
        return [row for row in self.incidents.values() if row["kind"] == kind and row["status"] != "merged"]

    def counts(self, month: str) -> Figures:
        return {
            "numbers": {**self.came_in(month), **self.was_done(month)},
            "stocks": {**self.open_work(month), **self.restrictions(month), "repeat_persons": self.repeat(month)},
            "shares": {**self.norms(month), "helped": self.helped(month), "no_repeat": self.no_repeat(month)},
            "tables": self.parts(month) | {"prevention": self.prevention(month)},
            "spreads": {"lead_time": self.lead_time(month), "first_contact": self.first_contact(month)},
            "sums": {name: self.money(month, name) for name in ("claimed", "recovered")},
        }

    # --- reports ---

    def in_month(self, month: str, kind: str = "incident") -> list[Row]:
        return [row for row in self.reports(kind) if month_of(row["reported_at"]) == month]

    def came_in(self, month: str) -> dict[str, int]:
        reports = self.in_month(month)
        return {
            "reports": len(reports),
            "near_misses": len(self.in_month(month, "near_miss")),
            "severe": len([row for row in reports if row["severity"] in (3, 4)]),
        }

    def parts(self, month: str) -> dict[str, Counter[str]]:
        found = {name: Counter[str]() for name in PARTS_OF_REPORTS}
        for row in self.in_month(month):
            when = local(row["occurred_at"])
            found["severity"][str(row["severity"])] += 1
            found["behaviour"][row["main_behaviour"]] += 1
            found["channel"][row["channel"]] += 1
            found["target_group"][row["target_group"]] += 1
            found["online"][row["main_behaviour"]] += row["channel"] == "social_media"
            found["department"][str(row["department_id"])] += 1
            found["department_severe"][str(row["department_id"])] += row["severity"] in (3, 4)
            found["location"][str(row["location_id"] or "none")] += 1
            found["weekday"][f"{when:%u}"] += 1
            found["day_part"][PARTS_OF_DAY[int(f"{when:%H}") // 6]] += 1
        return found

    # --- terms ---

    def norms(self, month: str) -> dict[str, tuple[int, int]]:
        found = {}
        for name, (codes, what, ends) in SHARES.items():
            steps = [task for task in self.terms(month) if task["code"] in codes]
            if name == "told_back":
                steps = [task for task in steps if task["step"] == 1]
            all_of_them = {task[what] for task in steps}
            met = {task[what] for task in steps if self.ended(task) in ends and task["finished_at"] <= self.term(task)}
            found[name] = (len(met), len(all_of_them))
        offences = {task["incident_id"] for task in self.terms(month) if task["code"] in SHARES["police"][0]}
        found["aangifte"] = (len({case for case, made in self.aangiften() if made <= month} & offences), len(offences))
        return found

    def terms(self, month: str) -> Iterator[Row]:
        """Steps of incidents whose term ended in the month: no late reports, nothing that waits for the police."""
        for task in self.tasks:
            measure = self.measures.get(task["measure_id"])
            case = self.incidents[task["incident_id"]]
            if measure is None or measure["is_late_report"] or task["is_on_hold"]:
                continue
            if case["kind"] == "incident" and case["status"] != "merged" and month_of(self.term(task)) == month:
                yield task

    def term(self, task: Row) -> datetime | None:
        """That of the norm; a term that a person gave does not move it."""
        measure = self.measures[task["measure_id"]]
        found: datetime | None = measure["due_at"] if measure["own_due_at"] else task["due_at"]
        return found

    def ended(self, task: Row) -> str:
        if task["status"] == "declined" and self.care.get(task["id"]) == "declined":
            return "declined by the person"
        return str(task["status"])

    def first_aangiften(self) -> dict[UUID, str]:
        """Of each case the month of its first aangifte."""
        return {case: min(made for one, made in self.aangiften() if one == case) for case, _made in self.aangiften()}

    def aangiften(self) -> set[tuple[UUID, str]]:
        """Cases, and in which months an aangifte was made: by its sheet, or by the task that asked for it."""
        sheets = [row for row in self.sheets if row["kind"] == "aangifte" and row["status"] == "filed"]
        tasks = [row for row in self.tasks if row["code"] in ("R11", "R12") and row["status"] == "done"]
        by_sheet = {(row["incident_id"], month_of(row["filed_on"])) for row in sheets}
        return by_sheet | {(row["incident_id"], month_of(row["finished_at"])) for row in tasks}

    # --- what was done ---

    def was_done(self, month: str) -> dict[str, int]:
        done = self.done(month)
        lessons = [task for task in self.tasks if task["kind"] == "lesson"]
        return {
            "expired": len([row for row in self.reactions if self.ran_out(row, month)]),
            "talks_held": sum(done[code] for code in ("N01", "N02", "N03", "N04", "N05", "N06", "talk")),
            "aangiften": list(self.first_aangiften().values()).count(month),
            "closed": len([row for row in self.incidents.values() if month_of(row["closed_at"]) == month]),
            "risk_actions": done["P02"],
            "trainings": done["P03"],
            "alarm_tests": done["P04"],
            "lessons_new": len([task for task in lessons if month_of(task["assigned_at"]) == month]),
            "lessons_done": done["lesson"],
        }

    def done(self, month: str) -> Counter[str]:
        """By code of the menu or else by kind; more steps of one measure are one."""
        tasks = [task for task in self.tasks if task["status"] == "done" and month_of(task["finished_at"]) == month]
        return Counter(name for name, _one in {(task["code"] or task["kind"], one_of(task)) for task in tasks})

    def prevention(self, month: str) -> dict[str, int]:
        """Each measure once."""
        prevents = {pk for pk, measure in self.measures.items() if measure["phase"] == "prevention"}
        tasks = [task for task in self.tasks if task["status"] == "done" and month_of(task["finished_at"]) == month]
        return dict(Counter(self.measures[pk]["code"] for pk in {task["measure_id"] for task in tasks} & prevents))

    def ran_out(self, row: Row, month: str) -> bool:
        """A restriction that ran until its last day, in this month, and that nobody had looked at again by then."""
        if row["kind"] not in RESTRICTIONS or row["end_kind"] != "expired" or month_of(row["ends_on"]) != month:
            return False
        return row["reviewed_at"] is None or local(row["reviewed_at"]).date() > row["ends_on"]

    def money(self, month: str, name: str) -> tuple[int, int]:
        amounts = [row[name] for row in self.lines if row[name] > 0 and month_of(row[f"{name}_on"]) == month]
        return sum(amounts), len(amounts)

    # --- how it stood at the end ---

    def open_work(self, month: str) -> dict[str, int]:
        severe = [row for row in self.reports() if row["severity"] in (3, 4) and month_of(row["reported_at"]) <= month]
        severe = [row for row in severe if row["closed_at"] is None or month_of(row["closed_at"]) > month]
        tasks = [task for task in self.tasks if self.began(task) <= month]
        tasks = [task for task in tasks if task["status"] == "open" or month_of(task["finished_at"]) > month]
        late = [task for task in tasks if task["due_at"] and month_of(task["due_at"]) <= month]
        return {
            "open_tasks": len(tasks),
            "overdue_tasks": len([task for task in late if not task["is_on_hold"]]),
            "lessons_open": len([task for task in tasks if task["kind"] == "lesson"]),
            "severe_open": len(severe),
            "severe_unassigned": len([row for row in severe if row["adviser_id"] is None]),
        }

    def began(self, task: Row) -> str:
        """What the menu asks began with the advice; who has it now may have got it later."""
        measure = self.measures.get(task["measure_id"])
        return month_of(measure["advised_at"] if measure else task["assigned_at"])

    def restrictions(self, month: str) -> dict[str, int]:
        last = last_day_of(month)
        running = [
            row
            for row in self.reactions
            if row["kind"] in RESTRICTIONS
            and row["status"] in GIVEN
            and row["given_at"] is not None
            and month_of(row["given_at"]) <= month
            and (row["ended_at"] is None or month_of(row["ended_at"]) > month)
            and row["starts_on"] is not None
            and row["ends_on"] is not None
            and row["starts_on"] <= last <= row["ends_on"]
        ]
        return {
            "running": len(running),
            "ending": len([row for row in running if month_of(row["ends_on"]) == month_after(month)]),
        }

    def repeat(self, month: str) -> int:
        """Known in two reports or more of the twelve months up to and with this one."""
        year_ago = f"{int(month[:4]) - 1}{month[4:]}"
        cases = {row["id"] for row in self.reports() if year_ago < month_of(row["reported_at"]) <= month}
        known = {(row["person_id"], row["incident_id"]) for row in self.involved if row["role"] == "perpetrator"}
        times = Counter(person for person, case in known if case in cases)
        return len([person for person, number in times.items() if number >= 2])

    # --- does it help ---

    def helped(self, month: str) -> tuple[int, int]:
        said = [row["was_helped"] for row in self.incidents.values() if month_of(row["helped_at"]) == month]
        return said.count("yes"), len([word for word in said if word])

    def no_repeat(self, month: str) -> tuple[int, int]:
        """Of the reactions given 182 days ago; what happened since, not what was reported since."""
        reactions = [row for row in self.reactions if row["status"] in GIVEN and row["given_at"] is not None]
        # 182 days later on the wall clock, whatever summer time does
        reactions = [
            row for row in reactions if f"{local(row['given_at']).replace(tzinfo=None) + HALF_A_YEAR:%Y-%m}" == month
        ]
        return len([row for row in reactions if not any(self.again(row))]), len(reactions)

    def again(self, reaction: Row) -> Iterable[bool]:
        events = {row["id"]: row["occurred_at"] for row in self.reports()}
        given = reaction["given_at"]
        for row in self.involved:
            if row["person_id"] == reaction["person_id"] and row["role"] == "perpetrator":
                yield row["incident_id"] in events and given < events[row["incident_id"]] <= given + HALF_A_YEAR

    def lead_time(self, month: str) -> dict[int, int]:
        closed = [row for row in self.incidents.values() if month_of(row["closed_at"]) == month]
        return dict(Counter((local(row["closed_at"]).date() - local(row["reported_at"]).date()).days for row in closed))

    def first_contact(self, month: str) -> dict[int, int]:
        contacts: defaultdict[UUID, list[datetime]] = defaultdict(list)
        for task in self.tasks:
            if (task["code"], task["step"], task["status"]) == ("R03", 0, "done"):
                contacts[task["incident_id"]].append(task["finished_at"])
        for row in self.messages:
            if row["is_from_desk"] and row["person_id"] == self.incidents[row["incident_id"]]["reporter_id"]:
                contacts[row["incident_id"]].append(row["at"])
        hours: Counter[int] = Counter()
        for case, moments in contacts.items():
            if month_of(min(moments)) == month:
                seconds = (min(moments) - self.incidents[case]["reported_at"]).total_seconds()
                hours[max(0, int(seconds // 3600))] += 1
        return dict(hours)


HALF_A_YEAR = timedelta(days=182)


def one_of(task: Row) -> UUID:
    """What counts once: the measure, or a task of its own."""
    return task["measure_id"] or task["id"]


def added_by_hand(months: list[Figures]) -> Figures:
    """A quarter or a year: each number is the sum, and what stands at the end is that of the last month."""
    return {
        "numbers": total(month["numbers"] for month in months),
        "stocks": months[-1]["stocks"],
        "shares": total_pairs(month["shares"] for month in months),
        "tables": {name: total(month["tables"][name] for month in months) for name in months[0]["tables"]},
        "spreads": {name: total(month["spreads"][name] for month in months) for name in months[0]["spreads"]},
        "sums": total_pairs(month["sums"] for month in months),
    }


def total(parts: Iterable[dict[Any, int]]) -> Counter[Any]:
    found: Counter[Any] = Counter()
    for part in parts:
        found.update(part)
    return found


def total_pairs(parts: Iterable[dict[str, tuple[int, int]]]) -> dict[str, tuple[int, int]]:
    met, of = Counter[str](), Counter[str]()
    for part in parts:
        for name, (one, other) in part.items():
            met[name] += one
            of[name] += other
    return {name: (met[name], of[name]) for name in of}
