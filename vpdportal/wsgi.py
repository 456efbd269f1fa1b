"""WSGI entry point."""

import os
from importlib import import_module
from tempfile import gettempdir

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from vpdportal.safe_start.starting import refuse_unsafe_start
from vpdportal.uploads import whole_requests

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpdportal.settings")

application = whole_requests(get_wsgi_application())
import_module(settings.ROOT_URLCONF)  # all pages, before a server makes its processes: they share them
gettempdir()  # where uploads wait: a process that first asks when that disk is full would choose another one
refuse_unsafe_start()
