"""What each person may do at each address with something in it, by how that person is related to what it names.

Written by hand, read by test_relations.py alone; a change here is a change of who may do what. One letter a person:
+ the way is open, * it is open whatever is named, - it is not there (404), x refused by role, whatever is named (403),
~ may see it but not do this (403; what does not exist is 404), i sent to sign in, = the same answer whatever is named,
and nothing changes. What does not exist is 404 for whoever may open what does, and for whoever may not.
"""

RELATIONS = (
    *("own", "on behalf", "affected", "witness", "colleague", "manager", "manager of another", "kept out"),
    *("elsewhere", "support, task", "support", "ended", "signer", "nobody", "stranger", "adviser"),
)

CLASSES: dict[str, tuple[str, str]] = {
    #                        own beh aff wit col man oth out els tsk sup end sig nob str adv
    "work on the case": ("   x   x   x   x   x   x   x   -   -   x   x   x   x   x   i   +", """
        case case_timeline case_messages case_files case_measures case_facts case_facts_edit case_renew case_severity
        case_note case_message case_question case_reopen case_evidence case_evidence_copy case_measure case_witness
        case_affected case_visibility case_links case_link case_unlink case_merge case_unmerge case_ending case_close
        case_evaluate case_assign case_damage case_keeping case_keep_longer case_stay_lift case_letters case_police
        case_restriction case_people case_person_find case_person_link case_person_facts case_person_unlink
        case_person_inform case_reactions case_care case_became_incident restricted_open task_add work_done
        damage_line damage_remove letter_new letter letter_brought letter_sent letter_withdraw letter_file
        police_wait police_sheet police_pdf police_docx police_filed police_not_filed police_outcome
        person person_open person_change person_reading person_merge reaction_new reaction reaction_edit
        reaction_step reaction_breach reaction_extend"""),
    "the adviser's own": ("  x   x   x   x   x   x   x   -   -   x   x   x   x   x   i   +", """
        saved_list saved_list_drop"""),
    "a task of support": ("  x   x   x   x   x   -   -   -   -   +   -   x   x   x   i   +", """
        task_finish task_decline task_hand_over"""),
    "the page of a task": (" x   x   x   x   x   -   -   -   -   +   -   x   -   x   i   +", "task"),
    "an appointment": ("     x   x   x   x   x   -   -   -   -   -   -   x   x   x   i   +", "care_plan"),
    "letter to look at": ("  x   x   x   x   x   -   -   -   -   x   x   x   -   x   i   +", "letter_preview"),
    "to sign": ("            x   x   x   x   x   -   -   x   x   x   x   x   +   x   i   x", "reaction_sign"),
    "to look along at": ("   x   x   x   x   x   -   -   -   -   x   x   x   ~   x   i   ~", "reaction_second"),
    "who told it": ("        +   +   +   -   -   -   -   -   -   -   -   -   -   -   i   -", """
        report_status ask_support report_add witness_ask receipt"""),
    "whose report it is": (" +   -   +   -   -   -   -   -   -   -   -   -   -   -   i   -", "helped reopen"),
    "who decides": ("        +   ~   +   -   -   -   -   -   -   -   -   -   -   -   i   -", """
        who_looked visibility"""),
    "told about you": ("     -   -   +   -   -   -   -   -   -   -   -   -   -   -   i   -", "report_correct"),
    "seen by a witness": ("  -   -   -   +   -   -   -   -   -   -   -   -   -   -   i   -", "witness"),
    "who is written to": ("  +   +   +   +   -   -   -   -   -   -   -   -   -   -   i   -", "messages"),
    "yours alone": ("        +   -   -   -   -   -   -   -   -   -   -   -   -   -   i   -", """
        question care_answer evidence_own my_session_end"""),
    "the door of a mail": (" +   +   +   +   -   +   -   -   -   +   -   -   -   -   i   +", "door"),
    "your draft": ("         +   -   -   -   -   -   -   -   -   -   -   x   -   x   i   -", """
        report_step evidence_keep evidence_drop"""),
    "your draft, gone": ("   *   =   =   =   =   =   =   =   =   =   =   x   =   x   i   =", "report_drop"),
    "a poster": ("           =   =   =   =   =   =   =   =   =   =   =   x   =   x   i   =", "location_link"),
    "another's absence": ("  x   x   x   x   x   -   -   -   -   -   -   x   -   x   i   -", "absence_cancel"),
    "another's answer": ("   -   -   -   -   -   -   -   -   -   -   -   x   -   x   i   -", "my_data_file"),
    "the menu here": ("      +   +   +   +   +   +   +   +   -   +   +   x   +   x   i   +", """
        menu_rules menu_rules_pdf menu_item"""),
    "request about data": (" x   x   x   x   x   x   x   +   -   x   x   x   x   x   i   +", """
        data_request data_request_identity data_request_extend data_request_withdraw data_request_person
        data_request_collect data_request_ready data_request_erase data_request_correct data_pieces
        data_pieces_proposed data_piece"""),
    "answer, not ready": ("  x   x   x   x   x   x   x   -   -   x   x   x   x   x   i   -", "data_request_file"),
    "of the desk here": ("   x   x   x   x   x   x   x   +   -   x   x   x   x   x   i   +", """
        role_proposals retention_terms retention_preview retention_certificates retention_certificate machine_room
        menu_try"""),
    "a sheet": ("            x   x   x   x   x   x   x   +   -   x   x   x   x   x   i   +", """
        import_sheet import_undo"""),
    "your own sheet": ("     x   x   x   x   x   x   x   ~   -   x   x   x   x   x   i   +", """
        import_start import_drop"""),
    "an example": ("         x   x   x   x   x   x   x   +   +   x   x   x   x   x   i   +", "import_example"),
    "a list of the desk": (" x   x   x   x   x   x   x   +   +   x   x   x   x   x   i   +", """
        saved_list_keep"""),
    "figures": ("            x   x   x   x   x   x   x   +   -   x   x   x   +   x   i   +", """
        overview_latest overview overview_chart overview_file accountability accountability_sheet
        accountability_file"""),
    "own answers": ("        x   x   x   x   x   x   x   ~   -   x   x   x   ~   x   i   ~", """
        accountability_answer"""),
    "administration": ("     x   x   x   x   x   x   x   x   x   x   x   x   x   x   i   x", """
        administration administration_details administration_department_new administration_department
        administration_role_new administration_role_end reminder_plan overview_plan administration_person
        administration_person_days administration_person_away administration_person_back administration_person_address
        administration_person_mended administration_person_sign_out sign_in_plan administration_person_sign_in
        administration_person_factor administration_person_emergency administration_person_close
        administration_person_open administration_people administration_unused role_agree role_refuse role_withdraw
        locations location_new location_many location_posters location_posters_pdf location location_off
        location_poster location_poster_pdf
        card_edit card_item_new card_review card_publish card_discard card_versions card_calendar card_ladder
        card_ladder_cell card_item card_item_remove card_condition card_test_remove audit_log audit_export log_reviews
        log_review hand_over_of retention_choose retention_agree letter_templates letter_fields letter_template
        letter_template_withdraw letter_template_file mails_again mail_again openings opening data_request_back
        data_request_decide data_request_end"""),
    "your own passkey": ("   -   -   -   -   -   -   -   -   -   -   -   -   -   -   i   -", """
        factor_passkey_gone"""),
    "a secret": ("           +   +   +   +   +   +   +   +   +   +   +   +   +   +   +   +", "unsubscribe"),
    "a secret, used up": ("  =   =   =   =   =   =   =   =   =   =   =   =   =   =   =   =", "password_choose"),
    "nothing is there": ("   -   -   -   -   -   -   -   -   -   -   -   -   -   -   -   -", """
        calendar_file single_sign_on single_sign_on_return single_sign_out saml_return saml_metadata demo_become"""),
}  # fmt: skip


def table() -> dict[str, dict[str, str]]:
    """Name of an address → relation → letter. Raises where an address stands in two classes."""
    found: dict[str, dict[str, str]] = {}
    for letters, names in CLASSES.values():
        for name in names.split():
            assert name not in found, name
            found[name] = dict(zip(RELATIONS, letters.split(), strict=True))
    return found
