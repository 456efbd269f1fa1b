"""Words of ours that are stored beside those of people: in the language of the organisation, not of who pressed."""

from contextlib import AbstractContextManager

from django.conf import settings
from django.utils import translation


def in_stored_language() -> AbstractContextManager[None]:
    """Within it, what is translated is in the language in which texts of ours are kept."""
    return translation.override(settings.LANGUAGE_CODE)
