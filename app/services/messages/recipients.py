"""Accounts that a message about work goes to: those who hold a position of a committee or unit."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.engine import Act
from app.enums import Role
from app.models import Committee, Position
from app.services.messages import outbox

Accounts = Select[tuple[int]]


def of_committee(session: Session, committee_id: int, *roles: Role) -> Accounts:
    """Select the accounts with an active position as one of `roles` (office, supervisor) of a committee."""
    committee = session.get_one(Committee, committee_id)
    is_there = Position.committee_id == committee.id
    is_office = (Position.role == Role.OFFICE) & (Position.unit_id == committee.unit_id)
    query = select(Position.user_id).where(
        Position.role.in_(roles), Position.is_active, is_there | is_office
    )
    return query.distinct()


def of_unit(unit_id: int, *roles: Role) -> Accounts:
    """Select the accounts with an active position as one of `roles` in a unit."""
    query = select(Position.user_id).where(
        Position.role.in_(roles), Position.is_active, Position.unit_id == unit_id
    )
    return query.distinct()


def tell(act: Act, accounts: Accounts, template: str, *, url: str, **payload: Any) -> None:
    """Queue one message to each of `accounts` but the one that acts, by one statement."""
    others = accounts.where(accounts.selected_columns[0] != (act.actor.user_id or 0))
    outbox.queue_message_to_all(
        act.session, others, template, at=act.at, url=url, opinion=act.opinion, **payload
    )
