"""Pages for when something went wrong. They say what to do and tell nothing about what was asked for."""

import sys
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from incidents.views.away import away, is_away
from incidents.views.sent_in_vain import words_of_sender
from vpdportal.logs import number_of

# Asks nothing of what may be broken: no database, no session, no template, no translation.
BARE = """<!doctype html>
<html lang="nl"><head><meta charset="utf-8"><title>Er ging bij ons iets mis</title></head><body>
<h1>Er ging bij ons iets mis</h1>
<p>Wat u verstuurde, is misschien niet aangekomen. Ga terug, kopieer uw tekst en probeer het straks opnieuw.</p>
<p>Heeft het haast? Bel uw VPD-adviseur. Geef dit nummer door als u belt: <strong>{number}</strong></p>
<p lang="en">Something went wrong on our side. Go back, copy your text and try again in a minute.</p>
</body></html>"""


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    is_too_much = isinstance(exception, RequestDataTooBig | TooManyFieldsSent)
    return render(request, "400.html", {"is_too_much": is_too_much}, status=413 if is_too_much else 400)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return render(request, "403.html", {"words": words_of_sender(request)}, status=403)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return render(request, "404.html", {"words": words_of_sender(request)}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """With the number under which it stands in the log; a bare page where even ours cannot be made.

    503 where the database is why: then it is worth trying again, and what was typed comes back.
    """
    number = number_of(request)
    try:
        if is_away(sys.exception()):
            return away(request, number)
        return render(request, "500.html", {"number": number}, status=500)
    except Exception:  # noqa: BLE001  the database, a template or a middleware may be what is broken
        return HttpResponse(BARE.format(number=number), status=500)
