"""Forms of the interviews (menu 1.2.4)."""

from collections.abc import Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.engine import Refused
from app.extensions import db
from app.forms.base import base
from app.forms.base.aliases import Groups, Validators
from app.forms.base.base import ActForm, Form
from app.forms.offers import choose_meeting, set_choices
from app.ground import clock
from app.ground.actor import Actor
from app.models import Interview, Plan
from app.services.interviews import interviews, notice_period
from app.services.interviews.interviews import Wanted
from app.services.meeting import plan_forecast

ROOMS_LENGTH = 4000
GO_ON = _("Go on all the same")
WHEN_ASKED = _("For days off and short notice: tick it when the program asks.")


class SlotsForm(Form):
    """Generate slots (生成): rooms and hours from which they are made."""

    plan_id = base.choice(_("Plan"), ())
    rooms = base.area(
        _("Rooms"),
        ROOMS_LENGTH,
        help=_(
            "One a line. A room of one group only: its name, a colon and the group, as “Room 1: Group A”."
        ),
    )
    first = base.day(_("First day of interviews"))
    begins = base.hour(_("Begins at"))
    ends = base.hour(_("Ends at"), help=_("On every day of the meeting from the first one on."))
    lunch_from = base.hour(_("Lunch break from"), required=False)
    lunch_to = base.hour(_("Lunch break until"), required=False)
    minutes = base.integer(_("Minutes for each"), 3, 60, help=_("8 to 10 are usual."))
    pause = base.integer(_("Pause between two (minutes)"), 0, 60)
    is_anew = base.tick(
        _("Draw the order anew for those whose notice was not sent yet"),
        help=_("Their slots change; the lot of before stays in the log."),
    )
    reason = base.text(_("Reason"), 300, required=False, render_kw={"data-show-when": "is_anew=y"})
    is_sure = base.tick(GO_ON, help=WHEN_ASKED)

    def bind(self, actor: Actor) -> None:
        """Offer the meetings of the actor's committees and prefill usual hours."""
        set_choices(
            self.plan_id, interviews.plans_with_interviews(db.session(), actor.committee_ids)
        )
        if self.is_submitted():
            return
        choose_meeting(self.plan_id)
        if self.plan_id.data:
            self.first.data = db.session.get_one(Plan, self.plan_id.data).opens_on
        self.begins.data, self.ends.data = "09:00", "17:30"
        self.lunch_from.data, self.lunch_to.data = "12:00", "14:00"
        self.minutes.data, self.pause.data = plan_forecast.MINUTES, 0

    def wanted(self) -> Wanted:
        """Return the typed values as the service's argument."""
        return Wanted(**self.values(without=("plan_id", notice_period.FIELD)))

    def asks(self, warnings: Sequence[str]) -> bool:
        """Show the warnings as a question and return True, unless the person has said to go on."""
        if not warnings or self.is_sure.data:
            return False
        self.show(Refused(notice_period.question(warnings), notice_period.FIELD))
        return True

    def groups(self) -> Groups:
        return [
            (gettext("Meeting and rooms"), [self.plan_id, self.rooms]),
            (
                gettext("When"),
                [
                    self.first,
                    self.begins,
                    self.ends,
                    self.lunch_from,
                    self.lunch_to,
                    self.minutes,
                    self.pause,
                ],
            ),
            (gettext("Order by lot"), [self.is_anew, self.reason, self.is_sure]),
        ]


class SendForm(ActForm):
    """Send notices (发送): asks before a notice leaves that comes later than usual."""

    is_sure = base.tick(GO_ON)

    def bind(self, records: Sequence[Interview], actor: Actor) -> None:
        """Leave the question out where every notice is in time."""
        days = sorted({clock.local_date(one.starts_at) for one in records})
        self.found = notice_period.short_notice(days, clock.local_date(clock.now()))
        if not self.found:
            del self.is_sure

    def validate(self, extra_validators: Validators = None) -> bool:
        """Ask about short notices before anything is sent."""
        is_valid = bool(super().validate(extra_validators))
        if not is_valid or not self.found or self.is_sure.data:
            return is_valid
        self.show(Refused(notice_period.send_question(self.found), notice_period.FIELD))
        return False


class MoveForm(ActForm):
    """Move a slot (改期): another room or time; the applicant gets a new notice."""

    room = base.text(_("Room"), interviews.ROOM_NAME)
    day = base.day(_("Day"))
    begins = base.hour(_("Begins at"))
    is_sure = base.tick(GO_ON, help=WHEN_ASKED)

    def validate(self, extra_validators: Validators = None) -> bool:
        """Ask about a day off or a short notice before anything is moved."""
        is_valid = bool(super().validate(extra_validators))
        if not is_valid or self.is_sure.data or self.day.data is None:
            return is_valid
        found = notice_period.warnings([self.day.data], clock.local_date(clock.now()))
        if found:
            self.show(Refused(notice_period.question(found), notice_period.FIELD))
        return not found

    def bind(self, records: Sequence[Interview], actor: Actor) -> None:
        """Prefill the present slot if there is just one interview."""
        if self.is_submitted() or len(records) != 1:
            return
        there = clock.local(records[0].starts_at)
        self.room.data, self.day.data = records[0].room, there.date()
        self.begins.data = f"{there:%H:%M}"
