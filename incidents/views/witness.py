"""Who saw it: asking a colleague, and the page on which that colleague tells it. Nothing of the report stands there."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from incidents.actions.additions import add_witness_statement
from incidents.actions.exclusions import NotAColleague
from incidents.actions.news import mark_seen
from incidents.actions.people import AskedBefore, IsInTheCase, IsKeptOut, ask_witness, link_affected, unlink_affected
from incidents.actions.refusals import Refused
from incidents.actions.trail import record_view
from incidents.forms.additions import ColleagueForm, NothingToTellForm, WitnessForm
from incidents.models import Evidence, Incident, Statement, Witness
from incidents.views.added_files import take_files
from incidents.views.care_answers import care_of_own
from incidents.views.case_persons import people_page
from incidents.views.own_report import own_report
from incidents.views.places import PortalRequest, case_for
from incidents.views.status_page import status_page
from incidents.views.typed import comes_back, is_of_another, keeps_what_is_typed, mark_of_writer, status_of_return
from incidents.vocabulary import NewsKind, StatementBy
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right

# Saying these would tell who has an account, who is kept out, or who was asked by someone else.
NOT_SAID = (NotAColleague, IsKeptOut, IsInTheCase, AskedBefore)


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
def witness(request: PortalRequest, pk: UUID) -> HttpResponse:
    """The page of someone who was asked: what it is about, own words, and nothing else."""
    asked = _asked(request, pk)
    if request.method != "POST" or is_of_another(request):
        return _page(request, asked)
    is_declining = "kind" in request.POST
    form = NothingToTellForm(request.POST) if is_declining else _witness_form(request, asked)
    is_valid = form.is_valid()
    if not comes_back(request) and not is_declining:
        take_files(request, asked.incident, form)
    if comes_back(request) or not is_valid or form.errors:
        return _page(request, asked, status_of_return(request), form)
    try:
        add_witness_statement(witness=asked, addition=form.addition(), by=request.user, now=request.now)
    except Refused as refused:
        form.add_error(None, str(refused))
        return _page(request, asked, 409, form)
    messages.success(request, _("Thank you. The VPD adviser can read it now."))
    return redirect("witness", pk=pk)


@keeps_what_is_typed
@require_POST
def witness_ask(request: PortalRequest, pk: UUID) -> HttpResponse:
    """A person of the report asks a colleague. The answer is the same whether or not the address is known."""
    own = own_report(request, pk)
    if is_of_another(request) or own.is_receipt_only:
        return redirect("report_status", pk=pk)
    form = ColleagueForm(request.POST, auto_id="witness-%s")
    is_valid = form.is_valid()
    if comes_back(request) or not is_valid:
        return status_page(request, own, status_of_return(request), witness_form=form)
    try:
        ask_witness(incident=own.incident, email=form.cleaned_data["email"], by=request.user, now=request.now)
    except NOT_SAID:
        pass
    except Refused as refused:
        form.add_error(None, str(refused))
        return status_page(request, own, 409, witness_form=form)
    messages.success(
        request, _("Thank you. If this is a colleague with an account, they get a mail with the question.")
    )
    return redirect("report_status", pk=pk)


@require_POST
@require(Right.WORK_CASES)
def case_witness(request: PortalRequest, pk: UUID) -> HttpResponse:
    """The desk asks a colleague, and is told when that is not possible."""
    incident = case_for(request, pk)
    form = ColleagueForm(request.POST, auto_id="witness-%s")
    if not form.is_valid():
        return people_page(request, incident, 400, witness_form=form)
    try:
        asked = ask_witness(incident=incident, email=form.cleaned_data["email"], by=request.user, now=request.now)
    except Refused as refused:
        form.add_error("email", str(refused))
        return people_page(request, case_for(request, pk), 409, witness_form=form)
    messages.success(request, _("%(name)s is asked to tell what they saw.") % {"name": asked.user.name})
    return redirect("case_people", pk=pk)


@require_POST
@require(Right.WORK_CASES)
def case_affected(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Link the account of the person hit, or take a wrong one away."""
    incident = case_for(request, pk)
    if request.POST.get("do") == "unlink":
        try:
            unlink_affected(incident=incident, by=request.user, now=request.now, seen=request.POST.get("seen", ""))
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect("case_people", pk=pk)
        messages.success(request, _("The account is taken away. Who reported it sees the report again."))
        return redirect("case_people", pk=pk)
    form = ColleagueForm(request.POST, auto_id="affected-%s")
    if not form.is_valid():
        return people_page(request, incident, 400, affected_form=form)
    try:
        person = link_affected(incident=incident, email=form.cleaned_data["email"], by=request.user, now=request.now)
    except Refused as refused:
        form.add_error("email", str(refused))
        return people_page(request, case_for(request, pk), 409, affected_form=form)
    messages.success(request, _("%(name)s can follow the report now, and is told so.") % {"name": person.name})
    return redirect("case_people", pk=pk)


def _witness_form(request: PortalRequest, asked: Witness) -> WitnessForm:
    return WitnessForm(request.POST, request.FILES, has_told=bool(_told(asked)))


def _asked(request: PortalRequest, pk: UUID) -> Witness:
    """That this person was asked; 404 for anyone else, also for who works on the case."""
    incident = get_object_or_404(Incident.objects.witnessed_by(request.user).select_related("organisation"), pk=pk)
    return Witness.objects.select_related("asked_by", "incident__organisation").get(
        incident=incident, user=request.user
    )


def _page(request: PortalRequest, asked: Witness, status: int = 200, form: object = None) -> HttpResponse:
    incident = asked.incident
    record_view(incident=incident, by=request.user, now=request.now, part="witness")
    if request.method == "GET":
        mark_seen(incident=incident, by=request.user, kinds=[NewsKind.WITNESS_ASKED, NewsKind.CARE], now=request.now)
    told = _told(asked)
    context = {
        "incident": incident,
        "asked": asked,
        "asked_by": _asked_by(asked, request),
        "told": told,
        "files": Evidence.objects.filter(incident=incident, uploaded_by=request.user),
        "form": form if isinstance(form, WitnessForm) else WitnessForm(has_told=bool(told)),
        "nothing_form": form if isinstance(form, NothingToTellForm) else NothingToTellForm(auto_id="nothing-%s"),
        "writer": mark_of_writer(request.user),
        **care_of_own(incident, request),
    }
    return render(request, "incidents/witness.html", context, status=status)


def _asked_by(asked: Witness, request: PortalRequest) -> str:
    """As what the one who asked did so; not the name."""
    incident = asked.incident
    if asked.asked_by_id == incident.affected_id:
        return _("the colleague it happened to")
    if asked.asked_by_id == incident.reporter_id:
        return _("the colleague who reported it")
    return _("the VPD adviser")


def _told(asked: Witness) -> list[Statement]:
    return list(asked.incident.statements.filter(by=asked.user_id, given_as=StatementBy.WITNESS))
