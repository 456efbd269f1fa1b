from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.module_loading import import_string


class DemoConfig(AppConfig):
    name = "vpdportal.demo"
    label = "demo"

    def ready(self) -> None:
        """The checks read models, which exist only now: hence by name."""
        register(import_string("vpdportal.demo.checks.no_demo_data_outside"), Tags.database)
        import_string("vpdportal.demo.checks.refuse_production")()
