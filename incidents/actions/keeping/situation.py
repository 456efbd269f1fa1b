"""What decides how long cases are kept: read in a set number of queries, for all cases or for one."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from incidents.models import (
    CaseLink,
    DataRequest,
    DestroyedPart,
    Incident,
    Involvement,
    Message,
    Reaction,
    RetentionStay,
    Task,
    Witness,
)
from incidents.vocabulary import (
    CaseStatus,
    InvolvedAs,
    KeptPart,
    LinkKind,
    ReactionStatus,
    TaskStatus,
)
from vpdportal.accounts.models import Organisation

RUNNING = (ReactionStatus.DRAFT, ReactionStatus.PROPOSED, ReactionStatus.SIGNED, ReactionStatus.ACTIVE)
COLUMNS = (
    *("pk", "reference", "status", "merged_into", "closed_at", "touched_at"),
    *("messaged_at", "measure_ended_at", "measure_given_at", "has_running", "has_open_task", "has_request"),
)


@dataclass
class Case:
    """One case with the reports that joined it: they go together. `others`: cases with the same perpetrator."""

    pk: UUID
    reference: str
    closed_at: datetime | None
    touched_at: datetime  # the last thing that happened in any of its reports
    members: set[UUID] = field(default_factory=set)
    others: set[UUID] = field(default_factory=set)
    ends: list[datetime] = field(default_factory=list)  # of measures that were given or ended
    has_running: bool = False
    has_open_task: bool = False
    has_request: bool = False
    stays: list[RetentionStay] = field(default_factory=list)  # also those that were lifted
    gone: list[DestroyedPart] = field(default_factory=list)

    def running_stays(self) -> list[RetentionStay]:
        return [stay for stay in self.stays if stay.lifted_at is None]

    def is_gone(self, part: str) -> bool:
        """Whether this part was destroyed, of every report in it, since something last came in."""
        done = {row.incident_id for row in self.gone if row.part == part and row.destruction.at >= self.touched_at}
        return self.members <= done


@dataclass
class Situation:
    """The cases by their key. `main_of`: from each report to the case it went into."""

    cases: dict[UUID, Case] = field(default_factory=dict)
    main_of: dict[UUID, UUID] = field(default_factory=dict)

    def of(self, report: UUID) -> Case | None:
        return self.cases.get(self.main_of.get(report, report))


def could_go(organisation: Organisation, closed_before: Mapping[KeptPart, datetime]) -> list[UUID]:
    """The cases of which a part is still there that may go when they closed before its moment. One query.

    Not fewer than those that go; so that a round does not read every case there ever was.
    """
    own = {"incident": OuterRef("pk")}
    may_go = Q(pk__in=[])
    for part, moment in closed_before.items():
        gone = DestroyedPart.objects.filter(part=part, destruction__at__gte=OuterRef("touched_at"), **own)
        may_go |= Q(~Exists(gone), ended_at__lt=moment)
    if closed_before:
        came_in_later = Exists(Message.objects.filter(at__gt=OuterRef("touched_at"), **own))
        may_go |= Q(came_in_later, ended_at__lt=max(closed_before.values()))
    ended = Coalesce("merged_into__closed_at", "closed_at")
    reports = Incident.objects.filter(organisation=organisation).annotate(ended_at=ended).filter(may_go)
    return list(
        reports.order_by().annotate(main=Coalesce("merged_into", "pk")).values_list("main", flat=True).distinct()
    )


def situation_of_cases(mains: Collection[UUID]) -> Situation:
    """These cases, what joined them, and every other case of the same perpetrators. Five queries."""
    found = Situation()
    _read_reports(found, Incident.objects.filter(_near(mains)))
    read = {"incident__in": found.main_of}
    _read_persons(found, Involvement.objects.filter(role=InvolvedAs.PERPETRATOR, **read))
    links = CaseLink.objects.filter(kind=LinkKind.SAME_PERPETRATOR)
    _read_links(found, links.filter(Q(one__in=found.main_of) | Q(other__in=found.main_of)))
    _read_rows(found, Q(**read))
    return found


def situation_of_case(main: UUID) -> Situation:
    """One case, what joined it, and every other case of the same perpetrators. Three queries."""
    found = Situation()
    _read_reports(found, Incident.objects.filter(_near([main])))
    others = found.cases.keys() - {main}
    if case := found.of(main):
        case.others = others
        _read_rows(found, Q(incident__in=case.members))
    return found


def _near(mains: Collection[UUID]) -> Q:
    """The reports of these cases, and those of the same perpetrators with what these are joined with."""
    mine = Q(pk__in=mains) | Q(merged_into__in=mains)
    reports = Incident.objects.filter(mine).values("pk")
    of_them = Involvement.objects.filter(role=InvolvedAs.PERPETRATOR)
    same = of_them.filter(person__in=of_them.filter(incident__in=reports).values("person")).values("incident")
    links = CaseLink.objects.filter(kind=LinkKind.SAME_PERPETRATOR)
    linked = Q(pk__in=links.filter(one__in=reports).values("other")) | Q(
        pk__in=links.filter(other__in=reports).values("one")
    )
    near = Incident.objects.filter(mine | Q(pk__in=same) | linked)
    joined = near.filter(merged_into__isnull=False).values("merged_into")
    in_it = Q(pk__in=near.values("pk")) | Q(pk__in=joined)
    return in_it | Q(merged_into__in=near.values("pk")) | Q(merged_into__in=joined)


def _read_reports(found: Situation, reports: QuerySet[Any]) -> None:
    rows = list(_with_marks(reports).order_by().values(*COLUMNS))
    for row in rows:
        if row["status"] != CaseStatus.MERGED:
            found.cases[row["pk"]] = Case(row["pk"], row["reference"], row["closed_at"], row["touched_at"])
    for row in rows:
        found.main_of[row["pk"]] = row["merged_into"] or row["pk"]
        if case := found.of(row["pk"]):
            case.members.add(row["pk"])
            case.touched_at = max(filter(None, (case.touched_at, row["touched_at"], row["messaged_at"])))
            case.ends += [row[name] for name in ("measure_ended_at", "measure_given_at") if row[name]]
            case.has_running |= row["has_running"]
            case.has_open_task |= row["has_open_task"]
            case.has_request |= row["has_request"]


def _with_marks(reports: QuerySet[Any]) -> QuerySet[Any]:
    here = {"incident": OuterRef("pk")}
    reactions = Reaction.objects.filter(**here).exclude(status=ReactionStatus.WITHDRAWN).order_by()
    asked = DataRequest.objects.holding_back()
    saw_it = Q(user__in=Witness.objects.filter(incident=OuterRef(OuterRef("pk"))).values("user"))
    by_party = Q(user__isnull=False) & (Q(user=OuterRef("reporter")) | Q(user=OuterRef("affected")) | saw_it)
    by_person = Q(person__involvements__incident=OuterRef("pk"))
    return reports.annotate(
        messaged_at=_last(Message.objects.filter(**here).order_by(), "at"),
        measure_ended_at=_last(reactions, "ended_at"),
        measure_given_at=_last(reactions, "given_at"),
        has_running=Exists(reactions.filter(status__in=RUNNING)),
        has_open_task=Exists(Task.objects.filter(status=TaskStatus.OPEN, **here)),
        has_request=Exists(asked.filter(by_party | by_person)),
    )


def _last(rows: QuerySet[Any], column: str) -> Subquery:
    return Subquery(rows.values("incident").annotate(last=Max(column)).values("last"))


def _read_persons(found: Situation, involvements: QuerySet[Involvement]) -> None:
    by_person: dict[UUID, set[UUID]] = defaultdict(set)
    for report, person in involvements.order_by().values_list("incident", "person"):
        if case := found.of(report):
            by_person[person].add(case.pk)
    for cases in by_person.values():
        for pk in cases:
            found.cases[pk].others |= cases - {pk}


def _read_links(found: Situation, links: QuerySet[CaseLink]) -> None:
    for pair in links.values_list("one", "other"):
        one, other = (found.of(pk) for pk in pair)
        if one is not None and other is not None and one.pk != other.pk:
            one.others.add(other.pk)
            other.others.add(one.pk)


def _read_rows(found: Situation, mine: Q) -> None:
    """What stays longer, and what is gone."""
    for stay, case in _by_case(found, RetentionStay.objects.filter(mine).select_related("by", "lifted_by")):
        case.stays.append(stay)
    for part, case in _by_case(found, DestroyedPart.objects.filter(mine).select_related("destruction")):
        case.gone.append(part)


def _by_case(found: Situation, rows: QuerySet[Any]) -> Iterable[tuple[Any, Case]]:
    for row in rows:
        if case := found.of(row.incident_id):
            yield row, case
