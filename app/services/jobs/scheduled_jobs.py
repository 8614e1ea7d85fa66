"""Everything that happens because time passed: ended notices and terms, missed supplements, waiting messages.

Several processes may run this at once: each item is moved by the engine's guarded statement in a
transaction of its own, so that every item moves once and one that is refused holds up no other.
"""

import logging
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app import engine
from app.enums import CorrectionState, ExpertState, NoticeState, S
from app.extensions import db
from app.ground import clock
from app.ground.actor import SYSTEM
from app.models import Application, Correction, Expert, Notice
from app.models.base import Stateful
from app.services.accounts import one_time_codes, registration_tickets
from app.services.dossier import drafts
from app.services.jobs import cleanup
from app.services.messages import deliveries, outbox
from app.services.rules import rule_evaluation

logger = logging.getLogger(__name__)
RECOUNTED = 1000
"""Applications whose conditions one pass counts; the others wait for the next pass."""


def run(at: datetime) -> dict[str, int]:
    """Do what has fallen due by `at` and return how many of each kind; commits item by item."""
    today = clock.local_date(at)
    done = {
        "notices": _fire_each(Notice, _ended_notices(today), "close", at),
        "supplements": _fire_each(Application, _missed_supplements(today), "lapse", at),
        "terms": _fire_each(Expert, _ended_terms(today), "end_term", at),
    }
    done |= {"messages": _deliver_all(at)}
    done |= {"sent": deliveries.send_waiting(at)}
    done |= {"counted": _recount(at)}
    return done | _tidy(at) | {"swept": cleanup.sweep_hourly(at)}


def _recount(at: datetime) -> int:
    """Count anew how many conditions each application does not meet, after a rule was changed."""
    counted = rule_evaluation.recount(db.session(), at, limit=RECOUNTED)
    db.session.commit()
    return counted


def _tidy(at: datetime) -> dict[str, int]:
    """Delete tickets and codes of registrations a day after they expired."""
    gone = {
        "tickets": registration_tickets.delete_old(at=at),
        "codes": one_time_codes.delete_old(at=at),
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


def _missed_supplements(today: date) -> Iterable[int]:
    return db.session.scalars(
        select(Application.id)
        .join(Correction, Correction.application_id == Application.id)
        .where(
            Application.state == S.IN_CORRECTION,
            Correction.state == CorrectionState.OPEN,
            Correction.deadline < today,
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
    """Move one item and say whether that worked; what went wrong is logged, not raised."""
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
