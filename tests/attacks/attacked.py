"""The settings of the portal under attack: those of real use, but what comes too often is not stopped.

A tool asks a thousand times an hour; stopped after the first hundred it would prove nothing. That the limits hold is
held by tests/safety/test_limits.py.
"""

from vpdportal.settings import *  # noqa: F403

HOLD_LIMITS = False
ACCOUNT_RATE_LIMITS = False
