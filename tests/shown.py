"""A form as its page shows it."""

from typing import Any

from django.forms import BaseForm
from django.test import Client


def sent_by(form: BaseForm) -> dict[str, Any]:
    """What a form would send with nothing typed."""
    values = {field.html_name: field.value() for field in form}
    return {name: "on" if value is True else value for name, value in values.items() if value not in (None, False)}


def opened(client: Client, address: str) -> dict[str, Any]:
    """What the form of this page would send, with nothing typed."""
    page = client.get(address)
    assert 'type="hidden" name="seen"' in page.content.decode()
    return sent_by(page.context["form"])
