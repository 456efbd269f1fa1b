"""Who may open what, as a table. The product's own page of rights is vpdportal/accounts/roles.py; this copy is
written by hand, so that a change in one shows.

Rows: address → who gets what. Columns are the roles in the case's own organisation, plus:
`stranger` (not signed in), `elsewhere` (a VPD adviser of another organisation), `nobody` (signed in, no role at all).
200 shown, 302 led on, 403 refused, 404 not there, "in" sent to sign in, 503 no PDF (this test takes Pango away: a PDF
takes seconds). GET rows; POST rows stand below.
"""

COLUMNS = [
    *("stranger", "nobody", "elsewhere", "employee", "manager", "support"),
    *("adviser", "deputy", "legal", "management", "administrator", "auditor"),
]


def row(text: str) -> dict[str, str]:
    return dict(zip(COLUMNS, text.split(), strict=True))


#                                 strg nob else empl mana supp advi depu lega mgmt admi audi
GET = {
    "home": row("                 in   200 302  200  200  200  302  302  200  200  200  200"),
    "report": row("               200  403 200  200  200  200  200  200  200  200  200  200"),
    "report_status": row("        in   404 404  200  404  404  404  404  404  404  404  404"),
    "door": row("                 in   404 404  302  302  404  302  302  404  404  404  404"),
    "team": row("                 in   403 403  403  200  403  403  403  403  403  403  403"),
    "menu_card": row("            in   200 200  200  200  200  200  200  200  200  200  200"),
    "work_list": row("            in   403 200  403  403  403  200  200  403  403  403  403"),
    "case_list": row("            in   403 200  403  403  403  200  200  403  403  403  403"),
    "absence": row("              in   403 200  403  403  403  200  200  403  403  403  403"),
    "case": row("                 in   403 404  403  403  403  200  200  403  403  403  403"),
    "case_facts_edit": row("      in   403 404  403  403  403  200  200  403  403  403  403"),
    "case_renew": row("           in   403 404  403  403  403  200  200  403  403  403  403"),
    "case_evidence": row("        in   403 404  403  403  403  200  200  403  403  403  403"),
    "my_tasks": row("             in   403 200  403  200  200  200  200  200  403  403  403"),
    "task": row("                 in   403 404  403  404  404  200  200  404  403  403  403"),
    "overview_choose": row("      in   403 302  403  403  403  302  403  403  302  403  302"),
    "overview": row("             in   403 404  403  403  403  200  403  403  200  403  200"),
    "administration_choose": row("in   403 403  403  403  403  403  403  403  403  302  403"),
    "administration": row("       in   403 403  403  403  403  403  403  403  403  200  403"),
    "administration_details": row("in  403 403  403  403  403  403  403  403  403  200  403"),
    "administration_department_new": row("in 403 403 403 403 403 403 403 403 403 200 403"),
    "administration_department": row("in 403 403 403 403 403 403 403 403 403 200 403"),
    "administration_role_new": row("in 403 403  403  403  403  403  403  403  403  200  403"),
    "menu_item": row("            in   403 404  200  200  200  200  200  200  200  200  200"),
    "menu_try": row("             in   403 404  403  403  403  200  200  403  403  200  403"),
    "menu_rules": row("           in   403 404  200  200  200  200  200  200  200  200  200"),
    "menu_rules_pdf": row("       in   403 404  503  503  503  503  503  503  503  503  503"),
    "menu_about": row("           in   200 200  200  200  200  200  200  200  200  200  200"),
    "card_edit": row("            in   403 403  403  403  403  403  403  403  403  200  403"),
    "card_item": row("            in   403 403  403  403  403  403  403  403  403  200  403"),
    "card_item_new": row("        in   403 403  403  403  403  403  403  403  403  200  403"),
    "card_review": row("          in   403 403  403  403  403  403  403  403  403  200  403"),
    "card_versions": row("        in   403 403  403  403  403  403  403  403  403  200  403"),
    "card_calendar": row("        in   403 403  403  403  403  403  403  403  403  200  403"),
    "card_ladder": row("          in   403 403  403  403  403  403  403  403  403  200  403"),
    "card_ladder_cell": row("     in   403 403  403  403  403  403  403  403  403  200  403"),
    "card_condition": row("       in   403 403  403  403  403  403  403  403  403  200  403"),
    "audit_choose": row("         in   403 403  403  403  403  403  403  403  403  403  302"),
    "audit_log": row("            in   403 403  403  403  403  403  403  403  403  403  200"),
    "sign_in": row("              200  302 302  302  302  302  302  302  302  302  302  302"),
    "password_ask": row("         200  200 200  200  200  200  200  200  200  200  200  200"),
    "password_asked": row("       200  200 200  200  200  200  200  200  200  200  200  200"),
    "password_choose": row("      200  200 200  200  200  200  200  200  200  200  200  200"),
    "live": row("                 200  200 200  200  200  200  200  200  200  200  200  200"),
    "ready": row("                200  200 200  200  200  200  200  200  200  200  200  200"),
    "demo_mailbox": row("         404  404 404  404  404  404  404  404  404  404  404  404"),
}
#                                 strg nob else empl mana supp advi depu lega mgmt admi audi
POST = {
    "report": row("               200  403 200  200  200  200  200  200  200  200  200  200"),
    "absence": row("              in   403 200  403  403  403  200  200  403  403  403  403"),
    "absence_cancel": row("       in   403 404  403  403  403  404  404  403  403  403  403"),
    "case_facts": row("           in   403 404  403  403  403  302  302  403  403  403  403"),
    "case_facts_edit": row("      in   403 404  403  403  403  400  400  403  403  403  403"),
    "case_renew": row("           in   403 404  403  403  403  409  409  403  403  403  403"),
    "case_severity": row("        in   403 404  403  403  403  400  400  403  403  403  403"),
    "case_note": row("            in   403 404  403  403  403  400  400  403  403  403  403"),
    "case_close": row("           in   403 404  403  403  403  400  400  403  403  403  403"),
    "case_measure": row("         in   403 404  403  403  403  409  409  403  403  403  403"),
    "task_finish": row("          in   403 404  403  404  404  302  302  404  403  403  403"),
    "task_decline": row("         in   403 404  403  404  404  400  400  404  403  403  403"),
    "task_hand_over": row("       in   403 404  403  404  404  400  400  404  403  403  403"),
    "administration_details": row("in  403 403  403  403  403  403  403  403  403  400  403"),
    "administration_department_new": row("in 403 403 403 403 403 403 403 403 403 400 403"),
    "administration_department": row("in 403 403 403 403 403 403 403 403 403 400 403"),
    "administration_role_new": row("in 403 403  403  403  403  403  403  403  403  400  403"),
    "administration_role_end": row("in 403 403  403  403  403  403  403  403  403  302  403"),
    "menu_try": row("             in   403 404  403  403  403  400  400  403  403  400  403"),
    "card_item": row("            in   403 403  403  403  403  403  403  403  403  400  403"),
    "card_item_new": row("        in   403 403  403  403  403  403  403  403  403  400  403"),
    "card_calendar": row("        in   403 403  403  403  403  403  403  403  403  400  403"),
    "card_ladder_cell": row("     in   403 403  403  403  403  403  403  403  403  400  403"),
    "card_condition": row("       in   403 403  403  403  403  403  403  403  403  200  403"),
    "card_test_remove": row("     in   403 403  403  403  403  403  403  403  403  302  403"),
    "card_item_remove": row("     in   403 403  403  403  403  403  403  403  403  302  403"),
    "card_publish": row("         in   403 403  403  403  403  403  403  403  403  409  403"),
    "card_discard": row("         in   403 403  403  403  403  403  403  403  403  409  403"),
    "sign_in": row("              200  302 302  302  302  302  302  302  302  302  302  302"),
    "password_ask": row("         200  200 200  200  200  200  200  200  200  200  200  200"),
    "password_choose": row("      200  200 200  200  200  200  200  200  200  200  200  200"),
    "sign_out": row("             in   302 302  302  302  302  302  302  302  302  302  302"),
    "set_language": row("         302  302 302  302  302  302  302  302  302  302  302  302"),
    "demo_become": row("          404  404 404  404  404  404  404  404  404  404  404  404"),
    "demo_clock": row("           404  404 404  404  404  404  404  404  404  404  404  404"),
}
