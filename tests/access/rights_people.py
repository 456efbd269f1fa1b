"""The rows of what people choose about mail and days, and of the page of one person (see rights.py).

The person is someone of the support team for whom nothing waits.
"""

from tests.access.columns import row

#                                     strg nobd else empl mana supp advi depu lega mgmt admi audi anal
GET = {
    "analysis": row("in   403  403  403  403  403  403  403  403  403  403  403  200"),
    "absence": row("in   403  200  403  200  200  200  200  200  200  403  403  403"),
    "administration_person": row("in   403  403  403  403  403  403  403  403  403  200  403  403"),
    "my_mails": row("in   403  200  200  200  200  200  200  200  200  200  200  200"),
    "reminder_plan": row("in   403  403  403  403  403  403  403  403  403  200  403  403"),
    "overview_plan": row("in   403  403  403  403  403  403  403  403  403  200  403  403"),
    "overview_chart": row("in   403  404  403  403  403  200  403  403  200  403  200  403"),
    "overview_file": row(" in   403  404  403  403  403  200  403  403  200  403  200  403"),
    "overview_latest": row("in   403  404  403  403  403  302  403  403  302  403  302  403"),
    "unsubscribe": row("200  200  200  200  200  200  200  200  200  200  200  200  200"),
}
#                                     strg nobd else empl mana supp advi depu lega mgmt admi audi anal
POST = {
    "analysis": row("in   403  403  403  403  403  403  403  403  403  403  403  400"),
    "absence": row("in   403  400  403  400  400  400  400  400  400  403  403  403"),
    "absence_cancel": row("in   403  404  403  404  404  404  404  404  404  403  403  403"),
    "administration_person_address": row("in   403  403  403  403  403  403  403  403  403  400  403  403"),
    "administration_person_away": row("in   403  403  403  403  403  403  403  403  403  400  403  403"),
    "administration_person_back": row("in   403  403  403  403  403  403  403  403  403  302  403  403"),
    "administration_person_days": row("in   403  403  403  403  403  403  403  403  403  302  403  403"),
    "administration_person_close": row("in   403  403  403  403  403  403  403  403  403  302  403  403"),
    "administration_person_mended": row("in   403  403  403  403  403  403  403  403  403  302  403  403"),
    "administration_person_open": row("in   403  403  403  403  403  403  403  403  403  302  403  403"),
    "my_mails": row("in   403  400  400  400  400  400  400  400  400  400  400  400"),
    "reminder_plan": row("in   403  403  403  403  403  403  403  403  403  400  403  403"),
    "overview_plan": row("in   403  403  403  403  403  403  403  403  403  400  403  403"),
    "unsubscribe": row("200  200  200  200  200  200  200  200  200  200  200  200  200"),
}
