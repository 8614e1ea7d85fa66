"""Audit trail: one row per sign-in, grant, change or disclosure, written in the caller's transaction."""

from typing import Any

from flask import g, has_request_context, request
from flask_babel import lazy_gettext as _

from app.extensions import db
from app.ground.actor import Actor
from app.models import AuditLog

KINDS = {
    "sign_in": _("Sign-in"),
    "sign_out": _("Sign-out"),
    "lock": _("Sign-in locked"),
    "unlock": _("Sign-in unlocked"),
    "password": _("Password changed"),
    "first_password": _("First password issued"),
    "reset_code": _("Code for a new password sent"),
    "reset_slip": _("Sealed slip for a new password agreed"),
    "slip_print": _("Half of a sealed slip printed"),
    "second_factor": _("Second factor shown"),
    "second_factor_on": _("Second factor set up"),
    "second_factor_off": _("Second factor removed"),
    "recovery_code": _("Recovery code used"),
    "recovery_codes": _("Recovery codes made anew"),
    "switch": _("Position switched"),
    "session_end": _("Session ended"),
    "identity_link": _("Single sign-on linked"),
    "account_add": _("Account created"),
    "person_add": _("Person registered"),
    "person_register": _("Registered by the person"),
    "person_claim": _("Record of a unit taken over by the person"),
    "person_join": _("Person joined a unit"),
    "person_correct": _("Person corrected by the unit"),
    "person_leave": _("Person left a unit"),
    "people_import": _("Persons imported"),
    "expert_import": _("Roster of experts imported"),
    "claim_code": _("Claim code handed over"),
    "code": _("One-time code sent"),
    "password_reset": _("Forgotten password replaced"),
    "account_disable": _("Account disabled"),
    "account_enable": _("Account enabled"),
    "position_grant": _("Position granted"),
    "position_own_role": _("Own role of a position changed"),
    "position_withdraw": _("Position withdrawn"),
    "own_data": _("Own data changed"),
    "message_choice": _("Message settings changed"),
    "grant": _("Permission granted"),
    "revoke": _("Permission withdrawn"),
    "view_as": _("Looks at the program as another position"),
    "view_as_end": _("No longer looks as another position"),
    "rights_question": _("Asked why somebody may or may not act"),
    "register": _("Register changed"),
    "parameter": _("Parameter changed"),
    "rule": _("Condition for applying changed"),
    "maintenance": _("Code table changed"),
    "message_trial": _("Wording of a message tried out"),
    "calendar": _("Working calendar published"),
    "draft_purge": _("Old drafts deleted"),
    "draw_sheet": _("Sheet of a draw printed"),
    "draw_record": _("Record of a draw handed out"),
    "sealed_box": _("Sealed ballot box handed out"),
    "my_data": _("Own data handed out"),
    "full_form": _("Review form with full numbers printed"),
    "full_numbers": _("Full numbers of a case shown"),
    "dossier_export": _("Fields of applications exported"),
    "form_change": _("Application form changed"),
    "form_publish": _("Application form published"),
    "form_withdraw": _("Version of the application form taken back"),
}


def audit(
    kind: str,
    *,
    actor: Actor | None = None,
    subject: str = "",
    ok: bool = True,
    details: dict[str, Any] | None = None,
) -> AuditLog:
    """Add one row to the audit trail; IP address and request id come from the request, if there is one.

    `subject` identifies the account or record concerned and must not contain personal data.
    """
    row = AuditLog(
        kind=kind,
        is_success=ok,
        actor_id=actor.user_id if actor else None,
        actor_name=actor.name if actor else "",
        subject=subject[:200],
        details=details or {},
    )
    if has_request_context():
        row.address = request.remote_addr or ""
        row.request_id = g.get("request_id", "")
    db.session.add(row)
    return row
