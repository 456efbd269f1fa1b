#!/usr/bin/env python
"""Django's command line for the portal."""

import os
import sys

from django.core.management import execute_from_command_line

from vpdportal.tenancy import everywhere

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpdportal.settings")
    with everywhere():  # who may run a command is the operator: of every organisation (ADR 31)
        execute_from_command_line(sys.argv)
