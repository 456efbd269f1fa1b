"""Eight ways to tamper with the log, the anchors that find the last three, and how fast it is all checked (T30)."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from tests import clock
from vpdportal.audit import append_only
from vpdportal.audit.anchors import anchor_each_day
from vpdportal.audit.chain import START, digest, record, verify
from vpdportal.audit.models import AuditEvent, ChainHead

ORGANISATION = uuid4()
MANY = 100_000


def write(number: int, organisation_id: UUID | None = ORGANISATION) -> None:
    for count in range(number):
        record(
            action="test.done", now=clock.now(), actor_id=None, organisation_id=organisation_id, object_type="thing",
            object_id=uuid4(), fields=[str(count)],
        )  # fmt: skip


def in_the_database(change: Callable[[], Any]) -> None:
    """As someone who owns the database does it: without the triggers."""
    with connection.schema_editor() as editor:
        append_only.unlock(None, editor)
    change()
    with connection.schema_editor() as editor:
        append_only.lock(None, editor)


def events() -> Any:
    return AuditEvent.objects.filter(organisation_id=ORGANISATION)


def edit() -> None:
    events().filter(position=3).update(action="nothing.happened")


def another_time() -> None:
    events().filter(position=3).update(at=clock.now() - timedelta(days=1))


def delete_one() -> None:
    events().filter(position=3).delete()


def insert_one() -> None:
    after = events().get(position=3)
    forged = AuditEvent(
        organisation_id=ORGANISATION, position=4, at=after.at, action="test.done", object_type="thing",
        previous_hash=after.hash,
    )  # fmt: skip
    forged.hash = digest(forged)
    for position in (5, 4):
        events().filter(position=position).update(position=position + 1)
    forged.save(force_insert=True)


def swap_two() -> None:
    events().filter(position=2).update(position=900)
    events().filter(position=3).update(position=2)
    events().filter(position=900).update(position=3)


def cut_tail() -> None:
    events().filter(position__gt=3).delete()


def cut_tail_and_mend_head() -> None:
    cut_tail()
    last = events().get(position=3)
    ChainHead.objects.filter(chain=str(ORGANISATION)).update(position=3, hash=last.hash)


def write_all_anew() -> None:
    previous = START
    for event in events().order_by("position"):
        event.action, event.previous_hash = "nothing.happened", previous
        event.hash = previous = digest(event)
        event.save()
    ChainHead.objects.filter(chain=str(ORGANISATION)).update(hash=previous)


IN_ITSELF = (edit, another_time, delete_one, insert_one, swap_two, cut_tail)
ONLY_BESIDE_ANCHORS = (cut_tail_and_mend_head, write_all_anew)


@pytest.mark.parametrize("tamper", IN_ITSELF, ids=lambda one: one.__name__)
def test_tampering_shows_in_the_chain_itself(committed: None, tamper: Callable[[], None]):
    write(5)
    call_command("verify_audit", stdout=StringIO())
    in_the_database(tamper)
    assert not verify(ORGANISATION).is_whole
    with pytest.raises(CommandError, match="was changed"):
        call_command("verify_audit", stdout=StringIO(), stderr=StringIO())


@pytest.mark.parametrize("tamper", ONLY_BESIDE_ANCHORS, ids=lambda one: one.__name__)
def test_a_chain_that_is_whole_in_itself_is_held_to_its_anchors(
    committed: None, tmp_path: Path, tamper: Callable[[], None]
):
    write(5)
    kept = tmp_path / "anchors.txt"
    with kept.open("w") as file:
        call_command("verify_audit", anchor=True, stdout=file)
    call_command("verify_audit", against=str(kept), stdout=StringIO())
    in_the_database(tamper)
    assert verify(ORGANISATION).is_whole
    call_command("verify_audit", stdout=StringIO())  # without the anchors nothing shows
    errors = StringIO()
    with pytest.raises(CommandError, match="was changed"):
        call_command("verify_audit", against=str(kept), stdout=StringIO(), stderr=errors)
    assert str(ORGANISATION) in errors.getvalue()


@pytest.mark.parametrize("tamper", ONLY_BESIDE_ANCHORS, ids=lambda one: one.__name__)
def test_the_anchors_of_each_day_find_it_too(committed: None, tamper: Callable[[], None]):
    write(5)
    anchor_each_day(now=clock.now())
    in_the_database(tamper)
    with pytest.raises(CommandError, match="was changed"):
        call_command("verify_audit", stdout=StringIO(), stderr=StringIO())


def test_a_day_has_one_anchor_and_the_log_of_the_machine_holds_it(
    committed: None, caplog: pytest.LogCaptureFixture, tmp_path: Path
):
    write(2)
    with caplog.at_level(logging.INFO, logger="vpdportal.audit.anchor"):
        assert anchor_each_day(now=clock.now()) == 2  # this organisation, and the installation that holds its anchor
        clock.move(hours=1)
        assert anchor_each_day(now=clock.now()) == 0
        clock.move(hours=24)
        assert anchor_each_day(now=clock.now()) == 2
    lines = lines_of(caplog)
    assert len(lines) == 4
    machine = tmp_path / "machine.log"
    machine.write_text("".join(f"2026-11-30 04:00:01 INFO vpdportal.audit.anchor {line}\n" for line in lines))
    call_command("verify_audit", against=str(machine), stdout=(said := StringIO()))
    assert "4 anchors fit" in said.getvalue()


def lines_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [row.getMessage() for row in caplog.records if row.name == "vpdportal.audit.anchor"]


def test_anchors_that_broke_off_are_written_by_the_next_call(committed: None, caplog: pytest.LogCaptureFixture):
    """A day of which a part stood in the chain counted as done, and the log of the machine never had its lines."""
    write(2)
    broken = ChainHead.objects.create(chain="of nobody", position=1, hash="0" * 64)  # comes after the organisation's
    with caplog.at_level(logging.INFO, logger="vpdportal.audit.anchor"):
        with pytest.raises(ValueError, match="UUID"):
            anchor_each_day(now=clock.now())
        assert not AuditEvent.objects.filter(organisation_id=None).exists() and not lines_of(caplog)
        broken.delete()
        assert anchor_each_day(now=clock.move(hours=1)) == 2
    assert len(lines_of(caplog)) == 2


@pytest.mark.parametrize(("line", "again"), [(str(ORGANISATION), 2), ("installation", 0)], ids=["first", "last"])
def test_lines_of_a_day_that_was_undone_accuse_nobody(
    committed: None, caplog: pytest.LogCaptureFixture, tmp_path: Path, line: str, again: int
):
    """Killed behind a line of the log: what is done again comes twice, and all of it fits."""

    class Killed(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.getMessage().startswith(line):
                raise KeyboardInterrupt

    write(2)
    handler = Killed()
    with caplog.at_level(logging.INFO, logger="vpdportal.audit.anchor"):
        logging.getLogger().addHandler(handler)  # behind what takes the lines down
        try:
            with pytest.raises(KeyboardInterrupt):
                anchor_each_day(now=clock.now())
        finally:
            logging.getLogger().removeHandler(handler)
        assert line in lines_of(caplog)[-1]
        assert anchor_each_day(now=clock.move(hours=1)) == again
    machine = tmp_path / "machine.log"
    machine.write_text("\n".join(lines_of(caplog)))
    call_command("verify_audit", against=str(machine), stdout=(said := StringIO()))
    assert f"{len(lines_of(caplog))} anchors fit" in said.getvalue()
    assert {one.partition(" ")[0] for one in lines_of(caplog)} == {str(ORGANISATION), "installation"}


def test_a_file_without_anchors_proves_nothing(db: None, tmp_path: Path):
    empty = tmp_path / "empty.txt"
    empty.write_text("nothing here\n")
    for path in (empty, tmp_path / "gone.txt"):
        with pytest.raises(CommandError, match=r"holds no anchor|cannot be read"):
            call_command("verify_audit", against=str(path), stdout=StringIO())


def test_a_removed_head_and_a_removed_chain_show(committed: None, tmp_path: Path):
    write(3)
    kept = tmp_path / "anchors.txt"
    with kept.open("w") as file:
        call_command("verify_audit", anchor=True, stdout=file)
    ChainHead.objects.filter(chain=str(ORGANISATION)).delete()
    with pytest.raises(CommandError):
        call_command("verify_audit", stdout=StringIO(), stderr=StringIO())
    in_the_database(lambda: events().delete())
    call_command("verify_audit", stdout=StringIO())
    with pytest.raises(CommandError):
        call_command("verify_audit", against=str(kept), stdout=StringIO(), stderr=StringIO())


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/St_Johns"])
def test_the_zone_of_the_session_changes_no_hash(db: None, zone: str):
    with timezone.override(ZoneInfo("Europe/Amsterdam")):
        write(3)
    with timezone.override(ZoneInfo(zone)):
        assert verify(ORGANISATION).is_whole
        event = AuditEvent.objects.filter(organisation_id=ORGANISATION).first()
        assert event is not None
        event.at = event.at.astimezone(ZoneInfo(zone))
        assert digest(event) == event.hash


def test_eight_writers_break_no_chain(committed: None):
    def run(_number: int) -> None:
        try:
            write(250)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(run, range(8)))
    assert (verify(ORGANISATION).is_whole, verify(ORGANISATION).events) == (True, 2000)


def test_a_hundred_thousand_events_are_checked_within_ten_seconds(db: None):
    previous, made = START, []
    for position in range(1, MANY + 1):
        event = AuditEvent(
            organisation_id=ORGANISATION, position=position, at=clock.now(), actor_id=ORGANISATION,
            action="incident.viewed", object_type="incident", object_id=ORGANISATION, fields=["case"],
            previous_hash=previous,
        )  # fmt: skip
        event.hash = previous = digest(event)
        made.append(event)
    AuditEvent.objects.bulk_create(made, batch_size=5000)
    ChainHead.objects.create(chain=str(ORGANISATION), position=MANY, hash=previous)
    began = time.process_time()
    assert verify(ORGANISATION).is_whole
    assert time.process_time() - began < 10
