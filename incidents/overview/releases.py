"""Fixing a period for management, on the first working day after it. What is fixed never changes.

A month is counted; a quarter and a year are the sum of their fixed months, so that everything adds up for ever.
"""

import logging
from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from guidance.office import Office
from incidents.actions.reminders.alarms import tell_subscribers, warn_advisers
from incidents.actions.reminders.offices import Offices
from incidents.models import Alarm, Incident, OverviewPlan, Release
from incidents.overview.attack_on import Past
from incidents.overview.corrections import look_again, period_of
from incidents.overview.counting import count_month
from incidents.overview.counts import Counts, added
from incidents.overview.disclosure import Blocked, disclose
from incidents.overview.periods import Period, ended_by
from incidents.overview.setting import setting_of
from incidents.overview.shown import Shown
from incidents.vocabulary import AlarmKind, PeriodKind
from vpdportal.accounts.models import Organisation
from vpdportal.audit.chain import record

log = logging.getLogger(__name__)

OLDEST = 36  # months that are caught up, such as of a portal that had no overviews before
PERIOD = ("organisation", "kind", "year", "number")
LONGEST_HOLIDAY = 31  # days in which the first working day of a month is looked for


def release_due(*, now: datetime) -> int:
    """Fix every period of every organisation whose first working day after it has come. Gives how many.

    Safe to run at any time and any number at once. Where the attacker program finds something, or anything breaks, the
    advisers hear of it, and no other organisation waits for it.
    """
    made = 0
    for organisation in Organisation.objects.all():
        office = Offices({organisation.pk}, ()).office_of(organisation.pk)
        for period in list(_periods_due(organisation, office, now)):
            try:
                made += release(organisation=organisation, period=period, now=now)
            except Exception as error:
                log.exception("an overview was held back")
                _hold_back(organisation, error, now)
                if period.kind == PeriodKind.MONTH:  # what comes after it is laid beside it, so it waits
                    break
    return made


def held_back(organisation: Organisation, now: datetime) -> Period | None:
    """The period that should be there and is not, where the last tries of today or yesterday failed."""
    since = timezone.localdate(now) - timedelta(days=1)
    if not Alarm.objects.filter(organisation=organisation, kind=AlarmKind.OVERVIEW_HELD, day__gte=since).exists():
        return None
    office = Offices({organisation.pk}, ()).office_of(organisation.pk)
    return next(_periods_due(organisation, office, now), None)


def _periods_due(organisation: Organisation, office: Office, now: datetime) -> Iterator[Period]:
    """Ended periods without a release, the oldest first, from the first month; a longer one after its months.

    Also a quarter or a year whose last month was fixed before, such as when the machine stopped between the two. Not
    what ends with a month that was passed over: a report of so long ago can still be brought in.
    """
    this_month = Period.month_of(now)
    first = first_month(organisation)
    if first is None:
        return
    done = {period_of(row) for row in Release.objects.filter(organisation=organisation).only(*PERIOD)}
    for step in range(-OLDEST, 0):
        month = this_month.shifted(step)
        if month not in done and _is_passed_over(month, done):
            continue
        if month.start >= first.start and first_working_day(month.shifted(1), office) <= timezone.localdate(now):
            yield from (period for period in ended_by(month) if period not in done)


def _is_passed_over(month: Period, done: Collection[Period]) -> bool:
    """Whether a later month of its calendar year is fixed: what was told of that year would not add up with it."""
    months = (one for one in done if one.kind == PeriodKind.MONTH)
    return any(one.year == month.year and one.number > month.number for one in months)


def first_month(organisation: Organisation) -> Period | None:
    """The month of the first report, or of the first release where that report is gone; None when there is neither."""
    reports = Incident.objects.filter(organisation=organisation).order_by("reported_at")
    earliest = reports.values_list("reported_at", flat=True).first()
    fixed = Release.objects.filter(organisation=organisation, kind=PeriodKind.MONTH).order_by("year", "number").first()
    months = [Period.month_of(earliest)] if earliest else []
    months += [period_of(fixed)] if fixed else []
    return min(months, key=lambda month: month.start, default=None)


def first_working_day(month: Period, office: Office) -> date:
    """Of a month, by the days and holidays of this office."""
    days = (month.first_day + timedelta(days=number) for number in range(LONGEST_HOLIDAY))
    return next((day for day in days if office.is_working_day(day)), month.first_day)


def release(*, organisation: Organisation, period: Period, now: datetime) -> bool:
    """Fix this period, unless it is; gives whether it was done now. Tells who subscribed when it is the last month.

    Raises Blocked when whatever is told would point at someone.
    """
    past = releases_of(organisation, period.year)
    if any(one.period == period for one in past):
        return False
    exact = _exact(organisation, period, past)
    disclosed = disclose(exact, period, setting_of(organisation), past)  # may take seconds, so nobody is held for it
    with transaction.atomic():
        held = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        if Release.objects.filter(organisation=held, year=period.year).count() != len(past):
            return False  # another worker was here meanwhile: the next round looks again
        made = _keep(held, period, exact, disclosed.shown, now)
        _write_down("overview.released", held.pk, made.pk, [period.code, f"sha256:{made.digest}"], now)
        if period == Period.month_of(now).shifted(-1):
            look_again(organisation=held, now=now)
            tell_subscribers(organisation=held, now=now)
    return True


def releases_of(organisation: Organisation, year: int) -> list[Past]:
    """What was fixed of one calendar year, with its exact counts."""
    rows = Release.objects.filter(organisation=organisation, year=year).order_by("made_at", "number")
    return [
        Past(
            period_of(row),
            Counts.from_json(row.sealed_exact),
            Shown.from_json(row.shown),
        )
        for row in rows
    ]


def _exact(organisation: Organisation, period: Period, past: list[Past]) -> Counts:
    if period.kind == PeriodKind.MONTH:
        return count_month(organisation, period)
    months = {one.period: one.exact for one in past}
    return added(months[month] for month in period.months if month in months)


def _keep(organisation: Organisation, period: Period, exact: Counts, shown: Shown, now: datetime) -> Release:
    text = shown.to_json()
    made = Release(
        organisation=organisation,
        **period.row(),
        made_at=now,
        shown=text,
        digest=sha256(text.encode()).hexdigest(),
        is_compared=_is_compared(organisation, period),
        sealed_exact=exact.to_json(),
    )
    made.save(force_insert=True)
    return made


def _is_compared(organisation: Organisation, period: Period) -> bool:
    """Whether it takes part in the comparison: settled with the first release of a calendar year, for all of it."""
    of_year = Release.objects.filter(organisation=organisation, year=period.year).order_by("made_at")
    first = of_year.values_list("is_compared", flat=True).first()
    if first is not None:
        return first
    return OverviewPlan.objects.filter(
        organisation=organisation, shares_benchmark=True, shares_benchmark_since__lte=date(period.year, 1, 1)
    ).exists()


def _hold_back(organisation: Organisation, error: Exception, now: datetime) -> None:
    """Tell the advisers once a day; the next round tries again."""
    with transaction.atomic():
        if warn_advisers(organisation=organisation, kind=AlarmKind.OVERVIEW_HELD, now=now):
            leaks = len(error.leaks) if isinstance(error, Blocked) else 0
            _write_down("overview.held", organisation.pk, None, [f"leaks:{leaks}", type(error).__name__], now)


def _write_down(action: str, organisation_id: UUID, release_id: UUID | None, fields: list[str], now: datetime) -> None:
    record(
        action=action,
        now=now,
        actor_id=None,
        organisation_id=organisation_id,
        object_type="release",
        object_id=release_id,
        fields=fields,
    )
