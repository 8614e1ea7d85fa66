"""Roles, duties and people: who may do what, and how somebody is identified."""

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.enums.base import Labelled


class Role(Labelled):
    """Roles of users. A position is a role plus a unit or a committee."""

    APPLICANT = "applicant", _("Applicant")
    UNIT = "unit", _("Unit clerk")
    SUPERIOR = "superior", _("Superior unit")
    OFFICE = "office", _("Committee office")
    JUDGE = "judge", _("Judge")
    SUPERVISOR = "supervisor", _("Supervisor of the draw and vote")
    HRSS = "hrss", _("Human resources authority")
    SYSADMIN = "sysadmin", _("System administrator")
    SECADMIN = "secadmin", _("Security administrator")
    AUDITOR = "auditor", _("Auditor")

    @property
    def is_staff(self) -> bool:
        return self is not Role.APPLICANT

    @property
    def is_maintenance(self) -> bool:
        """Whether this is one of the three administrators, who see no business data."""
        return self in (Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR)


class Duty(Labelled):
    """What a clerk's account does in its unit; the two are different people."""

    HANDLER = "handler", _("Handler")
    HEAD = "head", _("Person responsible")


class ConsentState(Labelled):
    """States of an administrator's act that a second administrator has to agree to."""

    ASKED = "asked", _("Waiting for a second administrator")
    AGREED = "agreed", _("Agreed and done")
    DECLINED = "declined", _("Declined by the second administrator")
    TAKEN_BACK = "taken_back", _("Taken back by the administrator who asked")
    LAPSED = "lapsed", _("Lapsed, nobody agreed in time")


class ClaimKind(Labelled):
    """How a claim code reaches the person."""

    SENT = "sent", _("Sent to the telephone on record")
    HANDED = "handed", _("Handed over by the unit")


class Proof(Labelled):
    """By what somebody who registers shows to be the person on record."""

    SENT = "sent", _("Code sent to the telephone on record")
    HANDED = "handed", _("Claim code handed over by the unit")
    PROVIDER = "provider", _("Single sign-on")


class EmploymentChangeState(Labelled):
    """States of a change of employment that a unit has to confirm."""

    ASKED = "asked", _p("employment change", "Waiting for the unit")
    CONFIRMED = "confirmed", _("Confirmed by the unit")
    REFUSED = "refused", _("Refused by the unit")
    WITHDRAWN = "withdrawn", _p("employment change", "Withdrawn")


class Employment(Labelled):
    """Kind of employment; the last two may not apply."""

    PUBLIC_POST = "public_post", _("Post in a public institution")
    ENTERPRISE = "enterprise", _("Enterprise employee")
    FREELANCE = "freelance", _("Freelance")
    CIVIL_SERVANT = "civil_servant", _("Civil servant or managed as one")
    RETIRED = "retired", _("Retired and re-employed")

    @property
    def may_apply(self) -> bool:
        return self not in (Employment.CIVIL_SERVANT, Employment.RETIRED)


class IdKind(Labelled):
    RESIDENT = "resident", _("Resident identity card")
    HMT_RESIDENCE = "hmt_residence", _("Residence permit for Hong Kong, Macao and Taiwan")
    HMT_PASS = "hmt_pass", _("Travel permit for Hong Kong, Macao and Taiwan")
    FOREIGN_RESIDENCE = "foreign_residence", _("Foreigner's permanent residence card")
    PASSPORT = "passport", _("Passport")


class Sex(Labelled):
    MALE = "1", _("Male")
    FEMALE = "2", _("Female")
