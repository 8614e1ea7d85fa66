"""Rounds of votes, their keys and ballots."""

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.enums.base import Labelled


class KeyRole(Labelled):
    """Which of the three ballot-key holders somebody is."""

    CHAIR = "chair", _("Chair")
    SUPERVISOR = "supervisor", _("Supervisor of the draw and vote")
    OFFICE = "office", _("Committee office")


class KeyState(Labelled):
    HELD = "held", _("Code taken")


class RoundState(Labelled):
    """States of a voting round: frozen, open, closed, counted; on paper: entered, counted."""

    READY = "ready", _("Frozen, opening due")
    OPEN = "open", _p("round", "Open")
    CLOSED = "closed", _("Closed, count due")
    ENTERED = "entered", _("Entered from paper, confirmation due")
    COUNTED = "counted", _("Counted")
    VOID = "void", _p("round", "Void")


class BallotState(Labelled):
    CAST = "cast", _("Cast")


class Choice(Labelled):
    """Vote on one candidate; one character each, so that all ballots have the same length."""

    YES = "y", _p("vote", "Yes")
    NO = "n", _p("vote", "No")
    ABSTAIN = "a", _("Abstained")
