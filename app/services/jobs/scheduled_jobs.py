"""Scheduled jobs: close ended notices and terms, lapse missed supplements, send messages, clean up.

Several processes may run them at once: the engine moves each item by a guarded statement in a separate
transaction, so that every item moves once and a refused one does not hold up the others.
"""

import logging
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.exc import SQLAlchemyError

from app import engine
from app.enums import (
    ApplicationState,
    BatchState,
    ConsentState,
    CorrectionState,
    ExpertState,
    ExtensionState,
    NoticeState,
)
from app.extensions import db
from app.ground import clock
from app.ground.actor import SYSTEM
from app.models import Application, Batch, ChangeSet, Consent, Correction, Expert, Extension, Notice
from app.models.base import Stateful
from app.services.accounts import claims, registration_tickets
from app.services.credentials import one_time_codes
from app.services.customising import publishing
from app.services.dossier import dossier_filling, drafts
from app.services.files import scans
from app.services.jobs import cleanup
from app.services.messages import deliveries, outbox
from app.services.registers import batch_closing, calendar_need
from app.services.rules import rule_evaluation

logger = logging.getLogger(__name__)
RECOUNTED = 1000
"""Most applications whose conditions are recounted in one pass; the others wait for the next pass."""

FILLED_PAGES = 40
"""Most pages of values for lists that are written in one pass, about half a minute."""

SCANS, SCANS_AT_ONCE = 200, 20
"""Most contents whose look is computed in one pass, about ten seconds of one core, and by one limited process."""


def run(at: datetime) -> dict[str, int]:
    """Run everything due by `at` and return the number of items by kind; commits item by item."""
    today = clock.local_date(at)
    done = {
        "changes": _fire_each(ChangeSet, _due_changes(at), "take_effect", at),
        "notices": _fire_each(Notice, _ended_notices(today), "close", at),
        "supplements": _fire_each(Application, _missed_supplements(at), "lapse", at),
        "extensions": _fire_each(Extension, _ended_extensions(today), "end", at),
        "expired": _fire_each(Application, _expired(at), "expire", at),
        "terms": _fire_each(Expert, _ended_terms(today), "end_term", at),
        "consents": _fire_each(Consent, _lapsed_consents(at), "lapse", at),
    }
    done |= {"calendar": _note_missing_year(at)}
    done |= {"messages": _deliver_all(at)}
    done |= {"sent": deliveries.send_waiting(at)}
    done |= {"counted": _recount(at)}
    done |= {"scans": _read_scans(at)}
    done |= {"columns": _fill_columns(at)}
    return done | _tidy(at) | {"swept": cleanup.sweep_hourly(at)}


def _note_missing_year(at: datetime) -> int:
    """Put a year of the working calendar that running cases will need on the administrators' list."""
    noted = calendar_need.note_missing_year(at)
    db.session.commit()
    return noted


def _recount(at: datetime) -> int:
    """Recount the unmet conditions of applications after a rule was changed."""
    counted = rule_evaluation.recount(db.session(), at, limit=RECOUNTED)
    db.session.commit()
    return counted


def _read_scans(at: datetime) -> int:
    """Compute how submitted files look; the transaction ends before they are parsed, so that parsing holds no lock."""
    done = 0
    while done < SCANS and (found := scans.waiting(SCANS_AT_ONCE)):
        db.session.rollback()
        scans.keep(scans.looks_of(found), at)
        db.session.commit()
        done += len(found)
    return done


def _fill_columns(at: datetime) -> int:
    """Fill in, or take away, what lists show of dossiers, for some pages; the others wait for the next pass."""
    total = 0
    for _page in range(FILLED_PAGES):
        done = dossier_filling.fill_page(at)
        db.session.commit()
        if not done:
            break
        total += done
    return total


def _tidy(at: datetime) -> dict[str, int]:
    """Delete registration tickets and one-time codes a day after they expired, and purge old drafts."""
    gone = {
        "tickets": registration_tickets.delete_old(at=at),
        "codes": one_time_codes.delete_old(at=at) + claims.delete_old(at=at),
    }
    db.session.commit()
    return gone | {"drafts": _purge_drafts(at)}


def _purge_drafts(at: datetime) -> int:
    total = 0
    while gone := drafts.purge(at):
        db.session.commit()
        total += gone
    return total


def _deliver_all(at: datetime) -> int:
    total = 0
    while delivered := outbox.deliver(at):
        db.session.commit()
        total += delivered
    db.session.commit()
    return total


def _ended_notices(today: date) -> Iterable[int]:
    return db.session.scalars(
        select(Notice.id)
        .where(Notice.state == NoticeState.RUNNING, Notice.ends_on < today)
        .order_by(Notice.ends_on, Notice.id)
    )


def _missed_supplements(at: datetime) -> Iterable[int]:
    return db.session.scalars(
        select(Application.id)
        .join(Correction, Correction.application_id == Application.id)
        .where(
            Application.state == ApplicationState.IN_CORRECTION,
            Correction.state == CorrectionState.OPEN,
            Correction.deadline < clock.local_date(at),
            or_(Application.due_at.is_(None), Application.due_at < at),
        )
        .order_by(Application.id)
    )


def _ended_extensions(today: date) -> Iterable[int]:
    return db.session.scalars(
        select(Extension.id)
        .where(Extension.state == ExtensionState.IN_FORCE, Extension.until < today)
        .order_by(Extension.until, Extension.id)
    )


def _lapsed_consents(at: datetime) -> Iterable[int]:
    return db.session.scalars(
        select(Consent.id)
        .where(Consent.state == ConsentState.ASKED, Consent.expires_at <= at)
        .order_by(Consent.expires_at, Consent.id)
    )


def _due_changes(at: datetime) -> Iterable[int]:
    return db.session.scalars(publishing.due_at(at))


def _expired(at: datetime) -> Iterable[int]:
    """Return applications of closed batches that nobody dealt with in time."""
    return db.session.scalars(
        select(Application.id)
        .join(Batch, Batch.id == Application.batch_id)
        .where(
            Batch.state == BatchState.CLOSED,
            Application.state.in_(batch_closing.EXPIRING),
            Application.due_at < at,
        )
        .order_by(Application.id)
    )


def _ended_terms(today: date) -> Iterable[int]:
    return db.session.scalars(
        select(Expert.id)
        .where(Expert.state == ExpertState.ADMITTED, Expert.term_to < today)
        .order_by(Expert.id)
    )


def _fire_each(model: type[Stateful], keys: Iterable[int], event: str, at: datetime) -> int:
    waiting = list(keys)
    db.session.rollback()
    return sum(_fire(model, key, event, at) for key in waiting)


def _fire(model: type[Stateful], key: int, event: str, at: datetime) -> bool:
    """Fire `event` on one item and return whether it succeeded; failures are logged, not raised."""
    try:
        engine.fire(db.session.get_one(model, key), event, actor=SYSTEM, at=at)
        db.session.commit()
    except engine.Refused as refusal:
        db.session.rollback()
        logger.info("due item left", extra={"item": _name(model, key), "why": refusal.sentence})
        return False
    except SQLAlchemyError:
        db.session.rollback()
        logger.exception("due item failed", extra={"item": _name(model, key)})
        return False
    return True


def _name(model: type[Stateful], key: int) -> str:
    return f"{model.__tablename__} {key}"
