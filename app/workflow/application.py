"""The life of an application, from 暂存 to the certificate."""

from flask_babel import lazy_gettext as _

from app.engine import Fork, T, Workflow
from app.enums import Role, S
from app.models import Application
from app.services.dossier import drafts, eligibility, return_reasons, submissions
from app.services.registers import committee_validity
from app.services.review import (
    application_messages,
    custody,
    first_checks,
    notices,
    qualification,
    routing,
    signatures,
)
from app.services.rules import rule_evaluation

BEFORE_REVIEW = (
    S.DRAFT,
    S.AT_UNIT,
    S.RETURNED,
    S.CHECKED,
    S.IN_NOTICE,
    S.NOTICE_OVER,
    S.AT_SUPERIOR,
    S.AT_OFFICE,
    S.IN_CORRECTION,
    S.CORRECTED,
)
UPWARDS = Fork((S.AT_SUPERIOR, S.AT_OFFICE), routing.next_state)
AFTER_INQUIRY = Fork((S.IN_NOTICE, S.NOTICE_OVER), notices.state_after_inquiry)
AFTER_RESULT_INQUIRY = Fork((S.IN_RESULT_NOTICE, S.RESULT_CLEAR), notices.state_after_inquiry)

APPLICATION = Workflow(
    Application,
    # the applicant
    T("begin", _("Begin"), (), S.DRAFT, (Role.APPLICANT,), guards=(eligibility.may_begin,), effects=(custody.by_applicant,)),
    T("submit", _("Submit"), (S.DRAFT,), S.AT_UNIT, (Role.APPLICANT,), guards=(eligibility.is_owner, eligibility.is_in_window), checks=(eligibility.is_complete, eligibility.is_committed, routing.is_usable), effects=(routing.take_snapshot, submissions.keep, rule_evaluation.at_hand_in, custody.by_unit)),
    T("resubmit", _("Submit again"), (S.RETURNED,), S.AT_UNIT, (Role.APPLICANT,), guards=(eligibility.is_owner, eligibility.is_in_resubmit_window), checks=(eligibility.is_complete, eligibility.is_committed, routing.is_usable), effects=(routing.take_snapshot, submissions.keep, rule_evaluation.at_hand_in, custody.by_unit)),
    T("take_back", _("Take back"), (S.AT_UNIT,), S.DRAFT, (Role.APPLICANT,), guards=(eligibility.is_owner, eligibility.is_untouched), effects=(custody.by_applicant,)),
    T("give_up", _("Withdraw"), BEFORE_REVIEW, S.WITHDRAWN, (Role.APPLICANT,), guards=(eligibility.is_owner, drafts.was_handed_in), effects=(custody.by_nobody,)),
    T("discard", _("Delete the draft"), (S.DRAFT,), S.DISCARDED, (Role.APPLICANT,), guards=(eligibility.is_owner, drafts.was_never_handed_in), effects=(custody.by_nobody,)),
    T("restore", _("Restore the draft"), (S.DISCARDED,), S.DRAFT, (Role.APPLICANT,), guards=(eligibility.is_owner, drafts.may_come_back), effects=(custody.by_applicant,)),
    T("answer_correction", _("Hand in the supplement"), (S.IN_CORRECTION,), S.CORRECTED, (Role.APPLICANT,), guards=(eligibility.is_owner, qualification.is_in_correction_time), checks=(eligibility.is_complete,), effects=(submissions.keep, rule_evaluation.at_hand_in, qualification.close_correction, custody.by_office)),
    # the unit: first check, notice, recommendation
    T("check_pass", _("Pass the first check"), (S.AT_UNIT,), S.CHECKED, (Role.UNIT,), guards=(custody.is_holder, eligibility.is_not_barred), checks=(signatures.are_two, first_checks.is_thorough,), effects=(signatures.note, first_checks.note, custody.clear_return, custody.by_unit)),
    T("check_return", _("Return for changes"), (S.AT_UNIT,), S.RETURNED, (Role.UNIT,), guards=(custody.is_holder,), checks=(signatures.are_two, return_reasons.names_a_section, return_reasons.say_something), effects=(signatures.note, first_checks.note, custody.note_return, custody.by_applicant), needs_opinion=True),
    T("check_end", _("End for this year"), (S.AT_UNIT,), S.ENDED, (Role.UNIT,), guards=(custody.is_holder,), checks=(signatures.are_two,), effects=(signatures.note, custody.by_nobody,), needs_opinion=True),
    T("publish", _("Put into notice"), (S.CHECKED,), S.IN_NOTICE, (Role.UNIT,), guards=(custody.is_holder,), effects=(custody.freeze, custody.by_unit)),
    T("unpublish", _("Take out of notice"), (S.IN_NOTICE,), S.CHECKED, (Role.UNIT,), guards=(custody.is_holder,), effects=(custody.by_unit,)),
    T("notice_over", _("Notice ended"), (S.IN_NOTICE,), S.NOTICE_OVER, by_clock=True, guards=(notices.is_over,), effects=(custody.by_unit,)),
    T("object", _("Objection registered"), (S.IN_NOTICE, S.NOTICE_OVER), S.DISPUTED, (Role.UNIT,), guards=(custody.is_holder,), effects=(custody.by_unit,)),
    T("objection_rejected", _("Objection not upheld"), (S.DISPUTED,), AFTER_INQUIRY, (Role.UNIT, Role.SUPERIOR), guards=(notices.has_no_open_objection,), effects=(custody.by_unit,)),
    T("objection_return", _("Objection upheld, returned"), (S.DISPUTED,), S.RETURNED, (Role.UNIT, Role.SUPERIOR), checks=(return_reasons.say_something,), effects=(custody.note_return, custody.by_applicant), needs_opinion=True),
    T("objection_end", _("Objection upheld, ended"), (S.DISPUTED,), S.ENDED, (Role.UNIT, Role.SUPERIOR), effects=(custody.by_nobody,), needs_opinion=True),
    T("report", _("Report upwards"), (S.NOTICE_OVER,), UPWARDS, (Role.UNIT,), guards=(custody.is_holder, notices.has_finished_notice, notices.has_no_open_objection, eligibility.is_not_barred, routing.is_in_unit_window, routing.has_quota), checks=(signatures.are_two, routing.has_recommendation,), effects=(signatures.note, routing.start,)),
    # superior units, one after another along the application's own route
    T("superior_pass", _("Pass"), (S.AT_SUPERIOR,), UPWARDS, (Role.SUPERIOR,), guards=(custody.is_holder, routing.is_in_superior_window), checks=(signatures.are_two,), effects=(signatures.note, routing.advance,)),
    T("superior_return", _("Return for changes"), (S.AT_SUPERIOR,), S.RETURNED, (Role.SUPERIOR,), guards=(custody.is_holder,), checks=(signatures.are_two, return_reasons.say_something,), effects=(signatures.note, custody.note_return, custody.by_applicant), needs_opinion=True),
    T("superior_end", _("End for this year"), (S.AT_SUPERIOR,), S.ENDED, (Role.SUPERIOR,), guards=(custody.is_holder,), checks=(signatures.are_two,), effects=(signatures.note, custody.by_nobody,), needs_opinion=True),
    # the committee's office
    T("office_pass", _("Qualified"), (S.AT_OFFICE, S.CORRECTED), S.QUALIFIED, (Role.OFFICE,), guards=(committee_validity.is_own_committee, qualification.is_in_scope, eligibility.is_not_barred, qualification.is_in_office_window), checks=(signatures.are_two,), effects=(signatures.note, custody.by_office,)),
    T("office_refuse", _("Not qualified, ended for this year"), (S.AT_OFFICE, S.CORRECTED), S.ENDED, (Role.OFFICE,), guards=(committee_validity.is_own_committee,), checks=(signatures.are_two,), effects=(signatures.note, custody.by_nobody,), needs_opinion=True),
    T("ask_correction", _("Ask for a supplement"), (S.AT_OFFICE,), S.IN_CORRECTION, (Role.OFFICE,), guards=(committee_validity.is_own_committee, qualification.was_never_corrected), checks=(signatures.are_two, qualification.has_items,), effects=(signatures.note, qualification.open_correction, custody.by_applicant), needs_opinion=True),
    T("lapse", _("Supplement missed"), (S.IN_CORRECTION,), S.LAPSED, by_clock=True, guards=(qualification.is_past_deadline,), effects=(qualification.miss_correction, custody.by_nobody)),
    # the meeting and what follows; fired by the plan, the notice and the filing
    T("take_in", _("Taken into the meeting"), (S.QUALIFIED,), S.IN_REVIEW, (Role.HRSS,), effects=(custody.by_office,)),
    T("decide_pass", _("Review passed"), (S.IN_REVIEW,), S.PASSED, (Role.OFFICE,), effects=(custody.by_office,)),
    T("decide_fail", _("Review not passed"), (S.IN_REVIEW,), S.FAILED, (Role.OFFICE,), effects=(custody.by_nobody,)),
    T("publish_result", _("Put the result into notice"), (S.PASSED,), S.IN_RESULT_NOTICE, (Role.OFFICE,), guards=(committee_validity.is_own_committee,), effects=(custody.by_office,)),
    T("result_over", _("Result notice ended"), (S.IN_RESULT_NOTICE,), S.RESULT_CLEAR, by_clock=True, guards=(notices.is_over,), effects=(custody.by_office,)),
    T("result_object", _("Result objection registered"), (S.IN_RESULT_NOTICE, S.RESULT_CLEAR), S.RESULT_DISPUTED, (Role.OFFICE,), guards=(committee_validity.is_own_committee,), effects=(custody.by_office,)),
    T("result_objection_rejected", _("Result objection not upheld"), (S.RESULT_DISPUTED,), AFTER_RESULT_INQUIRY, (Role.OFFICE,), guards=(committee_validity.is_own_committee, notices.has_no_open_objection), effects=(custody.by_office,)),
    T("result_objection_upheld", _("Result objection upheld"), (S.RESULT_DISPUTED,), S.CANCELLED, (Role.OFFICE,), guards=(committee_validity.is_own_committee,), effects=(custody.by_nobody,), needs_opinion=True),
    T("file", _("Handed in for filing"), (S.RESULT_CLEAR,), S.IN_FILING, (Role.OFFICE,), guards=(committee_validity.is_own_committee,), effects=(custody.by_authority,)),
    T("file_return", _("Filing returned"), (S.IN_FILING,), S.RESULT_CLEAR, (Role.HRSS,), effects=(custody.by_office,)),
    T("certify", _("Certificate issued"), (S.IN_FILING,), S.CERTIFIED, (Role.HRSS,), effects=(custody.by_nobody,)),
    T("revoke", _("Certificate revoked"), (S.CERTIFIED,), S.REVOKED, (Role.HRSS,)),
    guards=(custody.is_not_own,),
    after=(application_messages.tell_applicant,),
)  # fmt: skip
