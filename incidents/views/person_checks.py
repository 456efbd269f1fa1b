"""Before a contact: does something run against this person? Asked by who goes there; the answer tells no story."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from incidents.actions.person_checks import MOST_A_DAY, Answer, asked_today, check_person
from incidents.actions.refusals import Refused
from incidents.forms.persons import CheckForm
from incidents.views.places import PortalRequest
from incidents.views.typed import is_of_another, is_shown_again, keeps_what_is_typed, mark_of_writer, status_of_return
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.roles import Right


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.CHECK_PERSON)
def check(request: PortalRequest) -> HttpResponse:
    """The question and, after it, the answer. The answer is not kept: who needs it again asks again."""
    if request.method != "POST" or is_of_another(request):
        return _page(request, _form(request))
    form = _form(request, request.POST)
    if is_shown_again(request, form):
        return _page(request, form, status_of_return(request))
    try:
        answer = check_person(
            organisation=form.organisation(),
            identifiers=form.identifiers(),
            reason=form.cleaned_data["reason"],
            by=request.user,
            now=request.now,
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return _page(request, form, 409)
    return _page(request, _form(request), answer=answer)


def _form(request: PortalRequest, data: Any = None) -> CheckForm:
    served = standing(request.user, request.now).organisations(Right.CHECK_PERSON)
    return CheckForm(data, organisations=served, now=request.now)


def _page(request: PortalRequest, form: CheckForm, status: int = 200, answer: Answer | None = None) -> HttpResponse:
    left = answer.left_today if answer else max(0, MOST_A_DAY - asked_today(request.user, request.now))
    context = {"form": form, "answer": answer, "left_today": left, "writer": mark_of_writer(request.user)}
    return render(request, "incidents/person_check.html", context, status=status)
