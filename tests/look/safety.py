"""What the data protection officer and the desk read about safety, full of odd things, by the real actions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from incidents.actions.data_requests.collecting import collect
from incidents.actions.data_requests.deciding import decide, make_ready
from incidents.actions.data_requests.requests import (
    NewRequest,
    check_identity,
    extend_term,
    link_person,
    register_request,
    withdraw_request,
)
from incidents.actions.data_requests.reviewing import follow_proposals
from incidents.actions.glass import break_glass, judge_opening
from incidents.actions.keeping.destroying import destroy_due
from incidents.actions.keeping.stays import keep_longer
from incidents.actions.keeping.terms import choose_term
from incidents.actions.privacy_answers import save_answers
from incidents.actions.restricting import restrict
from incidents.forms.report import typed_in_words
from incidents.models import CaseOpening, DataRequest, Destruction, Incident, LogReview
from incidents.overview.accountability_questions import Sheet, questions_of
from incidents.vocabulary import DataRequestKind, DataSubject, KeptPart, StayKind
from tests import clock
from tests.incidents.kept import agree_terms, close, full_case, make_person
from tests.world import Place, make_incident, make_user
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Role
from vpdportal.audit.chain import record

WORDS = "De man staat weer voor de deur, de collega is in overleg en neemt niet op. 😡 " * 3
ONE_WORD = "schadevergoedingsuitkeringsaanvraagformulier" * 3
LONG = "Wilhelmina-Anna-Margaretha van Oudshoorn-van Nieuwkerk-Schoonhoven tot Verzonnen-Fictiedorp 🙂"
DAY = timedelta(days=1)
SEAL = "sha256:" + "0123456789abcdef" * 4


@dataclass
class Office:
    """What the pages are about. `shut`: closed to the deputy; `kept`: past its term; `open_one`: not begun yet."""

    case: Incident
    shut: Incident
    kept: Incident
    opening: CaseOpening
    judged: CaseOpening
    review: LogReview
    signed: LogReview
    certificate: Destruction
    open_one: DataRequest
    collected: DataRequest
    ready: DataRequest
    decided: DataRequest
    withdrawn: DataRequest


def fill_office(town: Place) -> Office:
    """Long ago something was destroyed; since then everything that waits for someone."""
    now = clock.now()
    User.objects.filter(pk__in=(town.adviser.pk, town.auditor.pk)).update(name=LONG)
    for user in (town.adviser, town.auditor):
        user.refresh_from_db()
    town.join(make_user("Tweede Adviseur"), Role.ADVISER)
    agree_terms(town, since=now.date() - 900 * DAY)
    certificate = _destroyed(town, now)
    kept = _held(town, now)
    case = make_incident(town, behaviours=("threat",), story=WORDS, wants_support=True)
    case.adviser = town.adviser
    case.save(update_fields=["adviser"])
    shut, opening, judged = _opened(town, now)
    _terms_and_answers(town, now)
    _looks(town, case, now)
    review, signed = _samples(town, now)
    return Office(
        case=case,
        shut=shut,
        kept=kept,
        opening=opening,
        judged=judged,
        review=review,
        signed=signed,
        certificate=certificate,
        **_asked(town, now),
    )


def _destroyed(town: Place, now: datetime) -> Destruction:
    """Everything of one case is gone since a year."""
    clock.set_to(now - 3 * 365 * DAY)
    close(full_case(town), town.adviser)
    clock.set_to(now - 30 * DAY)
    destroy_due(now=clock.now())
    clock.set_to(now)
    return Destruction.objects.exclude(digest="").get()


def _held(town: Place, now: datetime) -> Incident:
    """One that goes within thirty days, is held for a court, and was put off before."""
    clock.set_to(now - 715 * DAY)
    kept = close(full_case(town), town.adviser)
    today = timezone.localdate(now)
    for kind, part, until in (
        (StayKind.POSTPONED, KeptPart.EVIDENCE, today + 90 * DAY),
        (StayKind.LEGAL_HOLD, KeptPart.MESSAGES, today),
    ):
        moment = now - 60 * DAY
        keep_longer(incident=kept, kind=kind, part=part, until=until, reason=WORDS, by=town.adviser, now=moment)
    clock.set_to(now)
    return kept


def _opened(town: Place, now: datetime) -> tuple[Incident, CaseOpening, CaseOpening]:
    """Closed to the deputy, who opened it yesterday, which was judged, and again just now."""
    shut, other = make_incident(town), make_incident(town)
    Incident.objects.filter(pk__in=(shut.pk, other.pk)).update(adviser=town.adviser)
    for one in (shut, other):
        one.refresh_from_db()
        restrict(incident=one, by=town.adviser, now=now - 2 * DAY, reason=WORDS)
        one.refresh_from_db()
    judged = break_glass(incident=shut, reason=WORDS, by=town.deputy, now=now - DAY)
    judge_opening(opening=judged, is_in_order=False, words=WORDS, by=town.auditor, now=now - DAY / 2)
    opening = break_glass(incident=shut, reason=WORDS + ONE_WORD, by=town.deputy, now=now - timedelta(minutes=5))
    return shut, opening, judged


def _terms_and_answers(town: Place, now: datetime) -> None:
    choose_term(organisation=town.organisation, part=KeptPart.EVIDENCE, months=12, by=town.administrator, now=now)
    texts = {question.code: WORDS + ONE_WORD for question in questions_of(Sheet.DPIA)}
    save_answers(organisation=town.organisation, texts=texts, seen="", by=town.administrator, now=now)


def _looks(town: Place, case: Incident, now: datetime) -> None:
    """Three hundred events: looks of all kinds, by who is there, who is gone, and the portal; and a long seal."""
    parts = ("case", "case_damage", "damage_line", "case_timeline", "a_page_of_a_version_that_is_gone")
    for number in range(300):
        actor = (town.adviser.pk, town.deputy.pk, town.support.pk, uuid4())[number % 4]
        _event(town, "incident.viewed", now - number * timedelta(hours=9), actor, case, [parts[number % len(parts)]])
    _event(town, "overview.released", now, None, None, ["2026-10", SEAL])
    _event(town, "cases.exported", now, town.adviser.pk, None, ["purpose:handling", "ods", "count:300"])


def _event(town: Place, action: str, at: datetime, by: Any, case: Incident | None, fields: list[str]) -> None:
    record(
        action=action,
        now=at,
        actor_id=by,
        organisation_id=town.organisation.pk,
        object_type="incident" if case else "release",
        object_id=case.pk if case else None,
        fields=fields,
    )


def _samples(town: Place, now: datetime) -> tuple[LogReview, LogReview]:
    """One that waits, with everything in it, and an empty one that was signed."""
    place = {"organisation": town.organisation, "made_at": now}
    review = LogReview.objects.create(year=2026, month=10, positions=list(range(1, 400)), **place)
    signed = LogReview(year=2026, month=9, signed_by=town.auditor, signed_at=now, **place)
    signed.remark = WORDS
    signed.save(force_insert=True)
    return review, signed


def _asked(town: Place, now: datetime) -> dict[str, DataRequest]:
    """One request in each state, with twenty more beside it."""
    wanted = ("open_one", "collected", "ready", "decided", "withdrawn")
    found = {name: _request(town, now, user=None, times=times) for times, name in enumerate(wanted, 1)}
    for number in range(20):
        _request(town, now - number * 2 * DAY, user=town.employee)
    for name in ("collected", "ready", "decided"):
        one = found[name]
        link_person(request=one, person=make_person(town), by=town.adviser, now=now)
        full = full_case(town, one.person)
        assert full.pk
        check_identity(request=one, by=town.adviser, now=now)
        collect(request=one, in_words=typed_in_words, by=town.adviser, now=now)
        if name != "collected":
            pieces = list(one.pieces.values_list("pk", flat=True))
            follow_proposals(request=one, pieces=pieces, by=town.adviser, now=now)
            make_ready(request=one, is_granted=True, decision=WORDS, seen=None, by=town.adviser, now=now)
    decide(request=found["decided"], seen=None, by=town.auditor, now=now)
    extend_term(request=found["open_one"], reason=WORDS, by=town.adviser, now=now)
    withdraw_request(request=found["withdrawn"], by=town.adviser, now=now)
    return found


def _request(town: Place, at: datetime, user: User | None, times: int = 1) -> DataRequest:
    """`times`: the long word in it, so that no two on a day ask the same."""
    subject = DataSubject.EMPLOYEE if user else DataSubject.CITIZEN
    more = {"user": user} if user else {"name": LONG, "contact": "post " + ONE_WORD}
    day = timezone.localdate(at)
    new = NewRequest(
        town.organisation, DataRequestKind.ACCESS, subject, day, words=WORDS + f"{ONE_WORD} " * times, **more
    )
    return register_request(new=new, by=user or town.adviser, now=at)
