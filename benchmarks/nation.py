"""A nation's rows: 400 organisations with 300,000 people, and as many reports with all that grows from them as asked.

The database makes them by itself from one row of each kind. As the server's superuser, over two lines, with the indexes
built afterwards where they are very many: `PER_REPORT` says how many rows a report brings, counted in real use of a
case from its report to its end. Ids are made of numbers, so that no table has to be asked what another one holds.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg2
from django.db import connection

from benchmarks.month_rows import DAYS, DEPARTMENTS, LONG_AGO, NOW, STAFF, Town, any_of, copies_of, templates_of
from guidance.card import Card
from guidance.vocabulary import Behaviour, Channel, Severity, TargetGroup
from incidents.models import Incident, Measure, Task
from tests.services import SUPERUSER
from vpdportal.accounts.models import Department, Membership, Organisation, User
from vpdportal.accounts.roles import Role
from vpdportal.tenancy import everywhere

ORGANISATIONS, PEOPLE = 400, 300_000
UNEVEN = 20  # the largest organisation has 1.6 % of all people, the smallest 0.08 %
PER_REPORT = {"measure": 12, "task": 8, "notice": 12, "timelineentry": 10, "auditevent": 15, "mail": 3}
OPEN_DAYS, OPEN_LATER = 30, 0.03  # all of the last days are open, and this share of what came before
STORY = "Hij riep dat hij wist waar ik woon, sloeg op de balie en gooide een stoel om. " * 5
MANY = 50_000  # reports from which on it is quicker to build the indexes afterwards
TABLES = ("incidents_incident", "incidents_measure", "incidents_task", "incidents_notice", "incidents_timelineentry",
          "incidents_mail", "incidents_casewords", "audit_auditevent")  # fmt: skip
# As in use, with memory as a machine for a nation has it; the rows come in faster than a checkpoint can follow.
SETTINGS = {
    "fsync": "on", "full_page_writes": "on", "autovacuum": "off", "synchronous_commit": "on",
    "shared_buffers": "2GB", "effective_cache_size": "8GB", "max_wal_size": "16GB", "checkpoint_timeout": "30min",
}  # fmt: skip
STEPS = ("assigned", "halfway", "overdue")


class Nation:
    """All other organisations of the installation. `size`: their reports so far; `largest`: with most people."""

    def __init__(self) -> None:
        self.size = 0
        with everywhere():
            towns = [_organisation(number) for number in range(ORGANISATIONS)]
            self.largest = Town(towns[0], {Role.ADVISER: User.objects.get(email="adviser@gemeente-0.invalid")})
            case, measure, task = templates_of(self.largest)
            case.story = STORY
            case.save(update_fields=["story"])
        self._templates: dict[type, Any] = {Incident: case.pk, Measure: measure.pk, Task: task.pk}
        _in_order([_people()])

    def grow(self, size: int) -> None:
        """Until the organisations have so many reports together."""
        fresh = size - self.size
        if fresh <= 0:
            return
        with without_indexes() if fresh >= MANY else _as_they_are():
            _in_order([self._cases(fresh)])
            ours, theirs = self._work(), self._traces()
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(_in_order, (ours, theirs)))
        _in_order([HEADS])
        self.size = size

    def _cases(self, fresh: int) -> str:
        template = self._templates[Incident]
        closed = "moment < %(since)s AND chance > %(open)s"
        changed = {
            "id": "f.id",
            "organisation_id": "f.organisation_id",
            "reporter_id": "f.reporter_id",
            "adviser_id": "f.adviser_id",
            "department_id": "f.department_id",
            "idempotency_key": "md5('key' || f.number)::uuid",
            "reference": "'N-' || f.number",
            "reported_at": "f.moment",
            "touched_at": "f.moment + f.chance * interval '5 days'",
            "occurred_at": "f.moment - interval '3 hours'",
            "main_behaviour": any_of(Behaviour.values),
            "channel": any_of(Channel.values),
            "target_group": any_of(TargetGroup.values),
            "severity": any_of(list(Severity.values)),
            "status": "CASE WHEN f.is_open THEN 'in_progress' ELSE 'closed' END",
            "closed_at": "CASE WHEN NOT f.is_open THEN f.moment + interval '25 days' * f.chance END",
            "closed_by_id": "CASE WHEN NOT f.is_open THEN f.adviser_id END",
        }
        return f"""
            TRUNCATE bench_fresh;
            INSERT INTO bench_fresh SELECT md5('case' || drawn.number)::uuid, drawn.number, p.organisation_id,
                p.user_id, p.adviser_id, p.department_id, moment, chance, NOT ({closed})
            FROM (SELECT number, floor(random() * {PEOPLE})::int AS person, random() AS chance,
                    %(now)s::timestamptz - random() * interval '{DAYS} days' AS moment
                FROM generate_series({self.size + 1}, {self.size + fresh}) AS number) AS drawn
            JOIN bench_people p ON p.number = drawn.person;
            {copies_of(Incident, template, changed, "bench_fresh AS f")}"""

    def _work(self) -> list[str]:
        """What the desk has to do in each: advice, tasks, and when to tell of them."""
        codes, card = _codes(), f"'{Card.default().version}'"
        each = f"bench_fresh AS f, generate_series(1, {PER_REPORT['measure']}) AS n"
        measure = {
            "id": _id("measure", "n"), "incident_id": "f.id", "organisation_id": "f.organisation_id", "code": codes,
            "due_at": "f.moment + n * interval '2 days'", "advised_at": "f.moment", "menu_version": card,
        }  # fmt: skip
        ended = "CASE WHEN {} THEN f.moment + n * f.chance * interval '3 days' END"
        is_done = "(NOT f.is_open OR n <= 4)"
        task = {
            "id": _id("task", "n"), "incident_id": "f.id", "organisation_id": "f.organisation_id", "code": codes,
            "measure_id": _id("measure", "n"), "due_at": "f.moment + n * interval '2 days'", "assigned_at": "f.moment",
            "assignee_id": "f.adviser_id", "menu_version": card, "finished_at": ended.format(is_done),
            "finished_by_id": f"CASE WHEN {is_done} THEN f.adviser_id END",
            "status": f"CASE WHEN {is_done} THEN 'done' ELSE 'open' END",
        }  # fmt: skip
        tasks = each.replace(str(PER_REPORT["measure"]), str(PER_REPORT["task"]))
        told = "CASE WHEN mod(n, 4) = 1 THEN " + _id("mail", "n / 4 + 1") + " END"
        notice = f"""
            INSERT INTO incidents_notice (id, organisation_id, task_id, step, day, recipient_id, due_at, send_at,
                mail_id, cancelled_at)
            SELECT {_id("notice", "n")}, f.organisation_id, {_id("task", f"mod(n, {PER_REPORT['task']}) + 1")},
                (ARRAY{list(STEPS)})[1 + n / 5], (f.moment + n * interval '1 day')::date, f.adviser_id,
                f.moment + n * interval '1 day', f.moment + n * interval '1 day', {told},
                CASE WHEN mod(n, 4) <> 1 AND (NOT f.is_open OR f.moment + n * interval '1 day' < %(now)s)
                    THEN f.moment + n * interval '1 day' END
            FROM bench_fresh AS f, generate_series(1, {PER_REPORT["notice"]}) AS n"""
        return [
            copies_of(Measure, self._templates[Measure], measure, each),
            copies_of(Task, self._templates[Task], task, tasks),
            notice,
        ]

    def _traces(self) -> list[str]:
        """What is written beside it: the timeline, the audit trail, mails, and the words by which it is found."""
        return [
            f"""INSERT INTO incidents_timelineentry (id, organisation_id, incident_id, at, kind, by_id, code, step,
                    menu_version)
                SELECT {_id("timeline", "n")}, f.organisation_id, f.id, f.moment + n * f.chance * interval '2 days',
                    'note_added', f.adviser_id, '', 0, '' FROM bench_fresh AS f,
                    generate_series(1, {PER_REPORT["timelineentry"]}) AS n""",
            f"""INSERT INTO audit_auditevent (id, organisation_id, position, at, actor_id, action, object_type,
                    object_id, fields, previous_hash, hash)
                SELECT {_id("event", "n")}, f.organisation_id, f.number * 100::bigint + n, f.moment, f.adviser_id,
                    'incident.viewed', 'incident', f.id, '[]', repeat(md5(f.number::text), 2),
                    repeat(md5(n::text), 2)
                FROM bench_fresh AS f, generate_series(1, {PER_REPORT["auditevent"]}) AS n""",
            f"""INSERT INTO incidents_mail (id, recipient_id, created_at, kind, day, status, attempts,
                    next_attempt_at, finished_at, trouble, failure)
                SELECT {_id("mail", "n")}, f.adviser_id, f.moment, 'at_once', f.moment::date, 'sent', 1, f.moment,
                    f.moment, '', '' FROM bench_fresh AS f, generate_series(1, {PER_REPORT["mail"]}) AS n""",
            """INSERT INTO incidents_casewords (incident_id, organisation_id, digests)
                SELECT f.id, f.organisation_id, (SELECT jsonb_agg(DISTINCT substr(md5(f.organisation_id::text
                    || floor(power(random(), 2) * 4000 + s * 0)), 1, 12)) FROM generate_series(1, 25) AS s)
                FROM bench_fresh AS f""",
        ]


HEADS = """
    INSERT INTO audit_chainhead (chain, position, hash)
    SELECT organisation_id::text, max(position), repeat('0', 64) FROM audit_auditevent
    WHERE organisation_id IN (SELECT DISTINCT organisation_id FROM bench_fresh) GROUP BY 1
    ON CONFLICT (chain) DO UPDATE SET position = excluded.position"""


def _organisation(number: int) -> Organisation:
    slug = f"gemeente-{number}"
    organisation = Organisation.objects.create(
        name=f"Gemeente {number}", slug=slug, kind="municipality", reference_prefix="GM"
    )
    Department.objects.bulk_create(
        Department(organisation=organisation, name=f"Afdeling {one}", headcount=STAFF) for one in range(DEPARTMENTS)
    )
    adviser = User.objects.create(email=f"adviser@{slug}.invalid", name=f"VPD-adviseur {number}", password="!")
    Membership.objects.create(organisation=organisation, user=adviser, role=Role.ADVISER, starts_on=LONG_AGO)
    return organisation


def _people() -> str:
    """The people of all organisations, who work in one of their departments; numbered, to be drawn from."""
    with everywhere():
        model = User.objects.get(email="adviser@gemeente-0.invalid")
        member = Membership.objects.get(user=model)
    user = {
        "id": "p.user_id", "email": "'iemand.' || p.number || '@gemeente.invalid'", "name": "'Iemand ' || p.number",
    }  # fmt: skip
    place = {
        "id": "md5('member' || p.number)::uuid", "organisation_id": "p.organisation_id", "user_id": "p.user_id",
        "role": "'employee'", "department_id": "p.department_id",
    }  # fmt: skip
    return f"""
        CREATE UNLOGGED TABLE bench_fresh (id uuid, number bigint, organisation_id uuid, reporter_id uuid,
            adviser_id uuid, department_id uuid, moment timestamptz, chance float, is_open boolean);
        CREATE UNLOGGED TABLE bench_people AS
            WITH weights AS (
                SELECT o.id, m.user_id AS adviser, substr(o.slug, 10)::int AS rank,
                    array(SELECT d.id FROM accounts_department d WHERE d.organisation_id = o.id) AS departments
                FROM accounts_organisation o JOIN accounts_membership m ON m.organisation_id = o.id
                WHERE o.slug ~ '^gemeente-[0-9]+$'
            ), spans AS (
                SELECT *, sum(1.0 / (rank + {UNEVEN})) OVER (ORDER BY rank) / sum(1.0 / (rank + {UNEVEN})) OVER ()
                    AS until FROM weights
            ), reach AS (
                SELECT *, coalesce(lag(until) OVER (ORDER BY rank), 0) AS since FROM spans
            )
            SELECT number, md5('person' || number)::uuid AS user_id, id AS organisation_id, adviser AS adviser_id,
                departments[1 + mod(number, {DEPARTMENTS})] AS department_id
            FROM reach, generate_series(floor(since * {PEOPLE})::int, floor(until * {PEOPLE})::int - 1) AS number;
        CREATE UNIQUE INDEX ON bench_people (number);
        {copies_of(User, model.pk, user, "bench_people AS p")};
        {copies_of(Membership, member.pk, place, "bench_people AS p")}"""


def _id(kind: str, number: str) -> str:
    return f"md5('{kind}' || f.number || '-' || ({number}))::uuid"


def _codes() -> str:
    """The n-th of as many different codes of the menu as a report gets advice."""
    codes = sorted(Card.default().every)[: PER_REPORT["measure"]]
    return f"(ARRAY{codes})[n]"


# --- the server's own line -------------------------------------------------------------------------------------------


def _line() -> Any:
    """As the superuser: no policy, no trigger, and nothing waits for the disk."""
    found = connection.settings_dict
    line = psycopg2.connect(host=found["HOST"], port=found["PORT"], dbname=found["NAME"], user=SUPERUSER)
    line.autocommit = True
    with line.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET synchronous_commit = off; SET work_mem = '256MB'")
        cursor.execute("SET maintenance_work_mem = '512MB'; SELECT setseed(0.2026)")
    return line


def _in_order(statements: Iterable[str]) -> None:
    """One after the other."""
    values = {"now": NOW, "since": NOW - timedelta(days=OPEN_DAYS), "open": OPEN_LATER}
    line = _line()
    with line.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values)
    line.close()


@contextmanager
def _as_they_are() -> Iterator[None]:
    yield


@contextmanager
def without_indexes() -> Iterator[None]:
    """Inside, the large tables have only their primary keys; afterwards all that they had."""
    line = _line()
    with line.cursor() as cursor:
        cursor.execute(
            """SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c
               WHERE c.contype = 'u' AND c.conrelid::regclass::text = ANY(%s)""",
            [list(TABLES)],
        )
        constraints = cursor.fetchall()
        cursor.execute(
            """SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
               FROM pg_index i WHERE i.indrelid::regclass::text = ANY(%s) AND NOT EXISTS
               (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u'))""",
            [list(TABLES)],
        )
        indexes = cursor.fetchall()
        for table, name, _rule in constraints:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for _table, name, _rule in indexes:
            cursor.execute(f"DROP INDEX {name}")
    line.close()
    yield
    again = [f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {rule}' for table, name, rule in constraints]
    again += [rule for _table, _name, rule in indexes]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda statement: _in_order([statement.replace("%", "%%")]), again))
