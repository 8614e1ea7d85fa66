"""The checklist of an online meeting: its steps in order, where each stands, and whom it waits for."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.enums import KeyRole
from app.enums.base import Labelled
from app.models import TransitionLog
from app.services.course.meeting_facts import Facts


class StepKey(Labelled):
    """Steps of a meeting in their order."""

    PLAN = "plan", _("Plan agreed")
    DRAW = "draw", _("Draw of the judges")
    SEATS = "seats", _("Seats answered")
    CHAIR = "chair", _("Chair appointed")
    SIGN_IN = "sign_in", _p("meeting", "Sign-in")
    INTERVIEWS = "interviews", _("Interviews")
    SCORES = "scores", _("Sheets and scores")
    OPINIONS = "opinions", _("Opinions of the groups")
    KEYS = "keys", _("Codes for the ballot box")
    ROUND = "round", _("First round of votes")
    COUNT = "count", _p("votes", "Count")
    FURTHER = "further", _("Further round")
    RESULT = "result", _("Result computed")
    MINUTES = "minutes", _("Minutes")
    SIGNATURES = "signatures", _("Signatures")
    CONFIRMATION = "confirmation", _("Result confirmed")
    NOTICE = "notice", _("Public notice")
    FILING = "filing", _("Filing")


class Party(Labelled):
    """Who has to do a step."""

    HRSS = "hrss", _("Human resources authority")
    OFFICE = "office", _("Committee office")
    SUPERVISOR = "supervisor", _("Supervisor of the draw and vote")
    CHAIR = "chair", _("Chair")
    JUDGES = "judges", _("Judges")


PARTY_OF_KEY = {
    KeyRole.CHAIR: Party.CHAIR,
    KeyRole.SUPERVISOR: Party.SUPERVISOR,
    KeyRole.OFFICE: Party.OFFICE,
}


class Standing(Enum):
    """DONE; OPEN: it can be done now; LATER: something else comes first."""

    DONE, OPEN, LATER = range(3)


@dataclass(frozen=True)
class Step:
    """A line of the checklist. `says`: figures or reason; `log`: the act that did it, `at` its time without one."""

    key: StepKey
    standing: Standing
    says: str = ""
    waits_for: tuple[Party, ...] = ()
    log: TransitionLog | None = None
    at: datetime | None = None

    @property
    def is_done(self) -> bool:
        return self.standing is Standing.DONE


@dataclass
class Course:
    """The steps found so far, which later steps ask for."""

    facts: Facts
    steps: dict[StepKey, Step] = field(default_factory=dict)

    def done(
        self,
        key: StepKey,
        says: str = "",
        log: TransitionLog | None = None,
        at: datetime | None = None,
    ) -> None:
        self.steps[key] = Step(key, Standing.DONE, says, (), log, at)  # fmt: skip

    def open(self, key: StepKey, says: str, *parties: Party) -> None:
        self.steps[key] = Step(key, Standing.OPEN, says, parties)

    def later(self, key: StepKey, says: str) -> None:
        self.steps[key] = Step(key, Standing.LATER, says)

    def awaits(self, key: StepKey, *earlier: StepKey) -> bool:
        """Note `key` as later and return True if one of the `earlier` steps of this meeting is not done."""
        missing = [one for one in earlier if one in self.steps and not self.steps[one].is_done]
        if missing:
            names = gettext(", ").join(self._with_parties(one) for one in missing)
            self.later(key, gettext("First: %(steps)s.", steps=names))
        return bool(missing)

    def _with_parties(self, key: StepKey) -> str:
        """Return the name of an earlier step, with the roles that it waits for."""
        parties = self.steps[key].waits_for
        if not parties:
            return str(key.label)
        who = gettext(", ").join(str(one.label) for one in parties)
        return gettext("%(step)s (waiting for: %(who)s)", step=key.label, who=who)
