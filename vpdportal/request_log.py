"""One line for each request, where that is wished: what was asked for, how it ended, how long it took. Nothing of whom.

Each request has a number from its first moment on. It stands on the screen when something fails, in every line of the
log that is written meanwhile (LOG_FORMAT=json), and in the header X-Request-ID, so that the proxy can write it too.
"""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from vpdportal.logs import method_of, number_of, of_request, route_of

log = logging.getLogger(__name__)

WATCHING = ("live", "ready", "metrics")  # asked every few seconds, by machines


class RequestLogMiddleware:
    """The line says the pattern of the address and not the address, which may hold a secret or what someone typed.

    `ms`: until the answer was there. A file that goes out in pieces takes longer.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        with of_request(number_of(request)):
            response = self.get_response(request)
            if _is_told(request):
                facts = {
                    "method": method_of(request),
                    "route": route_of(request),
                    "status": response.status_code,
                    "ms": round((time.perf_counter() - began) * 1000),
                }
                log.info("%(method)s %(route)s %(status)s %(ms)s ms", facts, extra={"facts": facts})
        response.headers["X-Request-ID"] = number_of(request)
        return response


def _is_told(request: HttpRequest) -> bool:
    """Not what machines ask every few seconds, nor the style of each page."""
    found = request.resolver_match
    return (
        settings.LOG_REQUESTS
        and not request.path.startswith(settings.STATIC_URL)
        and not (found and found.url_name in WATCHING)
    )
