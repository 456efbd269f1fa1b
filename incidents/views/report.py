"""For who was hit: reporting, hearing back, and what happens next."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from incidents.actions.evidence import keep_evidence, waiting_evidence
from incidents.actions.refusals import Refused
from incidents.actions.report import submit_report
from incidents.actions.trail import record_view
from incidents.forms.report import ReportForm
from incidents.models import Evidence, Incident, Task
from incidents.views.places import PortalRequest
from incidents.vocabulary import SHOWN_TO_REPORTER
from vpdportal.accounts.access import duty_adviser, require, standing
from vpdportal.accounts.roles import Right
from vpdportal.accounts.views import SignIn

OWNER = Signer(salt="report-form-owner")


@require_safe
def home(request: PortalRequest) -> HttpResponse:
    """Where each person starts: the desk for an adviser, the report for everyone else."""
    here = standing(request.user, request.now)
    if here.may(Right.WORK_CASES) and "start" not in request.GET:
        return redirect("work_list")
    organisations = here.organisations(Right.REPORT)
    own = Incident.objects.own(request.user).select_related("organisation").only(*_LISTED)
    context = {
        "here": here,
        "places": [(organisation, duty_adviser(organisation.pk, request.now)) for organisation in organisations],
        "page": Paginator(own, 10).get_page(request.GET.get("page")),
    }
    return render(request, "incidents/home.html", context)


_LISTED = ("reference", "main_behaviour", "status", "reported_at", "reporter_id", "organisation__name")


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


@require_safe
def status(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Receipt and status, for who reported it and for whom it is about."""
    incident = get_object_or_404(Incident.objects.own(request.user).select_related("organisation", "reporter"), pk=pk)
    record_view(incident=incident, by=request.user, now=request.now, part="status")
    is_for_other = incident.affected_id is not None and incident.affected_id != request.user.pk
    upcoming = Task.objects.unfinished().filter(incident=incident, code__in=("R03", "N02", "N03", "N04", "N06"))
    context = {
        "incident": incident,
        "is_receipt_only": is_for_other,
        "adviser": duty_adviser(incident.organisation_id, request.now),
        "happened": [] if is_for_other else incident.timeline.filter(kind__in=SHOWN_TO_REPORTER).order_by("at", "id"),
        "upcoming": [] if is_for_other else upcoming,
        "files": Evidence.objects.filter(incident=incident, uploaded_by=request.user),
    }
    return render(request, "incidents/report_status.html", context)


@require_safe
def door(request: PortalRequest, pk: UUID) -> HttpResponse:
    """The one link that a mail carries: it leads each person to the page that is theirs, and a stranger nowhere."""
    here = standing(request.user, request.now)
    task = Task.objects.visible_to(request.user, request.now).filter(incident=pk, assignee=request.user)
    first = task.unfinished().first()
    incident = Incident.objects.visible_to(request.user, request.now).filter(pk=pk).first()
    if incident and here.may(Right.WORK_CASES, incident.organisation_id):
        return redirect("case", pk=pk)
    if first:
        return redirect("task", pk=first.pk)
    if incident and request.user.pk in {incident.reporter_id, incident.affected_id}:
        return redirect("report_status", pk=pk)
    if incident:
        return redirect("team")
    raise Http404


@require_safe
@require(Right.SEE_TEAM)
def team(request: PortalRequest) -> HttpResponse:
    """A manager's department: what was reported and how far it is, where the reporter allows it. No story."""
    reports = Incident.objects.of_team(request.user, request.now).select_related("department", "reporter", "affected")
    listed = reports.only(
        "reference",
        "main_behaviour",
        "severity",
        "status",
        "reported_at",
        "department__name",
        "reporter__name",
        "affected__name",
    )
    return render(request, "incidents/team.html", {"page": Paginator(listed, 25).get_page(request.GET.get("page"))})
