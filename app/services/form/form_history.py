"""States of a draft of the form: kept after every change, gone through backwards and forwards."""

from datetime import datetime

from flask_babel import gettext
from sqlalchemy import ColumnElement, delete, select

from app.engine import Refused
from app.extensions import db
from app.models import FormDefinition, FormStep

MOST = 200
"""States kept of a draft; of more the oldest are given up."""

State = tuple[int, str, str, str, datetime]
"""A state without its content: number, kind of change, label of the part, author, moment."""


def keep(
    definition: FormDefinition, number: int, body: object, *, what: str, label: str, author: str, at: datetime
) -> None:  # fmt: skip
    """Keep the content of a draft after a change as state `number`; states that were undone are given up."""
    is_past = (FormStep.number >= number) | (FormStep.number <= number - MOST)
    _delete(FormStep.definition_id == definition.id, is_past)
    db.session.add(
        FormStep(
            definition_id=definition.id,
            number=number,
            body=body,
            what=what,
            label=label[:120],
            author=author[:64],
            at=at,
        )
    )
    db.session.flush()


def states(definition: FormDefinition) -> list[State]:
    """Return the states of a draft, newest first, without their content."""
    query = select(
        FormStep.number, FormStep.what, FormStep.label, FormStep.author, FormStep.at
    ).where(FormStep.definition_id == definition.id)
    return list(db.session.execute(query.order_by(FormStep.number.desc())).tuples())


def body_at(definition: FormDefinition, number: int) -> dict[str, object]:
    """Return the content of a draft in state `number`. Raises Refused where it is not kept."""
    query = select(FormStep.body).where(
        FormStep.definition_id == definition.id, FormStep.number == number
    )
    body = db.session.scalar(query)
    if body is None:
        sentence = (
            gettext("There is nothing to undo.")
            if number < definition.step
            else gettext("There is nothing to redo.")
        )
        raise Refused(sentence)
    return body


def forget(definition: FormDefinition) -> None:
    """Delete the states of a draft that is published or discarded."""
    _delete(FormStep.definition_id == definition.id)


def _delete(*conditions: ColumnElement[bool]) -> None:
    statement = delete(FormStep).where(*conditions)
    db.session.execute(statement, execution_options={"synchronize_session": False})
