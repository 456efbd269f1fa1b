"""What every page of the menu card's editor works with."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from guidance.card import Card
from guidance.cards import CardError, as_allowed, change_draft, draft_of, published_changes
from guidance.changes import Changes
from guidance.differences import Difference, differences
from guidance.tightening import NotAllowed
from incidents.views.places import PortalRequest, organisation_for
from vpdportal.accounts.models import Organisation
from vpdportal.accounts.roles import Right


class Desk:
    """What every page of the editor works with: the version that holds, the draft if there is one, and its card."""

    def __init__(self, request: PortalRequest, slug: str) -> None:
        self.request = request
        self.organisation: Organisation = organisation_for(request, slug, Right.ADMINISTER)
        self.number, published = published_changes(self.organisation)
        self.draft = draft_of(self.organisation)
        self.published = as_allowed(published)
        self.changes: Changes = as_allowed(self.draft.read_changes()) if self.draft else self.published
        self.card = Card("draft", self.changes)

    @property
    def differences(self) -> list[Difference]:
        """What the draft changes to the version that holds."""
        return differences(self.published, self.changes) if self.draft else []

    def changed(
        self, change: Callable[[Changes], Changes], part: Callable[[Changes], Any], seen: str, about: str
    ) -> None:
        """Work one change into the draft. Raises CardError, with the reason for what may not be."""
        try:
            change_draft(
                organisation=self.organisation,
                change=change,
                part=part,
                seen=seen,
                about=about,
                by=self.request.user,
                now=self.request.now,
            )
        except NotAllowed as reason:
            raise CardError(str(reason)) from reason

    def page(self, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        found = self.differences
        shared = {
            "organisation": self.organisation,
            "draft": self.draft,
            "number": self.number,
            "changed_codes": {difference.code for difference in found},
            "difference_count": len(found),
        }
        return render(self.request, f"incidents/{template}.html", {**shared, **context}, status=status)
