"""An empty view; session, user and one query; a list of 25; a form that writes three rows."""

from datetime import timedelta

from django import forms
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from benchmarks.bare.models import Report, Step


class ReportForm(forms.ModelForm):
    class Meta:
        model = Report
        fields = ("place", "kind", "severity", "story", "wants_help", "contact", "weapon", "reference")


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


@login_required
def least(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(Report.objects.order_by("-at").values_list("reference", flat=True).first()))


@login_required
def rows(request: HttpRequest) -> HttpResponse:
    return render(request, "rows.html", {"rows": Report.objects.select_related("by").order_by("-at", "-pk")[:25]})


@login_required
def form(request: HttpRequest) -> HttpResponse:
    bound = ReportForm(request.POST or None)
    if request.method == "POST" and bound.is_valid():
        now = timezone.now()
        with transaction.atomic():
            report = bound.save(commit=False)
            report.at, report.by = now, request.user
            report.save()
            Step.objects.create(report=report, what="call", due_at=now + timedelta(days=2))
            Step.objects.create(report=report, what="look", due_at=now + timedelta(days=14))
        return redirect("rows")
    return render(request, "form.html", {"form": bound})
