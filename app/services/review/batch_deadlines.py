"""Moving the stage ends of an open batch (调整截止时间, menu 1.4.2), by document and with a reason."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext

from app.engine import Act, Refused
from app.enums import Stage
from app.ground import clock
from app.models import Application, Batch, Committee
from app.services.registers import batches, deadlines
from app.services.review import deadline_changes
from app.validators import Invalid, text

NUMBER_LENGTH = 60
COLUMNS = (*batches.IN_ORDER, "material_cutoff", "committee_id")


def are_sound(act: Act) -> str | None:
    """Refuse dates that contradict each other, the committee or today, and a move without a document.

    Raises Refused, naming the field.
    """
    act.notes["document_number"] = document_number(act)
    moved = moves(act)
    if not moved:
        raise Refused(gettext("All dates are as before. Change at least one of them."), "apply_end")
    today = clock.local_date(act.at)
    for field, (_before, after) in moved.items():
        if after < today:
            raise Refused(
                gettext(
                    "“%(label)s” (%(day)s) is already over. Choose today or a later day.",
                    label=batches.label_of(Batch, field),
                    day=after,
                ),
                field,
            )
    _refuse_faults(act, moved)
    return None


def document_number(act: Act) -> str:
    """Return the number of the document typed in. Raises Refused without one."""
    try:
        return text(
            str(act.details.get("document_number") or ""), min_length=4, max_length=NUMBER_LENGTH
        )
    except Invalid as invalid:
        raise Refused(
            gettext("Enter the number of the document that grants this: %(why)s", why=invalid),
            "document_number",
        ) from None


def _refuse_faults(act: Act, moved: Mapping[str, tuple[date, date]]) -> None:
    batch = act.record
    wanted = {column: getattr(batch, column) for column in COLUMNS}
    planned = Batch(**wanted | {column: after for column, (_before, after) in moved.items()})
    committee = act.session.get_one(Committee, batch.committee_id)
    late = [one for one in batches.validity_faults(planned, committee) if one[0] in moved]
    for field, sentence in (*batches.date_order_faults(planned), *late):
        raise Refused(sentence, field)


def moves(act: Act) -> dict[str, tuple[date, date]]:
    """Return the stage ends that change: column → (before, after)."""
    pairs = {
        column: (getattr(act.record, column), act.details.get(column))
        for column in deadlines.LAST_DAY.values()
    }
    return {
        column: (before, after)
        for column, (before, after) in pairs.items()
        if after is not None and after != before
    }


def move(act: Act) -> None:
    """Store the new dates in the batch and its applications, log the old ones, and tell whom it concerns."""
    batch, session = act.record, act.session
    moved = moves(act)
    for column, (_before, after) in moved.items():
        setattr(batch, column, after)
    act.notes["moved"] = {
        column: [before.isoformat(), after.isoformat()] for column, (before, after) in moved.items()
    }
    session.flush()
    concerned = Application.batch_id == batch.id
    deadline_changes.refresh(session, concerned)
    deadline_changes.tell(
        session,
        "deadline.moved",
        [stage for stage, column in deadlines.LAST_DAY.items() if column in moved],
        concerned,
        also=deadline_changes.office_of(batch, session),
        at=act.at,
        batch=batch.name,
        document=act.notes["document_number"],
        reason=act.opinion,
        lines=log_text(act.notes),
    )


def log_text(details: Mapping[str, Any]) -> str:
    """Return the moved dates of a log row, in words; empty if it moved none."""
    moved: Mapping[str, list[str]] = details.get("moved") or {}
    stages: dict[str, Stage] = {column: stage for stage, column in deadlines.LAST_DAY.items()}
    lines = [
        gettext(
            "%(stage)s: %(after)s instead of %(before)s",
            stage=stages[column].label,
            before=before,
            after=after,
        )
        for column, (before, after) in moved.items()
    ]
    return gettext("; ").join(lines)
