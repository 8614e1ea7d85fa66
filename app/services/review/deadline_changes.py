"""What follows when a deadline changes: the stored deadlines of the applications, and who is told."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select, union, update
from sqlalchemy.orm import Session

from app.enums import ApplicationState, Role, Stage
from app.models import Application, Batch, Committee, Correction, Person, Position
from app.services.messages import outbox
from app.services.registers import deadlines
from app.services.registers.deadlines import Case

CHUNK = 500
HANDLERS = {Stage.UNIT: Role.UNIT, Stage.SUPERIOR: Role.SUPERIOR, Stage.OFFICE: Role.OFFICE}
"""The role that acts in a stage; in the other stages the applicant acts."""
Condition = ColumnElement[bool]


def states_of(stage: Stage) -> list[ApplicationState]:
    """Return the states in which an application is in `stage`; a supplement's check follows its day."""
    of_stage = [state for state, one in deadlines.STAGE_OF.items() if one is stage]
    return of_stage + ([ApplicationState.CORRECTED] if stage is Stage.SUPPLEMENT else [])


def refresh(session: Session, *concerned: Condition) -> None:
    """Store the present deadline of every application under `concerned`, some hundreds at a time.

    Lists, to-do lists and scheduled jobs read the stored one; every act asks `deadlines` anew.
    """
    last = 0
    while rows := session.execute(_cases(last, concerned)).all():
        batches = [session.get_one(Batch, key) for key in {row.batch_id for row in rows}]
        known = deadlines.of_batches(session, batches)
        changed: dict[tuple[ApplicationState, datetime], list[int]] = defaultdict(list)
        for row in rows:
            due = known.deadline(_case(session, row), deadlines.STAGE_OF[row.state]).moment
            if due != row.due_at:
                changed[row.state, due].append(row.id)
        for (state, due), keys in changed.items():
            # an application that moved on meanwhile has the deadline of its new stage
            in_stage = Application.id.in_(keys), Application.state == state
            session.execute(update(Application).where(*in_stage).values(due_at=due))
        last = rows[-1].id


def _cases(last: int, concerned: tuple[Condition, ...]) -> Select[Any]:
    columns = (
        Application.id, Application.state, Application.batch_id, Application.person_id, Application.unit_id,
        Application.holder_id, Application.due_at, Correction.deadline,
    )  # fmt: skip
    return (
        select(*columns)
        .outerjoin(Correction, Correction.application_id == Application.id)
        .where(
            Application.id > last,
            Application.state.in_(
                set(deadlines.STAGE_OF) - {ApplicationState.DISCARDED},
            ),
            *concerned,
        )
        .order_by(Application.id)
        .limit(CHUNK)
    )


def _case(session: Session, row: Any) -> Case:
    units = frozenset({row.unit_id, row.holder_id})
    return Case(session.get_one(Batch, row.batch_id), row.person_id, units, row.deadline)


def tell(
    session: Session,
    template: str,
    stages: list[Stage],
    *concerned: Condition,
    also: Select[Any],
    at: datetime,
    **payload: Any,
) -> None:
    """Tell everybody who acts in one of `stages` on an application under `concerned`, each once.

    `also` selects further accounts.
    """
    everybody = union(also, *(_actors(stage, concerned) for stage in stages)).subquery()
    accounts = select(everybody.c[0])
    outbox.queue_message_to_all(session, accounts, template, at=at, **payload)


def _actors(stage: Stage, concerned: tuple[Condition, ...]) -> Select[Any]:
    """Return the accounts that act in `stage`: of the applicants, or of the clerks of the holders."""
    held = (Application.state.in_(states_of(stage)), *concerned)
    if stage not in HANDLERS:
        applicants = select(Person.user_id).join(Application, Application.person_id == Person.id)
        return applicants.where(Person.user_id.is_not(None), *held)
    return clerks(HANDLERS[stage]).where(
        Position.unit_id.in_(select(Application.holder_id).where(*held))
    )


def clerks(*roles: Role) -> Select[Any]:
    """Return the accounts with an active position in one of `roles`."""
    return select(Position.user_id).where(Position.is_active, Position.role.in_(roles))


def office_of(batch: Batch, session: Session) -> Select[Any]:
    """Return the accounts of the office of a batch's committee."""
    organiser = session.get_one(Committee, batch.committee_id).unit_id
    return clerks(Role.OFFICE).where(Position.unit_id == organiser)
