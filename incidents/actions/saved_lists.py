"""Lists to come back to: the filters of a page, kept under a name. One's own, and nothing of a case."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from incidents.actions.refusals import Refused
from incidents.models import SavedList
from vpdportal.accounts.models import User

MOST = 30  # of one person on one page; more is no list of lists [OWN]
LONGEST = 60  # characters of one filter: the short name of an organisation has as many


class NameTaken(Refused):
    message = _("You already have a list with this name. Choose another name, or throw that one away first.")


class TooManyLists(Refused):
    message = _("You have thirty lists on this page already. Throw one away first.")


def keep_list(*, page: str, name: str, filters: Mapping[str, list[str]], by: User, now: datetime) -> SavedList:
    """Keep the filters of `page` (name of its address) under a name. Raises NameTaken, TooManyLists.

    `filters`: name of the filter → values; the caller leaves out words that were searched for.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)  # two tabs at once count one after the other
        own = SavedList.objects.filter(user=by, page=page)
        if own.filter(name=name).exists():
            raise NameTaken
        if own.count() >= MOST:
            raise TooManyLists
        kept = {filter_: [value[:LONGEST] for value in values if value] for filter_, values in filters.items()}
        return SavedList.objects.create(
            user=by, page=page, name=name, filters={key: values for key, values in kept.items() if values}, at=now
        )


def throw_list_away(*, saved: SavedList) -> None:
    """Take the list off the page; the cases stay as they are."""
    saved.delete()
