"""Sections of a draw's page: frozen pool, both commitments, seed, seats."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext, pgettext
from sqlalchemy import select

from app.enums import DrawState, Role
from app.extensions import db
from app.ground import crypto, signing
from app.models import Draw, TransitionLog
from app.services.draw import draw_pool, draw_record, draw_rules
from app.views.base import detail_sections
from app.views.base.columns import Cell, cell_of
from app.views.base.detail_sections import DetailSection


@dataclass(frozen=True)
class Side:
    """One of the two sides of a draw: its commitment, who committed when, its revealed secret."""

    role: Role
    digest: str | None
    secret: str | None
    who: str = ""
    at: datetime | None = None


def all_sections(draw: Draw) -> list[DetailSection]:
    """Return all sections of a draw, the seats only once they are drawn."""
    names = ["plan", "attempt", "state", "pool_size", "eligible_size", "pool_hash", "public_source",
             "source_day", "public_value", "seed", "drawn_at", "void_reason"]  # fmt: skip
    shown = [
        detail_sections.text("next", gettext("What is next"), _next_step(draw)),
        detail_sections.pairs("draw", gettext("Draw"), draw, names),
        _side_section(draw),
        _excluded_section(draw),
    ]
    if draw.seed:
        shown.append(_proof_section(draw))
    if again := _reason_again(draw):
        shown.insert(1, detail_sections.text("again", gettext("Reason to draw again"), again))
    return [*shown, _seat_section(draw)] if draw.seed else shown


def _next_step(draw: Draw) -> str:
    sentences: dict[DrawState, str] = {
        DrawState.FROZEN: gettext("Both sides commit to a secret, two different people."),
        DrawState.COMMITTED: _after_commitments(draw),
        DrawState.OPENING: gettext("The supervisor reveals last; then the seats are drawn."),
        DrawState.DRAWN: gettext("The judges answer under “Seats”; the office notes answers by telephone."),
        DrawState.VOID: gettext("This draw is void. A new one needs a reason."),
    }  # fmt: skip
    asked = gettext("One side asked to make it void; the other side decides.")
    is_asked = draw.void_asked_by is not None and draw.state is not DrawState.VOID
    return f"{sentences[draw.state]}\n{asked}" if is_asked else str(sentences[draw.state])


def _after_commitments(draw: Draw) -> str:
    """Return what follows when both sides have committed: first the public value, if a source was named."""
    if not draw.public_source or draw.value_confirmed_by is not None:
        return gettext("The office reveals its secret first.")
    if draw.value_by is not None:
        return gettext(
            "The supervisor compares the value with the official announcement and confirms it."
        )
    return gettext(
        "The office enters the value of the public source from %(day)s on.", day=draw.source_day
    )


def sides(draw: Draw) -> list[Side]:
    """Return both sides of a draw, each with who committed when."""
    logs = {log.event: log for log in _logs(draw)}
    office, supervisor = logs.get("commit_office"), logs.get("commit_supervisor")
    return [
        _side(Role.OFFICE, draw.office_digest, draw.office_secret, office),
        _side(Role.SUPERVISOR, draw.supervisor_digest, draw.supervisor_secret, supervisor),
    ]


def _side(role: Role, digest: str | None, secret: str | None, log: TransitionLog | None) -> Side:
    if log is None:
        return Side(role, digest, secret)
    return Side(role, digest, secret, log.actor_name, log.at)


def _logs(draw: Draw) -> list[TransitionLog]:
    query = select(TransitionLog).where(
        TransitionLog.subject_type == Draw.__tablename__, TransitionLog.subject_id == draw.id
    )
    return list(db.session.scalars(query.order_by(TransitionLog.id)))


def _reason_again(draw: Draw) -> str:
    return next((log.details.get("reason", "") for log in _logs(draw) if log.event == "freeze"), "")


def _side_section(draw: Draw) -> DetailSection:
    columns = [gettext("Side"), pgettext("draw", "Commitment"), gettext("Committed by"), gettext("Time"),
               gettext("Revealed secret")]  # fmt: skip
    rows = [
        [cell_of(one.role), cell_of(one.digest), cell_of(one.who), cell_of(one.at), cell_of(one.secret)]
        for one in sides(draw)
    ]  # fmt: skip
    return DetailSection("sides", gettext("Commitments"), "table", columns=columns, rows=rows)


def _proof_section(draw: Draw) -> DetailSection:
    pairs = [
        (gettext("Digest of the record"), Cell(signing.digest(draw.signed_record) or "—")),
        (gettext("Fingerprint of the key"), Cell(crypto.fingerprint())),
    ]
    return DetailSection("proof", gettext("Proof"), "pairs", pairs=pairs)


def _excluded_section(draw: Draw) -> DetailSection:
    """Return the section that counts experts by reason of exclusion; an expert may have several."""
    counts = draw_rules.count_exclusions(draw_rules.read_pool(draw.pool)).most_common()
    rows = [
        [Cell(str(draw_pool.REASONS[code])), Cell(str(count), kind="number")]
        for code, count in counts
    ]
    return DetailSection(
        "excluded",
        gettext("Kept out of the draw"),
        "table",
        columns=[gettext("Reason"), gettext("Experts")],
        rows=rows,
    )


def _seat_section(draw: Draw) -> DetailSection:
    seats = list(draw_record.seats_of(db.session(), draw))
    names = ["place", "user", "expert.unit", "group_name", "role", "state", "reason"]
    return detail_sections.table_of("seats", gettext("Seats"), seats, names)
