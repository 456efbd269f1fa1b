"""Browsers and stores that several tests of cases start from."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.world import Place


@pytest.fixture
def own_store(settings: Any, tmp_path: Path) -> None:
    """A store of evidence for this test alone, so that one can look at everything in it."""
    backend, options = settings.STORAGES["evidence"]["BACKEND"], {"location": tmp_path / "store"}
    settings.STORAGES = {**settings.STORAGES, "evidence": {"BACKEND": backend, "OPTIONS": options}}


@pytest.fixture
def adviser(town: Place, as_user: Any) -> Client:
    """The browser of the VPD adviser, who reads English."""
    client: Client = as_user(town.adviser)
    client.cookies["vpd_language"] = "en"
    return client


@pytest.fixture
def employee(town: Place, as_user: Any) -> Client:
    """The browser of an employee who reads English."""
    client: Client = as_user(town.employee)
    client.cookies["vpd_language"] = "en"
    return client
