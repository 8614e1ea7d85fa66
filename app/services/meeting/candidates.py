"""Candidates of a plan: chosen from the qualified applications of its batch, then bound to the plan.

The act's `details` hold the choice. `application_ids` lists single applications. Otherwise all free
applications are chosen; `pick` “keep” limits them to those the plan already had, “some” to the ticked
`levels` and `specialties`.
"""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from flask_babel import gettext
from sqlalchemy import ColumnElement, CursorResult, func, or_, select, update
from sqlalchemy.orm import Session

from app.engine import Act, Refused
from app.enums import ApplicationState, Level
from app.models import Application, Specialty

FIELD = "pick"


def _is_free(act: Act) -> ColumnElement[bool]:
    plan = act.record
    not_elsewhere: ColumnElement[bool] = Application.plan_id.is_(None)
    if plan.id is not None:
        not_elsewhere = or_(not_elsewhere, Application.plan_id == plan.id)
    return (
        (Application.batch_id == plan.batch_id)
        & (Application.state == ApplicationState.QUALIFIED)
        & not_elsewhere
    )


def is_chosen(act: Act) -> ColumnElement[bool]:
    """Return the condition for the applications that the act chooses."""
    details = act.details
    if ids := details.get("application_ids"):
        return _is_free(act) & Application.id.in_(ids)
    condition = _is_free(act)
    if details.get("pick") == "keep":
        condition &= Application.plan_id == act.record.id
    if details.get("pick") == "some":
        condition &= Application.level.in_(details.get("levels") or [])
        condition &= Application.specialty_code.in_(details.get("specialties") or [])
    return condition


def count_chosen(act: Act) -> dict[Level, int]:
    """Return the number of chosen candidates by level."""
    query = select(Application.level, func.count()).where(is_chosen(act))
    return dict(act.session.execute(query.group_by(Application.level)).tuples().all())


def specialties(act: Act) -> dict[str, str]:
    """Return the specialties of the chosen candidates: code → name."""
    query = (
        select(Specialty.code, Specialty.name)
        .join(Application, Application.specialty_code == Specialty.code)
        .where(is_chosen(act))
    )
    return dict(act.session.execute(query.distinct()).tuples().all())


def faults(act: Act) -> Iterator[tuple[str, str]]:
    """Yield (field, sentence) if the choice is empty, incomplete or contains an unsuitable application."""
    details = act.details
    if details.get("pick") == "some" and not (details.get("levels") and details.get("specialties")):
        yield FIELD, gettext("Tick at least one level and one specialty, or take all candidates.")
    elif refused := _refused_ids(act):
        yield (
            FIELD,
            gettext(
                "%(numbers)s: not a qualified application of this batch, or in another plan already. "
                "Take it out.",
                numbers="、".join(refused[:5]),
            ),
        )
    elif not count_chosen(act):
        yield (
            FIELD,
            gettext(
                "The choice holds no candidate: a plan needs at least one qualified application of its "
                "batch that is in no other plan."
            ),
        )


def _refused_ids(act: Act) -> list[str]:
    ids = list(act.details.get("application_ids") or [])
    if not ids:
        return []
    fitting = set(act.session.scalars(select(Application.id).where(is_chosen(act))))
    numbers = select(Application.id, Application.number).where(Application.id.in_(ids))
    known = dict(act.session.execute(numbers).tuples().all())
    return [known.get(id_, str(id_)) for id_ in ids if id_ not in fitting]


def bind_to_plan(act: Act) -> int:
    """Bind the chosen candidates to the plan, free the others it had, and return how many are bound.

    Raises Refused when another plan took one of them in the meantime.
    """
    expected = sum(count_chosen(act).values())
    condition = is_chosen(act)
    act.session.execute(
        update(Application)
        .where(
            Application.plan_id == act.record.id,
            Application.state == ApplicationState.QUALIFIED,
            ~condition,
        )
        .values(plan_id=None),
        execution_options={"synchronize_session": "fetch"},
    )
    bound = cast(
        "CursorResult[Any]",
        act.session.execute(
            update(Application).where(condition).values(plan_id=act.record.id),
            execution_options={"synchronize_session": "fetch"},
        ),
    )
    if bound.rowcount != expected or not expected:
        raise Refused(gettext("The candidates changed meanwhile. Look at the list again."), FIELD)
    return expected


def bound_candidates(session: Session, plan_id: int) -> Sequence[Application]:
    """Return the candidates bound to a plan that are not yet moved into the meeting."""
    return session.scalars(
        select(Application)
        .where(Application.plan_id == plan_id, Application.state == ApplicationState.QUALIFIED)
        .order_by(Application.id)
    ).all()


def waiting_specialties(
    session: Session, committee_ids: Sequence[int]
) -> list[tuple[str, str, int]]:
    """Return (code, name, count) of the specialties with qualified applications in these committees."""
    rows = session.execute(
        select(Specialty.code, Specialty.name, func.count())
        .join(Application, Application.specialty_code == Specialty.code)
        .where(
            Application.committee_id.in_(committee_ids),
            Application.state == ApplicationState.QUALIFIED,
        )
        .group_by(Specialty.code, Specialty.name)
        .order_by(Specialty.code)
    )
    return [(code, name, count) for code, name, count in rows]
