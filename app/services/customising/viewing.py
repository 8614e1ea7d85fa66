"""Looking at the program as another position, or with one's draft as a role: read-only, logged, for half an hour.

Only menus, buttons and invented rows are shown. The onlooker stands nowhere, so no scope gives him a row: an
administrator sees no business data so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext
from sqlalchemy import select, update

from app.engine import Refused
from app.enums import ChangeSetState, Role
from app.extensions import db
from app.ground.actor import Actor
from app.models import ChangeSet, LoginSession, Override, Position
from app.services.accounts import accounts, grants, own_roles
from app.services.customising.rights import RightsArea
from app.services.ground.audit import audit

LIFE = timedelta(minutes=30)
POSITION, DRAFT = "position", "draft"
AUTHORS = (Role.SECADMIN, Role.SYSADMIN)
"""Who has drafts that can be looked at."""
NOWHERE = 0
"""The id that nothing has."""
NO_REGION = "-"


@dataclass(frozen=True)
class Viewing:
    """As whom a session looks: the words, until when, the onlooker, and what he may open and press."""

    label: str
    until: datetime
    actor: Actor
    permissions: frozenset[tuple[str, str]]
    is_draft: bool


def begin_as_position(
    actor: Actor, session: LoginSession, position: Position, at: datetime
) -> None:
    """Let a session look as a position; the caller commits. Raises Refused."""
    if not position.is_active:
        raise Refused(gettext("This position was withdrawn; nobody works in it."))
    details = {"position": position.id, "role": position.role.value}
    subject = f"{position.user.username} · {position.label}"
    accounts.require_role(actor, Role.SECADMIN)
    _begin(actor, session, f"{POSITION}:{position.id}", subject, details, at)


def begin_with_draft(actor: Actor, session: LoginSession, scope: str, at: datetime) -> None:
    """Let a session look as a role, with the draft of the actor; the caller commits. Raises Refused."""
    if scope not in own_roles.scopes():
        raise Refused(gettext("There is no such role; choose one from the list."))
    if actor.role not in AUTHORS:
        accounts.require_role(actor, Role.SYSADMIN)
    label = own_roles.label(scope)
    _begin(actor, session, f"{DRAFT}:{scope}", label, {"role": scope}, at)


def end(actor: Actor, session: LoginSession, *, is_by_time: bool = False) -> bool:
    """Let a session be itself again and return whether it was not; the caller commits."""
    was = session.viewed_as
    ended = db.session.execute(
        update(LoginSession)
        .where(
            LoginSession.id == session.id,
            LoginSession.viewed_as == was,
            LoginSession.viewed_as != "",
        )
        .values(viewed_as="", viewed_until=None)
    )
    if ended.rowcount != 1:
        return False
    details = {"name": was, "by": "time" if is_by_time else "press"}
    audit("view_as_end", actor=actor, subject=was, details=details)
    return True


def is_over(session: LoginSession, at: datetime) -> bool:
    """Return whether a session has looked as somebody else for as long as it may."""
    return bool(session.viewed_as) and (session.viewed_until is None or session.viewed_until <= at)


def of(session: LoginSession, at: datetime) -> Viewing | None:
    """Return as whom a session looks, or None where it is itself or what it looked as is gone."""
    if not session.viewed_as or session.viewed_until is None or is_over(session, at):
        return None
    kind, _colon, name = session.viewed_as.partition(":")
    if kind == DRAFT:
        return _with_draft(session, session.viewed_until, name)
    position = db.session.get(Position, int(name))
    if position is None or not position.is_active:
        return None
    own = position.own_role.scope if position.own_role else ""
    place = position.unit or position.committee
    label = f"{position.user.get_full_name()} · {position.label}"
    return Viewing(
        label,
        session.viewed_until,
        onlooker(position.role, own, place.name if place else ""),
        grants.permissions_of_role(position.role, own),
        is_draft=False,
    )


def _with_draft(session: LoginSession, until: datetime, scope: str) -> Viewing | None:
    base = own_roles.base_of(scope)
    if base is None:
        return None
    own = "" if scope == base else scope
    overrides = db.session.scalars(
        select(Override)
        .join(ChangeSet)
        .where(
            ChangeSet.author_id == session.user_id,
            ChangeSet.state == ChangeSetState.DRAFT,
            Override.area == RightsArea.name,
            Override.scope.in_([scope, base.value]),
        )
    ).all()
    rights = _changed(grants.permissions_of_role(base), overrides, base.value)
    if own:
        rights &= _changed(grants.ticks_of(own), overrides, own)
    return Viewing(own_roles.label(scope), until, onlooker(base, own, ""), rights, is_draft=True)


def _changed(
    held: frozenset[tuple[str, str]], overrides: Sequence[Override], scope: str
) -> frozenset[tuple[str, str]]:
    for one in overrides:
        if one.scope == scope:
            pair = frozenset({(one.key, one.target)})
            held = held | pair if one.new else held - pair
    return held


def _begin(
    actor: Actor,
    session: LoginSession,
    viewed: str,
    subject: str,
    details: dict[str, object],
    at: datetime,
) -> None:
    session.viewed_as, session.viewed_until = viewed, at + LIFE
    until = session.viewed_until.isoformat()
    audit("view_as", actor=actor, subject=subject, details={**details, "until": until})


def onlooker(role: Role, own: str = "", place: str = "") -> Actor:
    """Return somebody of this role who stands nowhere and has nothing."""
    return Actor(
        role=role,
        user_id=NOWHERE,
        person_id=NOWHERE,
        position_id=NOWHERE,
        unit_id=NOWHERE,
        unit_name=place,
        region_code=NO_REGION,
        own_role=own,
        is_onlooker=True,
    )
