"""Draws of judges, their seats and recusals."""

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.enums.base import Labelled


class SeatRole(Labelled):
    CHAIR = "chair", _("Chair")
    VICE = "vice", _("Vice chair")
    MEMBER = "member", _("Member")


class RecusalRule(Labelled):
    """What follows when judge and candidate belong to the same unit."""

    UNIT = "unit", _("Nobody of a candidate's unit is drawn")
    CASE = "case", _("Kept from the candidates of the own unit only")


class RelationKind(Labelled):
    KIN = "kin", _("Relative")
    TEACHER = "teacher", _("Teacher or student")
    AUTHOR = "author", _("Joint paper")
    PROJECT = "project", _("Joint project")
    OTHER = "other", _("Other relation")


class RecusalSource(Labelled):
    """Ground of a judge's recusal from a candidate."""

    PERSON = "person", _("The same person")
    UNIT = "unit", _("The same unit")
    RELATION = "relation", _("Declared relation")
    AUTHOR = "author", _("Joint work")
    STAFF = "staff", _("Staff of the committee's office")
    JUDGE = "judge", _("The judge's own request")
    APPLICANT = "applicant", _("The applicant's request")
    OFFICE = "office", _("Decided by the office")


class RecusalState(Labelled):
    ASKED = "asked", _("Decision due")
    IN_FORCE = "in_force", _("Recused")
    REFUSED = "refused", _("Not granted")


class DrawState(Labelled):
    """A draw of judges: pool frozen, both secrets committed, the office's opened, drawn; or void."""

    FROZEN = "frozen", _("Pool frozen, commitments due")
    COMMITTED = "committed", _("Committed, opening due")
    OPENING = "opening", _("The office has opened, the supervisor is due")
    DRAWN = "drawn", _p("draw", "Drawn")
    VOID = "void", _p("draw", "Void")


class PublicSource(Labelled):
    """Kinds of public sources of randomness (`app/services/draw/public_sources.py` has their forms)."""

    SSQ = "ssq", _("Welfare lottery, Double Colour Ball")
    DLT = "dlt", _("Sports lottery, Super Lotto")
    FC3D = "fc3d", _("Welfare lottery, 3D")
    PL3 = "pl3", _("Sports lottery, Pick 3")
    PL5 = "pl5", _("Sports lottery, Pick 5")
    SSE = "sse", _("Closing value of the Shanghai Composite Index")
    SZSE = "szse", _("Closing value of the Shenzhen Component Index")


class SeatState(Labelled):
    RESERVE = "reserve", _("Alternate")
    CALLED = "called", _("Drawn, answer due")
    ACCEPTED = "accepted", _p("seat", "Accepted")
    PRESENT = "present", _p("seat", "Present")
    GONE = "gone", _("Left the meeting")
    DECLINED = "declined", _p("seat", "Declined")
    RELEASED = "released", _("Released, the draw is void")

    @property
    def is_member(self) -> bool:
        """Whether the seat counts as a member of the meeting, present or not."""
        return self in (SeatState.ACCEPTED, SeatState.PRESENT, SeatState.GONE)
