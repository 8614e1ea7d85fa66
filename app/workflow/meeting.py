"""Plans, the result of a meeting, its filing and the certificates that follow."""

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.engine import T, Workflow
from app.enums import CertificateState as C
from app.enums import FilingState as F
from app.enums import PlanState as P
from app.enums import Role
from app.models import Certificate, Filing, Plan
from app.services.certificates import certificates, filings
from app.services.meeting import plans, round_lock
from app.services.results import minutes, online_results, paper_rounds, results

PLAN = Workflow(
    Plan,
    T("report", _("Save"), (), P.REPORTED, (Role.OFFICE,), checks=(plans.is_own_committee, plans.is_sound, plans.is_early_enough), effects=(plans.reserve_candidates,)),
    T("revise", _("Save"), (P.RETURNED,), P.REPORTED, (Role.OFFICE,), guards=(plans.is_own_committee,), checks=(plans.is_sound, plans.is_early_enough), effects=(plans.reserve_candidates,)),
    T("agree", _("Agree"), (P.REPORTED,), P.APPROVED, (Role.HRSS,), guards=(plans.is_in_region, plans.committee_is_valid), effects=(plans.take_candidates_in,)),
    T("return", _("Return for changes"), (P.REPORTED,), P.RETURNED, (Role.HRSS,), guards=(plans.is_in_region,), needs_opinion=True),
    T("enter", _("Enter the result"), (P.APPROVED, P.ENTERED), P.ENTERED, (Role.OFFICE,), guards=(plans.is_own_committee, results.is_offline, results.meeting_has_begun), checks=(results.is_consistent,), effects=(results.store,)),
    T("reopen", _("Send back to entry"), (P.ENTERED,), P.APPROVED, (Role.OFFICE,), guards=(plans.is_own_committee, results.is_second_person), effects=(online_results.withdraw,), needs_opinion=True),
    T("compute", _("Compute the result"), (P.APPROVED,), P.ENTERED, (Role.OFFICE,), guards=(plans.is_own_committee, online_results.is_online, online_results.has_counted_round, online_results.has_no_open_round, online_results.is_decided, online_results.committee_is_valid), effects=(online_results.compute,)),
    T("write_minutes", _("Write the minutes"), (P.ENTERED,), P.ENTERED, (Role.OFFICE,), guards=(plans.is_own_committee, online_results.is_online), checks=(minutes.is_written,), effects=(minutes.write,)),
    T("sign_chair", _("Sign as chair"), (P.ENTERED,), P.ENTERED, (Role.JUDGE,), guards=(online_results.is_online, minutes.is_presiding, minutes.has_minutes, minutes.is_unsigned_by_chair, minutes.is_another_person), effects=(minutes.sign_as_chair,)),
    T("sign_supervisor", _("Sign as supervisor"), (P.ENTERED,), P.ENTERED, (Role.SUPERVISOR,), guards=(plans.is_own_committee, online_results.is_online, minutes.has_minutes, minutes.is_unsigned_by_supervisor, minutes.is_another_person), effects=(minutes.sign_as_supervisor,)),
    T("confirm", _("Confirm the result"), (P.ENTERED,), P.CONCLUDED, (Role.OFFICE,), guards=(plans.is_own_committee, results.is_second_person, results.committee_was_valid, results.has_sheet, paper_rounds.have_sheets, minutes.is_signed, online_results.has_no_open_round, online_results.still_stands, results.is_within_caps), effects=(results.decide,)),
    guards=(round_lock.is_not_own,),
)  # fmt: skip

FILING = Workflow(
    Filing,
    T("file", _p("filing", "File"), (), F.REPORTED, (Role.OFFICE,), checks=(filings.is_own_committee, filings.is_ready, filings.has_papers), effects=(filings.hand_in,)),
    T("refile", _("File again"), (F.RETURNED,), F.REPORTED, (Role.OFFICE,), guards=(filings.is_own_committee,), checks=(filings.is_ready, filings.has_papers), effects=(filings.hand_in,)),
    T("agree", _("Agree"), (F.REPORTED,), F.AGREED, (Role.HRSS,), guards=(filings.is_in_region, filings.is_right), checks=(filings.has_approval_number,), effects=(filings.issue,)),
    T("return", _("Return for changes"), (F.REPORTED,), F.RETURNED, (Role.HRSS,), guards=(filings.is_in_region,), effects=(filings.give_back,), needs_opinion=True),
)  # fmt: skip

CERTIFICATE = Workflow(
    Certificate,
    T("issue", _("Issue"), (), C.VALID, (Role.HRSS,), checks=(certificates.is_filed,)),
    T("correct", _("Replace by a corrected one"), (C.VALID,), C.CORRECTED, (Role.HRSS,), guards=(certificates.is_in_region,), checks=(certificates.has_decision,), effects=(certificates.settle,), needs_opinion=True),
    T("revoke", _("Revoke"), (C.VALID,), C.REVOKED, (Role.HRSS,), guards=(certificates.is_in_region,), checks=(certificates.has_decision,), effects=(certificates.settle, certificates.revoke_title), needs_opinion=True),
)  # fmt: skip
