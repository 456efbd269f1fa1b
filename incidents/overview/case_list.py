"""The list of all cases: what it can be narrowed to, and in which order. Only columns that say nothing of a person."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.models import Reaction, Task
from incidents.overview.desk import gone_quiet
from vpdportal.accounts.models import Organisation

# What a column is sorted by, by the name in the address; a minus before it turns it round.
SORTS: dict[str, tuple[Any, str]] = {
    "number": (_("Number"), "reference"),
    "severity": (_("Severity"), "severity"),
    "department": (_("Department"), "department__name"),
    "reported": (_("Reported"), "reported_at"),
    "happened": (_("Happened"), "occurred_at"),
    "touched": (_("Last changed"), "touched_at"),
}
NEWEST_FIRST = "-reported"
NOBODY = "nobody"  # as adviser: a case that no one person handles
SHOWN = (
    *("reference", "kind", "main_behaviour", "severity", "severity_confirmed_at", "status"),
    *("reported_at", "occurred_at", "touched_at", "organisation__name", "department__name"),
)
Narrowing = Callable[[Any, Collection[Organisation], datetime], Q]


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _column(name: str) -> Narrowing:
    return lambda value, _organisations, _now: Q(**{name: value})


def _from(name: str) -> Narrowing:
    return lambda day, _organisations, _now: Q(**{f"{name}__gte": _start_of(day)})


def _to(name: str) -> Narrowing:
    """The last day counts too."""
    return lambda day, _organisations, _now: Q(**{f"{name}__lt": _start_of(day + timedelta(days=1))})


def _yes_or_no(found: Callable[[Collection[Organisation], datetime], Q]) -> Narrowing:
    return lambda is_so, organisations, now: found(organisations, now) if is_so else ~found(organisations, now)


def _adviser(value: Any, _organisations: Collection[Organisation], _now: datetime) -> Q:
    return Q(adviser__isnull=True) if value == NOBODY else Q(adviser=value)


def _known(value: str, _organisations: Collection[Organisation], _now: datetime) -> Q:
    return Q(is_perpetrator_known={"yes": True, "no": False, "unknown": None}[value])


def _open_tasks(_organisations: Collection[Organisation], _now: datetime) -> Q:
    return Q(Exists(Task.objects.unfinished().filter(incident=OuterRef("pk"))))


def _running(_organisations: Collection[Organisation], now: datetime) -> Q:
    return Q(Exists(Reaction.objects.running(timezone.localdate(now)).filter(incident=OuterRef("pk"))))


# By the name of the filter: which cases a value of it leaves.
NARROWINGS: dict[str, Narrowing] = {
    "number": _column("reference__startswith"),
    **{
        name: _column(name)
        for name in ("organisation", "department", "status", "severity", "channel", "target_group", "motive", "kind")
    },
    "behaviour": _column("main_behaviour"),
    "confirmed": _yes_or_no(lambda _organisations, _now: Q(severity_confirmed_at__isnull=False)),
    "perpetrator": _known,
    "adviser": _adviser,
    "support": _yes_or_no(lambda _organisations, _now: Q(wants_support=True)),
    "reported_from": _from("reported_at"),
    "reported_to": _to("reported_at"),
    "happened_from": _from("occurred_at"),
    "happened_to": _to("occurred_at"),
    "quiet": _yes_or_no(gone_quiet),
    "tasks": _yes_or_no(_open_tasks),
    "measure": _yes_or_no(_running),
}


def narrowed(
    cases: QuerySet[Any], wanted: Mapping[str, Any], organisations: Collection[Organisation], now: datetime
) -> QuerySet[Any]:
    """The cases that fit all of `wanted` (name of the filter → value; None and "" are no filter)."""
    for name, value in wanted.items():
        if name in NARROWINGS and value not in (None, ""):
            cases = cases.filter(NARROWINGS[name](value, organisations, now))
    return cases


def in_order(cases: QuerySet[Any], sort: str) -> QuerySet[Any]:
    """Sorted by one column, what is alike by when it was reported; an unknown name is the newest first."""
    name = sort.removeprefix("-")
    column = F(SORTS[name][1]) if name in SORTS else F("reported_at")
    is_down = sort.startswith("-") or name not in SORTS
    return cases.order_by(column.desc() if is_down else column.asc(), "-reported_at", "-id")


def listed(cases: QuerySet[Any]) -> QuerySet[Any]:
    """With what a row shows, and no sealed column."""
    return cases.select_related("organisation", "department").only(*SHOWN)
