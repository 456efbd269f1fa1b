"""Eight years over the whole database (T36): nothing of what was due is left anywhere, and not a byte
of anything else was touched."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models

from incidents.actions.drafts import remove_old_drafts
from incidents.actions.evidence_tidying import remove_orphan_files
from incidents.actions.keeping.daily import run_of_today
from incidents.actions.keeping.stays import keep_longer
from incidents.actions.words import can_search_words, digests_of_words, index_words
from incidents.models import (
    CaseWords,
    Draft,
    Evidence,
    Incident,
    Involvement,
    LetterVersion,
    LogReview,
    RestrictionCheck,
)
from incidents.vocabulary import StayKind
from tests import clock
from tests.incidents.kept import CANARY, agree_terms, close, full_case, make_person, sealed_texts
from tests.incidents.overviews import fixed_months, grown
from tests.world import Place
from vpdportal.audit.chain import verify

GROWS = {"Alarm", "Mail", "Heartbeat", "ChainHead", "AuditEvent", "Destruction", "User"}
YEARS = 8
Row = tuple[Any, ...]


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: Any) -> Path:
    folder = tmp_path / "evidence"
    settings.STORAGES = {
        **settings.STORAGES,
        "evidence": {**settings.STORAGES["evidence"], "OPTIONS": {"location": folder}},
    }
    return folder


def fill(place: Place) -> Incident:
    """A closed case, and what hangs under no case; each with the word."""
    case = close(full_case(place), place.adviser)
    index_words(Incident.objects.get(pk=case.pk))
    now, own = clock.now(), {"organisation": place.organisation}
    draft = Draft(**own, author=place.employee, started_at=now, saved_at=now)
    draft.sealed_content = CANARY
    draft.save(force_insert=True)
    check = RestrictionCheck(**own, user=place.employee, at=now, has_hit=False)
    check.reason = CANARY
    check.save(force_insert=True)
    review = LogReview(**own, year=2026, month=11, positions=[1], made_at=now)
    review.remark = CANARY
    review.save(force_insert=True)
    make_person(place)
    grown(place)
    fixed_months(place, months=1)
    return case


def rows() -> dict[tuple[str, Any], Row]:
    """Every row of every table that does not only grow, as it stands there: sealed columns as they are."""
    found = {}
    for model in apps.get_models():
        if model.__name__ not in GROWS:
            for row in model._base_manager.values_list():
                found[model.__name__, row[0]] = tuple(bytes(one) if isinstance(one, memoryview) else one for one in row)
    return found


def of(found: dict[tuple[str, Any], Row], keys: set[Any]) -> dict[tuple[str, Any], Row]:
    """Those that are one of these, or point at one, or at what points at one, and so on."""
    mine: dict[tuple[str, Any], Row] = {}
    while True:
        more = {key: row for key, row in found.items() if key not in mine and keys & _values(row)}
        if not more:
            return mine
        mine |= more
        keys = {key[1] for key in more}


def _values(row: Row) -> set[Any]:
    return {one for one in row if not isinstance(one, (list, dict))}


def pass_years(years: int) -> None:
    """The round of some nights: those after which something can have come due here, and one of every summer."""
    for year in range(clock.now().year, clock.now().year + years + 1):
        for month, day in ((7, 1), (11, 23), (11, 25), (12, 1)):
            moment = clock.START.replace(year=year, month=month, day=day, hour=1)
            if moment > clock.START:
                remove_old_drafts(now=clock.set_to(moment))
                run_of_today(now=moment)


@pytest.fixture
def held(town: Place) -> Incident:
    case = close(full_case(town), town.adviser)
    keep_longer(
        incident=case, kind=StayKind.LEGAL_HOLD, part=None, until=date(2027, 6, 1), reason=CANARY, by=town.adviser,
        now=clock.now(),
    )  # fmt: skip
    return case


def test_all_that_is_due_and_nothing_else(
    town: Place,
    other_town: Place,
    store: Path,
    held: Incident,
    django_capture_on_commit_callbacks: Any,
):
    agree_terms(town)
    gone, still_open = fill(town), full_case(town)
    fill(other_town)
    index_words(Incident.objects.get(pk=held.pk))
    before = rows()
    people = Involvement.objects.filter(incident__in=[held, still_open]).values_list("person", flat=True)
    not_due_keys = {held.pk, still_open.pk, other_town.organisation.pk, *people}
    not_due = of(before, not_due_keys)
    not_due = {key: row for key, row in not_due.items() if key[0] != "Draft"}  # 14 days, whatever the terms
    assert len(not_due) > 100

    with django_capture_on_commit_callbacks(execute=True):
        pass_years(YEARS)
    after = rows()
    changed = {key for key, row in not_due.items() if after.get(key) != row}
    assert changed == set(), "not due, and touched"

    kept_rows = of(after, not_due_keys)
    texts = sealed_texts(gone)
    assert set(texts) == {"Incident.sealed_facts"} and CANARY not in str(texts)
    for name, row in after.items():
        if name not in kept_rows and name[0] != "LogReview":  # the hold keeps the log, and so the sample of its month
            assert CANARY not in opened(name, row), name
    assert not Draft.objects.exists()
    assert {row.organisation_id for row in RestrictionCheck.objects.all()} == {other_town.organisation.pk}
    remove_orphan_files(now=clock.now())
    left = Evidence.objects.count() + LetterVersion.objects.count()
    assert left == 2 * 3 and len([path for path in store.rglob("*") if path.is_file()]) == left
    if can_search_words():
        word = set(digests_of_words([CANARY], town.organisation.pk))
        digests = dict(CaseWords.objects.values_list("incident", "digests"))
        assert word & set(digests[held.pk]) and not word & set(digests[gone.pk])
    for chain in (town.organisation.pk, other_town.organisation.pk, None):
        assert verify(chain).is_whole
    plain = "".join(table_as_text(table) for table in connection.introspection.table_names())
    assert len(plain) > 10_000 and CANARY not in plain


def opened(name: tuple[str, Any], row: Row) -> str:
    """The row with its sealed columns opened."""
    model = next(one for one in apps.get_models() if one.__name__ == name[0])
    found: models.Model = model._base_manager.get(pk=row[0])
    return str([getattr(found, one.attname) for one in model._meta.concrete_fields])


def table_as_text(table: str) -> str:
    """What who reads the database sees: cache and sessions too, and nothing of what is sealed."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        return str([[one for one in row if not isinstance(one, (bytes, memoryview))] for row in cursor.fetchall()])
