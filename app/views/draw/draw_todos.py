"""What waits at draws of judges, for the office and the supervisor."""

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, select

from app.enums import DrawState, Role
from app.ground import clock
from app.ground.actor import Actor
from app.models import Draw, Plan
from app.todos.declared import Todo


def uncommitted(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for draws to which the actor's side has not committed its secret."""
    is_office = actor.role is Role.OFFICE
    return (Draw.office_digest if is_office else Draw.supervisor_digest).is_(None)


def due_to_reveal(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for draws in which it is the actor's turn: the office first, then the supervisor."""
    is_office = actor.role is Role.OFFICE
    is_settled = (Draw.public_source == "") | Draw.value_confirmed_by.is_not(None)
    return is_settled & (Draw.state == (DrawState.COMMITTED if is_office else DrawState.OPENING))


def without_value(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for draws whose public source was drawn and whose value nobody has entered."""
    was_drawn = Draw.source_day <= clock.local_date(clock.now())
    return (Draw.public_source != "") & was_drawn & Draw.value_by.is_(None)


def with_unconfirmed_value(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for draws with a value of the public source that is not confirmed."""
    return Draw.value_by.is_not(None) & Draw.value_confirmed_by.is_(None)


def with_value_to_enter(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for draws whose public source was drawn and whose value is not confirmed."""
    was_drawn = Draw.source_day <= clock.local_date(clock.now())
    return (Draw.public_source != "") & was_drawn & Draw.value_confirmed_by.is_(None)


def value_of_another(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for draws with an unconfirmed value that somebody else entered."""
    return with_unconfirmed_value(actor) & (Draw.value_by != actor.user_id)


def not_asked_to_void(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for draws of meetings to come that nobody asked to make void."""
    to_come = select(Plan.id).where(Plan.opens_on > clock.local_date(clock.now()))
    return Draw.void_asked_by.is_(None) & Draw.plan_id.in_(to_come)


def asked_by_another(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for draws that another person asked to make void."""
    return Draw.void_asked_by != actor.user_id


TODOS = (
    Todo(
        "commit",
        _("Secret to be committed"),
        ("commit_office", "commit_supervisor"),
        whose=uncommitted,
    ),
    Todo(
        "reveal",
        _("Secret to be revealed"),
        ("open_office", "open_supervisor"),
        whose=due_to_reveal,
    ),
    Todo("value", _("Public value to be entered"), ("enter_value",), whose=without_value),
    Todo(
        "check_value",
        _("Public value to be checked"),
        ("confirm_value",),
        whose=with_unconfirmed_value,
    ),
    Todo("void", _("Void asked for"), ("void", "keep"), whose=asked_by_another),
)
