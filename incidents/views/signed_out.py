"""When the session ended, or the page grew too old, while someone was typing: the text comes along."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import Resolver404, ResolverMatch, resolve

from incidents.views.places import PortalRequest
from vpdportal.accounts.signing_in.second_factor import hold_back
from vpdportal.accounts.signing_in.sign_in import SECOND_PROOFS, SignIn, take_second_step, waiting_stage

NOT_TYPED = {"csrfmiddlewaretoken", "username", "password", "next", "resume", *SECOND_PROOFS}
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
        if set(SECOND_PROOFS) & set(request.POST) and waiting_stage(request):
            return self._second_step()
        if "username" in request.POST:
            return super().post(request, *args, **kwargs)
        return self.render_to_response(self.get_context_data(form=self.get_form_class()(request)))

    def form_valid(self, form: Any) -> Any:
        response = super().form_valid(form)
        return self._go_on(response) if self.request.user.is_authenticated else self._second_step() or response

    def _second_step(self) -> Any:
        """The second step at this same address, so that what was typed goes along with it too."""
        stage = waiting_stage(self.request)
        if stage is None:
            return None
        response = take_second_step(self.request, stage, typed=self._typed(), action=self.request.get_full_path())
        return self._go_on(response) if self.request.user.is_authenticated else response

    def _go_on(self, signed_in: Any) -> Any:
        """The form as it was. What signing in would have answered leads elsewhere; its cookies come along."""
        answer = self._form_as_it_was()
        answer.cookies.update(signed_in.cookies)
        return answer

    def _form_as_it_was(self) -> Any:
        request: Any = self.request
        if not set(request.POST) - NOT_TYPED:
            return redirect(request.get_full_path())
        request.POST = request.POST.copy()
        for name in ("username", "password", *SECOND_PROOFS):
            request.POST.pop(name, None)
        request.POST["resume"] = "1"
        get_token(request)
        if held := hold_back(request):
            return held
        found = resolve(request.path)
        return found.func(request, *found.args, **found.kwargs)

    def _typed(self) -> list[tuple[str, Any]]:
        lists = self.request.POST.lists()
        return [(name, value) for name, values in lists if name not in NOT_TYPED for value in values]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"typed": self._typed(), "action": self.request.get_full_path()}

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
