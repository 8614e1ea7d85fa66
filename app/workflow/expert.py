"""The pools of experts: apply, recommend, admit, serve, leave (menu 1.4.1)."""

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.engine import T, Workflow
from app.enums import ExpertState as E
from app.enums import Role
from app.models import Expert
from app.services.experts import experts

EXPERT = Workflow(
    Expert,
    T("apply", _("Apply"), (), E.APPLIED, (Role.APPLICANT,), checks=(experts.is_own, experts.is_complete, experts.may_enter)),
    T("recommend", _("Recommend"), (E.APPLIED,), E.RECOMMENDED, (Role.UNIT,), guards=(experts.is_own_unit, experts.meets_rules)),
    T("unit_refuse", _("Do not recommend"), (E.APPLIED,), E.REFUSED, (Role.UNIT,), guards=(experts.is_own_unit,), needs_opinion=True),
    T("withdraw", _("Withdraw the application"), (E.APPLIED, E.RECOMMENDED), E.LEFT, (Role.APPLICANT,), guards=(experts.is_own,)),
    T("admit", _("Admit to the pool"), (E.RECOMMENDED,), E.ADMITTED, (Role.OFFICE,), guards=(experts.is_own_committee, experts.meets_rules), checks=(experts.has_term, experts.may_be_admitted), effects=(experts.take_in,)),
    T("refuse", _("Do not admit"), (E.RECOMMENDED,), E.REFUSED, (Role.OFFICE,), guards=(experts.is_own_committee,), needs_opinion=True),
    T("enrol", _("Enter into the pool"), (), E.ADMITTED, (Role.OFFICE,), checks=(experts.is_not_own, experts.is_own_committee, experts.is_complete, experts.may_enter, experts.has_term), effects=(experts.take_in,)),
    T("take_leave", _p("expert", "Leave of absence"), (E.ADMITTED,), E.ADMITTED, (Role.APPLICANT, Role.OFFICE), guards=(experts.is_own_or_office,), checks=(experts.has_leave,), effects=(experts.begin_leave,), needs_opinion=True),
    T("end_leave", _("End the leave"), (E.ADMITTED,), E.ADMITTED, (Role.APPLICANT, Role.OFFICE), guards=(experts.is_own_or_office, experts.is_on_leave), effects=(experts.end_leave,)),
    T("leave_pool", _("Leave the pool"), (E.ADMITTED,), E.LEFT, (Role.APPLICANT, Role.OFFICE), guards=(experts.is_own_or_office,), effects=(experts.let_go,), needs_opinion=True),
    T("remove", _("Remove from the pool"), (E.ADMITTED,), E.REMOVED, (Role.OFFICE, Role.HRSS), guards=(experts.is_in_charge,), effects=(experts.let_go,), needs_opinion=True),
    T("end_term", _("Term over"), (E.ADMITTED,), E.EXPIRED, guards=(experts.term_is_over,), effects=(experts.let_go,), by_clock=True),
    guards=(experts.is_not_own,),
    after=(experts.tell,),
)  # fmt: skip
