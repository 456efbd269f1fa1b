"""What someone typed in a form that could not be taken: a page that fails gives it back."""

import re
from collections.abc import Iterable

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError

SECRET = re.compile("password|passcode|secret|code$|credential", re.IGNORECASE)  # names of fields that are not repeated


def fields_typed(request: HttpRequest) -> list[tuple[str, str]]:
    """Names and values of the form; nothing of one that asks for a secret, or that did not come in whole."""
    try:
        lists = list(request.POST.lists())
    except (OSError, BadRequest, MultiPartParserError, SuspiciousOperation):
        return []
    if any(SECRET.search(name) for name, _values in lists):
        return []
    return [(name, str(one)) for name, values in lists if name != "csrfmiddlewaretoken" for one in values]


def words_among(fields: Iterable[tuple[str, str]]) -> list[str]:
    """What of it someone would have to write again: more than one word."""
    return [value for _name, value in fields if len(value.split()) > 1]


def words_of_sender(request: HttpRequest) -> list[str]:
    """The words that this person sent just now, to a page of ours that may not be theirs any more.

    Nothing that came along from before they signed in, as another may have typed that; and nothing that another site
    can send with their session.
    """
    found = request.resolver_match
    if request.method != "POST" or found is None or getattr(found.func, "csrf_exempt", False):
        return []
    if not request.user.is_authenticated or getattr(request, "is_old_page", False):
        return []
    fields = fields_typed(request)
    came_along = any(name == "resume" for name, _value in fields)
    return [] if came_along else words_among(fields)
