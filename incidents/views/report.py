"""For who was hit: reporting, hearing back, and what happens next."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from incidents.actions.evidence import keep_evidence, waiting_evidence
from incidents.actions.refusals import Refused
from incidents.actions.report import submit_report
from incidents.forms.report import ReportForm
from incidents.views.places import PortalRequest
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.roles import Right
from vpdportal.accounts.views import SignIn

OWNER = Signer(salt="report-form-owner")


@login_not_required  # an ended session must not cost the text: see SignInAndGoOn
@require_http_methods(["GET", "HEAD", "POST"])
def new_report(request: PortalRequest) -> HttpResponseBase:
    if not request.user.is_authenticated:
        return SignInAndGoOn.as_view()(request)
    return _report(request)


@require(Right.REPORT)
def _report(request: PortalRequest) -> HttpResponse:
    if request.method != "POST":
        return _form_page(request, _empty_form(request))
    if not _is_own(request):
        messages.warning(request, _("This form was opened by someone else, so it was not sent. Start a new one."))
        return _form_page(request, _empty_form(request))
    form = _bound_form(request)
    is_valid = form.is_valid()
    _keep_files(request, form)
    if request.POST.get("resume") or not is_valid or form.errors:
        return _form_page(request, form, 200 if request.POST.get("resume") else 400)
    try:
        incident = submit_report(
            report=form.report(), idempotency_key=form.cleaned_data["key"], by=request.user, now=request.now
        )
    except Refused as refused:
        form.add_error(None, str(refused))
        return _form_page(request, form, 409)
    messages.success(request, _("Thank you for reporting this. It has come in safely."))
    return redirect("report_status", pk=incident.pk)


class SignInAndGoOn(SignIn):
    """The session ended while someone was typing: sign in here, and the form comes back as it was.

    What was typed goes along in hidden fields of this page: nothing is kept for a stranger. Only the person who
    opened the form gets it back (a signed mark in the form says who).
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
        request: Any = self.request
        if not from_before.get("key"):
            return redirect("report")
        request.POST = from_before.copy()
        request.POST["resume"] = "1"
        get_token(request)
        return _report(request)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        typed = [
            (name, value)
            for name, values in self.request.POST.lists()
            if name not in {"csrfmiddlewaretoken", "username", "password", "next", "resume"}
            for value in values
        ]
        return super().get_context_data(**kwargs) | {"typed": typed, "action": self.request.path}

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:
        return self.request.path


def csrf_failure(request: PortalRequest, reason: str = "") -> HttpResponse:
    """A form from an old page. A report comes back whole, to be sent again; anything else says what to do."""
    is_report = request.path == reverse("report") and request.method == "POST"
    if is_report and request.user.is_authenticated and _is_own(request):
        get_token(request)
        form = _bound_form(request)
        form.is_valid()
        messages.warning(request, _("This page was open for long. Nothing is lost: check it and send it again."))
        return _form_page(request, form, 403)
    if is_report and not request.user.is_authenticated:
        get_token(request)
        view = SignInAndGoOn()
        view.setup(request)
        return view.render_to_response(view.get_context_data(form=view.get_form_class()(request)), status=403)
    return render(request, "403_csrf.html", status=403)


def _bound_form(request: PortalRequest) -> ReportForm:
    organisations = standing(request.user, request.now).organisations(Right.REPORT)
    return ReportForm(request.POST, request.FILES, user=request.user, organisations=organisations, now=request.now)


def _empty_form(request: PortalRequest) -> ReportForm:
    here = standing(request.user, request.now)
    department = next((m.department for m in here.memberships if m.department), None)
    return ReportForm(
        user=request.user,
        organisations=here.organisations(Right.REPORT),
        now=request.now,
        initial=ReportForm.first_values(now=request.now, department=department),
    )


def _form_page(request: PortalRequest, form: ReportForm, status: int = 200) -> HttpResponse:
    key = form["key"].value()
    context = {
        "form": form,
        "owner": OWNER.sign(str(request.user.pk)),
        "files": waiting_evidence(by=request.user, form_key=key) if _is_uuid(key) else [],
        "places": standing(request.user, request.now).organisations(Right.REPORT),
        "is_single": len(standing(request.user, request.now).organisations(Right.REPORT)) == 1,
    }
    return render(request, "incidents/report.html", context, status=status)


def _is_own(request: HttpRequest) -> bool:
    """Whether this person opened the form that was sent: what another typed is not shown to the next one."""
    try:
        return OWNER.unsign(request.POST.get("owner", "")) == str(request.user.pk)
    except BadSignature:
        return False


def _is_uuid(value: object) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True


def _keep_files(request: PortalRequest, form: ReportForm) -> None:
    """Keep each file that came with the form, also when something else has to be mended first."""
    key, organisation = form.cleaned_data.get("key"), form.cleaned_data.get("organisation")
    if not key or not organisation:
        return
    for upload in form.cleaned_data.get("evidence") or []:
        try:
            keep_evidence(upload=upload, organisation=organisation, by=request.user, form_key=key, now=request.now)
        except Refused as refused:
            form.add_error("evidence", f"{upload.name}: {refused}")
