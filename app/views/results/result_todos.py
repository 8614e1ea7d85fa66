"""What waits at meetings in menu 1.2.5, from the entry of the result to its filing."""

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement

from app.enums import MeetingMode, PlanState, Role
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Filing, Notice, Plan
from app.services.certificates import filings
from app.services.results import outcomes, results
from app.todos.declared import Todo


def begun_offline(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for offline meetings that have begun and have no result."""
    is_agreed = (Plan.mode == MeetingMode.OFFLINE) & (Plan.state == PlanState.APPROVED)
    return is_agreed & has_begun(actor)


def has_begun(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for meetings whose first day has come."""
    return Plan.opens_on <= clock.local_date(clock.now())


def decided_online(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for online meetings in which every candidate was voted on."""
    return (Plan.mode == MeetingMode.ONLINE) & outcomes.have_votes()


def without_minutes(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for computed results whose minutes are not written."""
    return (Plan.mode == MeetingMode.ONLINE) & (Plan.minutes == "")


def for_second_person(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for results that somebody else entered; online ones once both signed."""
    is_signed = Plan.chair_signed_at.is_not(None) & Plan.supervisor_signed_at.is_not(None)
    is_ready = (Plan.mode == MeetingMode.OFFLINE) | is_signed
    return by_another(actor) & is_ready


def by_another(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for results that somebody else entered."""
    return Plan.entered_by != actor.user_id


TODOS = (
    Todo("enter", _("Result to be entered"), ("enter",), whose=begun_offline),
    Todo("compute", _("Result to be computed"), ("compute",), whose=decided_online),
    Todo("minutes", _("Minutes to be written"), ("write_minutes",), whose=without_minutes),
    Todo("confirm", _("Result to be confirmed"), ("confirm",), whose=for_second_person),
    Todo(
        "publish",
        _("Result to be published"),
        moves=((Application, "publish_result"), (Notice, "open")),
        whose=lambda actor: results.awaits_notice(),
        roles=(Role.OFFICE,),
        way="ResultNoticeView.add_record",
    ),
    Todo(
        "file",
        _("Result to be filed"),
        moves=((Application, "file"), (Filing, "file")),
        whose=lambda actor: filings.awaits_filing(),
        roles=(Role.OFFICE,),
        way="FilingView.add_record",
    ),
)
