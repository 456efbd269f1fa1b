"""Cutting off what has passed its term: what is left proves itself, and every false cut shows (T30, T36)."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from tests import clock
from vpdportal.audit import append_only
from vpdportal.audit.anchors import anchor_each_day
from vpdportal.audit.chain import digest, record, verify
from vpdportal.audit.cutting import cut, last_to_go
from vpdportal.audit.models import AuditEvent, ChainHead

ORGANISATION, OTHER, CASE = uuid4(), uuid4(), uuid4()
WHOLE = [ORGANISATION, None]  # of an organisation, and of the installation


def write(number: int, organisation_id: UUID | None = ORGANISATION, about: UUID | None = None) -> None:
    for _count in range(number):
        record(
            action="test.done", now=clock.now(), actor_id=None, organisation_id=organisation_id, object_type="thing",
            object_id=about or uuid4(), fields=[],
        )  # fmt: skip


def years(number: float) -> datetime:
    return clock.move(days=366 * number)


def chop(before: datetime | None = None, organisation_id: UUID | None = ORGANISATION, held: Any = ()) -> int:
    before = before or clock.now() - timedelta(days=366 * 5)
    return cut(organisation_id=organisation_id, before=before, held=held, now=clock.now())


def positions(organisation_id: UUID | None = ORGANISATION) -> list[int]:
    rows = AuditEvent.objects.filter(organisation_id=organisation_id).order_by("position")
    return list(rows.values_list("position", flat=True))


def checked(*more: Any) -> None:
    call_command("verify_audit", *more, stdout=StringIO(), stderr=StringIO())


def is_found(*more: Any) -> bool:
    try:
        checked(*more)
    except CommandError:
        return True
    return False


class TestCutting:
    @pytest.mark.parametrize("organisation_id", WHOLE)
    def test_the_beginning_goes_and_the_rest_proves_itself(self, db: None, organisation_id: UUID | None):
        write(5, organisation_id)
        write(2, OTHER)
        years(6)
        write(3, organisation_id)
        assert chop(organisation_id=organisation_id) == 5
        assert positions(organisation_id) == [6, 7, 8, 9] and positions(OTHER) == [1, 2]
        verdict = verify(organisation_id)
        assert (verdict.is_whole, verdict.events) == (True, 4)
        assert chop(organisation_id=organisation_id) == 0 and positions(organisation_id) == [6, 7, 8, 9]
        years(6)
        write(1, organisation_id)
        assert chop(organisation_id=organisation_id) == 4, "also the event of the cut before it"
        assert verify(organisation_id).is_whole and positions(organisation_id) == [10, 11]
        checked()

    def test_up_to_what_is_held_and_not_beyond_something_young(self, db: None):
        write(2)
        write(1, about=CASE)
        write(1)
        now = years(6)
        write(1)
        assert last_to_go(ORGANISATION, now, [CASE]).position == 2  # type: ignore[union-attr]
        assert chop(held=[CASE]) == 2
        assert chop() == 2 and positions() == [5, 6, 7]

    def test_all_of_it_goes_but_the_cut(self, db: None):
        write(3)
        years(6)
        assert chop() == 3 and positions() == [4]
        assert verify(ORGANISATION).is_whole

    def test_a_stop_halfway_leaves_all_of_it(self, committed: None):
        write(4)
        years(6)

        def stop(execute: Any, sql: str, *rest: Any) -> Any:
            if sql.startswith("DELETE"):
                raise KeyboardInterrupt
            return execute(sql, *rest)

        with connection.execute_wrapper(stop), pytest.raises(KeyboardInterrupt):
            chop()
        assert positions() == [1, 2, 3, 4] and verify(ORGANISATION).is_whole
        assert chop() == 4 and verify(ORGANISATION).is_whole

    def test_the_log_of_the_machine_tells_of_it(
        self, committed: None, caplog: pytest.LogCaptureFixture, tmp_path: Path
    ):
        write(4)
        kept = tmp_path / "machine.log"
        with caplog.at_level(logging.INFO, logger="vpdportal.audit.anchor"):
            anchor_each_day(now=clock.now())
            years(6)
            write(1)
            chop()
            anchor_each_day(now=clock.move(hours=1))
        lines = [row.getMessage() for row in caplog.records if row.name == "vpdportal.audit.anchor"]
        kept.write_text("\n".join(f"INFO {line}" for line in lines))
        assert sum(f"{ORGANISATION} cut 4 " in line for line in lines) == 1
        checked("--against", str(kept))
        hash_of_cut = next(line.split()[3] for line in lines if " cut " in line)
        kept.write_text(kept.read_text().replace(f"cut 4 {hash_of_cut}", f"cut 4 {'0' * 64}"))
        assert is_found("--against", str(kept))


class TestTheDatabaseRefuses:
    """Each beside the removal that it allows, with the same four events that are six years old, and one of now."""

    @pytest.fixture(autouse=True, params=WHOLE, ids=["organisation", "installation"])
    def old(self, db: None, request: pytest.FixtureRequest) -> UUID | None:
        self.mine: UUID | None = request.param
        write(4, self.mine)
        years(6)
        write(1, self.mine)
        return self.mine

    def say(self, position: int) -> None:
        record(
            action="audit.cut", now=clock.now(), actor_id=None, organisation_id=self.mine, object_type="organisation",
            fields=[f"position:{position}", f"hash:{'0' * 64}"],
        )  # fmt: skip

    def remove(self, **which: Any) -> None:
        with transaction.atomic():
            AuditEvent.objects.filter(organisation_id=self.mine, **which).delete()

    def refuses(self, **which: Any) -> bool:
        before = positions(self.mine)
        try:
            self.remove(**which)
        except DatabaseError as error:
            assert "append-only" in str(error)
            return positions(self.mine) == before
        return False

    def test_the_allowed_one(self):
        assert self.refuses(position__lte=4)
        self.say(4)
        self.remove(position__lte=4)
        assert positions(self.mine) == [5, 6]

    def test_nothing_beyond_what_it_says(self):
        self.say(3)
        assert self.refuses(position__lte=4)
        self.remove(position__lte=3)

    def test_nothing_younger_than_five_years(self):
        self.say(5)
        assert self.refuses(position__lte=5)
        self.remove(position__lte=4)

    def test_not_once_something_came_after_it(self):
        self.say(4)
        write(1, self.mine)
        assert self.refuses(position=1)

    def test_not_by_a_cut_of_another_chain(self):
        other = ORGANISATION if self.mine is None else None
        record(
            action="audit.cut", now=clock.now(), actor_id=None, organisation_id=other, object_type="organisation",
            fields=["position:4", "hash:x"],
        )  # fmt: skip
        assert self.refuses(position__lte=4)

    def test_not_by_another_event_that_says_a_position(self):
        record(
            action="audit.anchored", now=clock.now(), actor_id=None, organisation_id=self.mine,
            object_type="organisation", fields=["position:4", "hash:x"],
        )  # fmt: skip
        assert self.refuses(position__lte=4)

    def test_no_change_ever(self):
        self.say(4)
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            AuditEvent.objects.filter(organisation_id=self.mine, position=1).update(action="nothing.happened")


def in_the_database(change: Callable[[], Any]) -> None:
    """As someone who owns the database does it: without the triggers."""
    with connection.schema_editor() as editor:
        append_only.unlock(None, editor)
    change()
    with connection.schema_editor() as editor:
        append_only.lock(None, editor)


def events() -> Any:
    return AuditEvent.objects.filter(organisation_id=ORGANISATION)


def forged(position: int, seal: str, at: datetime | None = None) -> None:
    """A cut as the portal writes one, by who owns the database."""
    record(
        action="audit.cut", now=at or clock.now(), actor_id=None, organisation_id=ORGANISATION,
        object_type="organisation", object_id=ORGANISATION, fields=[f"position:{position}", f"hash:{seal}"],
    )  # fmt: skip


def without_a_cut() -> None:
    events().filter(position__lte=6).delete()


def another_hash() -> None:
    forged(6, "0" * 64)
    events().filter(position__lte=6).delete()


def one_more_than_it_says() -> None:
    forged(6, events().get(position=6).hash)
    events().filter(position__lte=7).delete()


def one_less_than_it_says() -> None:
    forged(6, events().get(position=6).hash)
    events().filter(position__lte=5).delete()


def the_cut_itself_written_anew() -> None:
    made = events().get(action="audit.cut")
    last = events().get(position=6)
    made.fields = [f"hash:{last.hash}", "position:6"]
    made.hash = digest(made)
    made.save()
    events().filter(position__lte=6).delete()


def the_cut_taken_away() -> None:
    events().filter(action="audit.cut").delete()


IN_ITSELF = (
    without_a_cut, another_hash, one_more_than_it_says, one_less_than_it_says, the_cut_itself_written_anew,
    the_cut_taken_away,
)  # fmt: skip


@pytest.mark.parametrize("tamper", IN_ITSELF, ids=lambda one: one.__name__)
def test_a_false_cut_shows_in_the_chain_itself(committed: None, tamper: Callable[[], None]):
    write(4)
    years(6)
    chop()
    write(4)  # 6 to 9; 5 is the cut
    checked()
    in_the_database(tamper)
    assert not verify(ORGANISATION).is_whole and is_found()


def test_a_cut_that_took_what_was_young_shows_beside_the_anchors(committed: None):
    """Whole in itself: who owns the database wrote it as the portal does. The anchors say how long the chain was."""
    write(4)
    years(6)
    write(1)
    anchor_each_day(now=clock.now())
    write(3)  # 6 to 8, after the anchor
    clock.move(days=3)
    checked()

    def take_too_much() -> None:
        forged(7, events().get(position=7).hash)
        events().filter(position__lte=7).delete()

    in_the_database(take_too_much)
    assert verify(ORGANISATION).is_whole
    assert is_found()


def test_an_honest_cut_fits_all_anchors_of_seven_years(committed: None, tmp_path: Path):
    kept = tmp_path / "anchors.txt"
    with kept.open("a") as file:
        for _month in range(7 * 12):
            write(2)
            anchor_each_day(now=clock.now())
            call_command("verify_audit", anchor=True, stdout=file)
            chop()
            clock.move(days=30.5)
    assert positions()[0] > 30
    checked("--against", str(kept))
    call_command("verify_audit", against=str(kept), stdout=(said := StringIO()))
    assert "anchors fit" in said.getvalue()


def test_a_head_that_is_put_back_to_the_cut_shows(committed: None):
    write(4)
    years(6)
    chop()
    write(2)

    def cut_tail() -> None:
        events().filter(position__gt=5).delete()

    in_the_database(cut_tail)
    assert not verify(ORGANISATION).is_whole
    ChainHead.objects.filter(chain=str(ORGANISATION)).update(position=5, hash=events().get(position=5).hash)
    assert verify(ORGANISATION).is_whole, "without an anchor nothing shows: as before there were cuts"
