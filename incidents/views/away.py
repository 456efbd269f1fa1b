"""When the database is away, full or just being replaced: an answer that needs none of it, with what was typed."""

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from incidents.views.sent_in_vain import fields_typed, words_among
from incidents.views.signed_out import wants_json

AFTER = 30  # seconds after which it is worth trying again
READ_ONLY = "25006"  # SQLSTATE: what answers is a standby, in the middle of a failover
MISTAKES = ("no such ", "near ")  # SQLite says of a wrong statement too that it is "operational"


def is_away(error: BaseException | None) -> bool:
    """Whether the database is why: gone, shutting down, without room, locked for too long, or not to be written."""
    if isinstance(error, OperationalError):
        return not str(error).startswith(MISTAKES)
    if isinstance(error, InterfaceError):
        return True
    return isinstance(error, DatabaseError) and getattr(error.__cause__, "pgcode", "") == READ_ONLY


def away(request: HttpRequest, number: str) -> HttpResponse:
    """503, and when to try again. What was typed is shown, and is sent again by one button.

    Asks nothing of the database: no session, no person, no navigation.
    """
    if wants_json(request):
        answer: HttpResponse = JsonResponse({"error": _("Not kept yet. Keep this page open: it is tried again.")})
    else:
        typed = fields_typed(request)
        context = {
            "number": number,
            "typed": typed,
            "words": words_among(typed),
            "is_sent": request.method == "POST",
            "has_files": request.method == "POST" and (request.content_type or "").startswith("multipart/"),
            "address": request.get_full_path(),
            "csrf_token": get_token(request),
        }
        answer = HttpResponse(render_to_string("503.html", context))
    answer.status_code = 503
    answer["Retry-After"] = str(AFTER)
    return answer
