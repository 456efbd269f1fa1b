"""What is measured, not tested. Importing this gets Django ready; `make bench` gives it a temporary database."""

import os

import django

import tests.environment  # noqa: F401  settings for what the environment does not name

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpdportal.settings")
if os.environ["DJANGO_SETTINGS_MODULE"] != "benchmarks.bare.settings":  # the baseline's process gets ready by itself
    django.setup()
