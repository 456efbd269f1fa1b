from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured

from guidance.menu_file import MenuError, load_menu


class GuidanceConfig(AppConfig):
    name = "guidance"

    def ready(self) -> None:
        """Read the menu when a process starts: a broken one stops it here, not in the middle of somebody's report."""
        try:
            load_menu()
        except MenuError as error:
            raise ImproperlyConfigured(str(error)) from None
