"""What a rehearsal takes over from the database in force: every table stands in one of the two lists.

Copied is what administrators configure, without what names a person; everything else is left out. A column is
emptied where it names somebody, holds a telephone number or is free text beside such a name.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Copy:
    """A table whose rows are copied: the columns that are emptied, and one that belongs to a person.

    Rows in which the column `personal` is filled are left out.
    """

    emptied: frozenset[str] = frozenset()
    personal: str = ""


WHOLE = Copy()


def _without(*columns: str) -> Copy:
    return Copy(frozenset(columns))


COPIED: dict[str, Copy] = {
    # rights and own roles
    "ab_permission": WHOLE,
    "ab_permission_view": WHOLE,
    "ab_permission_view_role": WHOLE,
    "ab_role": WHOLE,
    "ab_view_menu": WHOLE,
    "grant_log": WHOLE,
    "own_role": _without("remark"),
    # pages, words and messages
    "custom_value": WHOLE,
    "message_template": WHOLE,
    "phrase": Copy(personal="user_id"),
    # numbers and calendar
    "calendar_year": _without("author_id", "author", "undone_by"),
    "setting": _without("actor_id", "actor_name", "second_name", "remark", "cancelled_by"),
    "work_day": WHOLE,
    # form, conditions and dictionaries
    "dict_item": WHOLE,
    "dictionary": WHOLE,
    "eligibility_rule": WHOLE,
    "form_definition": WHOLE,
    "form_step": _without("author"),
    "material_kind": WHOLE,
    "region": WHOLE,
    "series": WHOLE,
    "specialty": WHOLE,
    "title": WHOLE,
    # units, committees, batches and review trees
    "batch": WHOLE,
    "committee": WHOLE,
    "committee_specialty": WHOLE,
    "route_node": WHOLE,
    "unit": _without("contact", "phone"),
}

LEFT_OUT = frozenset(
    {
        # accounts, sign-ins and secrets
        *("ab_api_key", "ab_group", "ab_group_role", "ab_register_user", "ab_user"),
        *("ab_user_group", "ab_user_role", "claim_code", "external_identity", "known_device"),
        *("login_failure", "login_session", "one_time_code", "public_query", "recovery_code"),
        *("registration_ticket", "second_factor"),
        # persons and what they are
        *("deputy", "employment_change", "expert", "expert_account", "integrity_record"),
        *("person", "position", "relation"),
        # what persons keep for themselves
        *("list_default", "message_choice", "record_draft", "saved_view"),
        # applications and their way up
        *("application", "application_handing", "application_section", "attachment"),
        *("case_handler", "correction", "dossier_fill", "dossier_value", "extension"),
        *("fingerprint", "notice", "notice_item", "objection", "proposal", "quota", "reminder"),
        *("route_step", "scan", "stored_file", "upload"),
        # changes of review trees under way, and sets of changes, which name their authors
        *("change_set", "consent", "override", "route_change", "route_change_line"),
        # meetings, results and certificates
        *("assessment", "assignment", "case_note", "case_opening", "certificate", "draw"),
        *("filing", "interview", "key_holder", "meeting_reminder", "opinion", "opinion_signer"),
        *("plan", "plan_change", "recusal", "result", "round", "round_candidate", "round_share"),
        *("round_voter", "sealed_ballot", "seat"),
        # messages sent
        *("deadline_note", "delivery", "digest_run", "message", "outbox"),
        # logs, running numbers and stamps, which a rehearsal begins anew
        *("audit_log", "bulk_act", "bulk_skip", "counter", "customisation_version"),
        *("log_head", "log_link", "transition_log"),
    }
)
