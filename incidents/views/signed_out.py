"""When the session ended, or the page grew too old, while someone was typing: the text comes along."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import Resolver404, ResolverMatch, resolve

from incidents.views.places import PortalRequest
from vpdportal.accounts.views import SignIn

NOT_TYPED = {"csrfmiddlewaretoken", "username", "password", "next", "resume"}
# A report keeps what is typed by itself (views/keeping.py); other pages say so with `keeps_what_is_typed`.
REPORTING = frozenset({"report", "report_step", "near_miss"})


class SignInAndGoOn(SignIn):
    """Sign in here, and the form comes back as it was.

    What was typed goes along in hidden fields of this page: nothing is kept for a stranger. Only the author of the
    draft, or who opened the first page (a signed mark in it says who), gets it back.
    """

    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = False

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "username" in request.POST:
            return super().post(request, *args, **kwargs)
        return self.render_to_response(self.get_context_data(form=self.get_form_class()(request)))

    def form_valid(self, form: Any) -> Any:
        from_before = self.request.POST
        super().form_valid(form)
        if not set(from_before) - NOT_TYPED:
            return redirect(self.request.get_full_path())
        request: Any = self.request
        request.POST = from_before.copy()
        request.POST["resume"] = "1"
        get_token(request)
        found = resolve(request.path)
        return found.func(request, *found.args, **found.kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        typed = [
            (name, value) for name, values in self.request.POST.lists() if name not in NOT_TYPED for value in values
        ]
        return super().get_context_data(**kwargs) | {"typed": typed, "action": self.request.get_full_path()}

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:
        return self.request.path


def sign_in_and_go_on(request: HttpRequest) -> HttpResponseBase:
    """The sign-in page in place of the form; a page that keeps by itself is told that the session ended."""
    if wants_json(request):
        return JsonResponse({"error": "signed_out"}, status=401)
    return SignInAndGoOn.as_view()(request)


def _is_writing(found: ResolverMatch) -> bool:
    """Whether people type long at this address, so that an old page is no reason to lose it."""
    return found.url_name in REPORTING or getattr(found.func, "keeps_what_is_typed", False)


def wants_json(request: HttpRequest) -> bool:
    return request.headers.get("accept", "") == "application/json"


def csrf_failure(request: PortalRequest, reason: str = "") -> HttpResponseBase:
    """A form from an old page. What was typed comes back whole, to be sent again; nothing is changed meanwhile."""
    try:
        found = resolve(request.path)
    except Resolver404:
        found = None
    if found is None or not _is_writing(found) or request.method != "POST":
        return render(request, "403_csrf.html", status=403)
    if wants_json(request):
        return JsonResponse({"error": "old_page"}, status=403)
    get_token(request)
    if request.user.is_authenticated:
        request.is_old_page = True  # type: ignore[attr-defined]
        return found.func(request, *found.args, **found.kwargs)
    view = SignInAndGoOn()
    view.setup(request)
    return view.render_to_response(view.get_context_data(form=view.get_form_class()(request)), status=403)
