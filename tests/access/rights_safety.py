"""The rows of rights.py for what keeps things safe: signing in, reviews, terms, requests about data."""

from tests.access.columns import row

#                                 strg nob else empl mana supp advi depu lega mgmt admi audi anal
GET: dict[str, dict[str, str]] = {}

POST: dict[str, dict[str, str]] = {}
