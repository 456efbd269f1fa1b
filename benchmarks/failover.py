"""PostgreSQL's primary dies and its replica takes over, while people report: `run.py bench failover`, two minutes.

The portal is told of both servers in one DATABASE_URL and finds the one that may be written. What moves the role is
the work of what fails over (Patroni, an operator); here the replica is promoted in the moment the primary is dead. So
the seconds are what the portal adds to it. Afterwards each report that was acknowledged must be on the new primary.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from django.db import connection
from django.utils import timezone

from benchmarks.figures import Figure, keep, say
from benchmarks.month_rows import NOW
from benchmarks.servers import served
from benchmarks.traffic import Told, Traffic, pages_for
from incidents.models import Incident
from tests import clock
from tests.services import NOBODY, SUPERUSER, Postgres, as_nobody, free_port, own_postgres
from tests.stories.reminders import connected
from tests.world import Place, make_place
from vpdportal.audit.chain import verify
from vpdportal.tenancy import everywhere

LENGTH = float(os.environ.get("LENGTH", "20"))  # seconds before the primary dies, and after
PATIENCE = 60  # seconds in which a report must be acknowledged again
REPORTERS, READ_PACE = 3, 1.0
NAME = "replica"
# As in use, so that what is acknowledged is on both disks: docs/operations.md says the same.
SETTINGS = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "wal_level": "replica"}
ASKED = "target_session_attrs=read-write&connect_timeout=5&keepalives_idle=30&tcp_user_timeout=20000"


class Replica(Postgres):
    """Takes over all that its primary writes, and can become the primary."""

    def __init__(self, primary: Postgres) -> None:
        self.folder, self.port, self.data = primary.folder, free_port(), primary.folder / NAME
        self.binaries, self.process = primary.binaries, None
        self.settings = {**primary.settings, "port": str(self.port)}
        self.data.mkdir(mode=0o700)
        if os.getuid() == 0:
            shutil.chown(self.data, NOBODY, NOBODY)
        line = f"host=127.0.0.1 port={primary.port} user={SUPERUSER} application_name={NAME}"
        how = ["-D", self.data, "-d", line, "-R", "-X", "stream", "-c", "fast", "-C", "-S", NAME]
        self._run("pg_basebackup", *how, cwd=str(self.folder), **as_nobody())

    def promote(self) -> None:
        self._run("pg_ctl", "promote", "-D", self.data, "-s", "-w", cwd=str(self.folder), **as_nobody())


@contextmanager
def followed(primary: Postgres) -> Iterator[Replica]:
    """A replica that has all before the primary says that something is written."""
    replica = Replica(primary)
    replica.start()
    try:
        primary.ask(f"ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 ({NAME})'")
        primary.ask("SELECT pg_reload_conf()")
        yield replica
    finally:
        replica.stop()


def fail_over(primary: Postgres, replica: Replica, folder: Path, place: Place) -> tuple[Told, float, float]:
    """What people were told; seconds of the promotion and until a report came in."""
    shift = str((NOW - timezone.now()).total_seconds())
    url = f"postgres://portal@127.0.0.1:{primary.port},127.0.0.1:{replica.port}/portal?{ASKED}"
    how = {"DJANGO_SETTINGS_MODULE": "benchmarks.served", "CLOCK_SHIFT": shift, "DATABASE_URL": url,
           "EVIDENCE_DIR": str(folder)}  # fmt: skip
    with served("vpdportal.wsgi", "/-/live", **how) as port:
        traffic = Traffic(port)
        for _number in range(REPORTERS):
            traffic.add_reporter(place)
        traffic.add_reader(place.adviser, pages_for(place, "adviser"), READ_PACE)
        traffic.start()
        sleep(LENGTH)
        moment = monotonic()
        primary.stop(signal.SIGQUIT)
        replica.promote()
        promoted = monotonic()
        replica.ask("ALTER SYSTEM SET synchronous_standby_names = ''")  # alone now; a new replica would be named here
        replica.ask("SELECT pg_reload_conf()")
        while (first := traffic.told.first_after(moment)) is None and monotonic() < moment + PATIENCE:
            sleep(0.02)
        recovered = (first or float("inf")) - moment
        sleep(LENGTH)
        traffic.stop()
    return traffic.told, promoted - moment, recovered


def figures(told: Told, promotion: float, recovery: float, place: Place) -> Iterator[Figure]:
    there = set(Incident.objects.values_list("idempotency_key", flat=True))
    lost = set(told.acknowledged) - there
    more = {"pages of failure meanwhile": sum(n for kind, n in told.answers.items() if kind.split()[-1] >= "400")}
    yield Figure("T37", "fail over: acknowledged reports", [len(told.acknowledged)], unit="reports", more=more)
    yield Figure("T37", "fail over: of these lost", [len(lost)], unit="reports", most=0)
    broken = int(not verify(place.organisation.pk).is_whole)
    yield Figure("T37", "fail over: chains of the audit trail that are broken", [broken], unit="chains", most=0)
    yield Figure("T37", "fail over: the replica is promoted", [promotion], unit="s")
    yield Figure("T37", "fail over: until a report comes in", [recovery], unit="s", most=PATIENCE)


def main() -> None:
    clock.set_to(NOW)
    with own_postgres(**SETTINGS) as primary, tempfile.TemporaryDirectory(prefix="vpd-failover-") as name:
        environment = {**os.environ, "DATABASE_URL": primary.url()}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=environment, check=True)
        with followed(primary) as replica, everywhere():
            with connected(primary.url()):
                place = make_place("Plaats", prefix="PL")
                told, promotion, recovery = fail_over(primary, replica, Path(name), place)
                connection.close()
            with connected(replica.url()):
                found = list(figures(told, promotion, recovery, place))
    say(f"{kind}: {number}" for kind, number in sorted(told.answers.items()))
    say(told.unclear[:3])
    say(keep("failover", found, {"seconds": LENGTH * 2, "reporters": REPORTERS}))


if __name__ == "__main__":
    main()
