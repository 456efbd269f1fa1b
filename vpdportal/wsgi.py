"""WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from vpdportal.safe_start.starting import refuse_unsafe_start
from vpdportal.uploads import whole_requests

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpdportal.settings")

application = whole_requests(get_wsgi_application())
refuse_unsafe_start()
