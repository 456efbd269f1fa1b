"""Messages and questions: the own thread of a person of the case, and what the desk sends from the case page."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from incidents.actions.advice import advice_for
from incidents.actions.exclusions import decides_who_sees
from incidents.actions.messages import answer_question, ask_person, open_questions, write_to_desk, write_to_person
from incidents.actions.news import mark_thread_seen
from incidents.actions.refusals import Refused
from incidents.actions.trail import record_view
from incidents.forms.messages import AnswerForm, MessageForm, QuestionForm
from incidents.forms.questions import FactsForm
from incidents.models import Incident, Message
from incidents.views.case_messages import messages_page
from incidents.views.places import PortalRequest, case_for, followed_for
from incidents.views.threads import is_about, own_lines, person_in, split
from incidents.views.typed import comes_back, is_of_another, keeps_what_is_typed, mark_of_writer, status_of_return
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
def thread(request: PortalRequest, pk: UUID) -> HttpResponse:
    """The own thread: what this person and the desk wrote each other. Nobody else's."""
    incident = followed_for(request, pk)
    if request.method != "POST" or is_of_another(request):
        return _thread_page(request, incident)
    form = MessageForm(request.POST)
    is_valid = form.is_valid()
    if comes_back(request) or not is_valid:
        return _thread_page(request, incident, status_of_return(request), form=form)
    try:
        write_to_desk(incident=incident, by=request.user, now=request.now, **form.cleaned_data)
    except Refused as refused:
        form.add_error(None, str(refused))
        return _thread_page(request, incident, 409, form=form)
    messages.success(request, _("Your message is sent. Your adviser reads it, and you find the answer here."))
    return redirect("messages", pk=pk)


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: PortalRequest, pk: UUID, message_pk: UUID) -> HttpResponse:
    """One question to this person, with the form of its answer."""
    incident = followed_for(request, pk)
    asked = get_object_or_404(Message, pk=message_pk, incident=incident, person=request.user, is_question=True)
    if request.method != "POST" or is_of_another(request):
        return _question_page(request, asked, _answer_form(request, incident, asked, None))
    form = _answer_form(request, incident, asked, request.POST)
    is_valid = form.is_valid()
    if comes_back(request) or not is_valid:
        return _question_page(request, asked, form, status_of_return(request))
    try:
        sent = answer_question(
            question=asked,
            answers=form.answers(),
            text=form.words(),
            form_key=form.cleaned_data["form_key"],
            by=request.user,
            now=request.now,
        )
    except Refused as refused:
        form.add_error(None, str(refused))
        return _question_page(request, asked, form, 409)
    if sent.answers_id is None:
        messages.info(request, _("You answered this question before. What you wrote now is sent as a message."))
    else:
        messages.success(request, _("Thank you. Your answer is sent."))
    return redirect("messages", pk=pk)


@keeps_what_is_typed
@require_POST
@require(Right.WORK_CASES)
def to_person(request: PortalRequest, pk: UUID, person_pk: UUID) -> HttpResponse:
    """The desk writes to a person of the case."""
    incident, party = _case_and_person(request, pk, person_pk)
    form = MessageForm(request.POST, auto_id=f"to-{person_pk}-%s")
    return _sent(
        request,
        incident,
        form,
        lambda: write_to_person(
            incident=incident, person=party.person, by=request.user, now=request.now, **form.cleaned_data
        ),
        _("The message is sent."),
        writing_to=person_pk,
        message_form=form,
    )


@keeps_what_is_typed
@require_POST
@require(Right.WORK_CASES)
def ask(request: PortalRequest, pk: UUID, person_pk: UUID) -> HttpResponse:
    """The desk asks a person of the case for facts, or something in own words."""
    incident, party = _case_and_person(request, pk, person_pk)
    open_facts = [one.fact for one in FactsForm(advised=advice_for(incident)).questions]
    facts = open_facts if party.tells_facts else []
    form = QuestionForm(request.POST, facts=facts, auto_id=f"to-{person_pk}-ask-%s")
    return _sent(
        request,
        incident,
        form,
        lambda: ask_person(
            incident=incident,
            person=party.person,
            asks=form.chosen(),
            text=form.cleaned_data["text"],
            form_key=form.cleaned_data["form_key"],
            by=request.user,
            now=request.now,
        ),
        _("The question is sent. The answer appears here."),
        writing_to=person_pk,
        question_form=form,
    )


def _sent(
    request: PortalRequest, incident: Incident, form: Any, act: Callable[[], object], done: str, **bound: Any
) -> HttpResponse:
    """Send, say so and go back to the messages; or their page with what was typed, and why it was not sent."""
    if is_of_another(request):
        return redirect(reverse("case_messages", args=[incident.pk]))
    is_valid = form.is_valid()
    if comes_back(request) or not is_valid:
        return messages_page(request, incident, status_of_return(request), **bound)
    try:
        act()
    except Refused as refused:
        form.add_error(None, str(refused))
        return messages_page(request, case_for(request, incident.pk), 409, **bound)
    messages.success(request, done)
    return redirect(reverse("case_messages", args=[incident.pk]))


def _case_and_person(request: PortalRequest, pk: UUID, person_pk: UUID) -> Any:
    incident = case_for(request, pk)
    party = person_in(incident, person_pk)
    if party is None:
        raise Http404
    return incident, party


def _thread_page(
    request: PortalRequest, incident: Incident, status: int = 200, form: MessageForm | None = None
) -> HttpResponse:
    record_view(incident=incident, by=request.user, now=request.now, part="messages")
    lines = own_lines(incident, request.user)
    recent, earlier = split(lines)
    context = {
        "incident": incident,
        "recent": recent,
        "earlier": earlier,
        "open_questions": open_questions(incident, request.user),
        "form": form or MessageForm(),
        "writer": mark_of_writer(request.user),
        "is_witness": _is_witness(request, incident),
    }
    if request.method == "GET":
        shown = [line.message.pk for line in lines]
        mark_thread_seen(incident=incident, by=request.user, shown=shown, now=request.now)
    return render(request, "incidents/messages.html", context, status=status)


def _question_page(request: PortalRequest, asked: Message, form: AnswerForm, status: int = 200) -> HttpResponse:
    record_view(incident=asked.incident, by=request.user, now=request.now, part="messages")
    context = {
        "incident": asked.incident,
        "asked": asked,
        "answer": Message.objects.filter(answers=asked).first(),
        "form": form,
        "writer": mark_of_writer(request.user),
    }
    if request.method == "GET":
        mark_thread_seen(incident=asked.incident, by=request.user, shown=[asked.pk], now=request.now)
    return render(request, "incidents/messages_question.html", context, status=status)


def _answer_form(request: PortalRequest, incident: Incident, asked: Message, data: Any) -> AnswerForm:
    facts = incident.facts if decides_who_sees(incident, request.user) else None
    return AnswerForm(data, asks=asked.asks, facts=facts, is_about_self=is_about(incident, request.user))


def _is_witness(request: PortalRequest, incident: Incident) -> bool:
    return request.user.pk not in {incident.reporter_id, incident.affected_id}
