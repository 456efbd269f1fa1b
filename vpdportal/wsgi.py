"""WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from vpdportal.uploads import whole_requests

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpdportal.settings")

application = whole_requests(get_wsgi_application())
