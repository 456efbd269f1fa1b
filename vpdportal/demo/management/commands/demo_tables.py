"""manage.py demo_tables: write out again which tables the migrations make, after one was added."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from vpdportal.demo.tables import FILE, written_out


class Command(BaseCommand):
    help = "Write the tables of an empty demonstration to vpdportal/demo/tables.sql, as the migrations make them."

    def handle(self, *args: Any, **options: Any) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "empty.sqlite3"
            environment = {**os.environ, "DATABASE_URL": f"sqlite:///{file}"}
            migrate = [sys.executable, "manage.py", "migrate", "-v0"]
            subprocess.run(migrate, cwd=settings.BASE_DIR, env=environment, check=True)
            FILE.write_text(written_out(file))
        self.stdout.write(f"Written: {FILE.name}")
