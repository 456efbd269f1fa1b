from django.apps import AppConfig
from django.core.checks import Tags, register

from vpdportal.safe_start.database_checks import check_database
from vpdportal.safe_start.line_checks import check_lines
from vpdportal.safe_start.settings_checks import check_evidence_store, refuse_unsafe_settings


class SafeStartConfig(AppConfig):
    name = "vpdportal.safe_start"
    label = "safe_start"

    def ready(self) -> None:
        register(check_evidence_store, Tags.files, deploy=True)
        register(check_database, Tags.database)
        register(check_lines, Tags.security, deploy=True)
        refuse_unsafe_settings()
