"""Relations that an expert declares; the draw keeps the expert from the cases of these people.

Source: Order 40, art. 26.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.engine import Refused
from app.enums import RelationKind
from app.extensions import db
from app.ground.actor import Actor
from app.models import Relation
from app.services.ground.audit import audit
from app.services.ground.id_numbers import index_of

MOST = 200


def declared(actor: Actor, data: Mapping[str, Any], *, at: datetime) -> Relation:
    """Return the relation entered, unsaved; of the ID number only the keyed index is stored.

    Raises Refused for an account without a person, or with `MOST` relations already.
    """
    if actor.person_id is None:
        raise Refused(gettext("Only a person can declare relations. Enter your own data first."))
    query = select(func.count(Relation.id)).where(Relation.person_id == actor.person_id)
    if (db.session.scalar(query) or 0) >= MOST:
        raise Refused(gettext("There are %(most)s relations already; remove some.", most=MOST))
    number = data.get("id_number")
    return Relation(
        person_id=actor.person_id,
        kind=RelationKind(data["kind"]),
        name=data["name"],
        id_index=index_of(number) if number else None,
        note=data.get("note") or "",
        declared_at=at,
    )


def remove(session: Session, actor: Actor, relation: Relation) -> None:
    """Delete a declared relation; the audit log records the removal, but not the other person."""
    audit("register", actor=actor, subject=f"relation:{relation.id}", details={"removed": True})
    session.delete(relation)
    session.flush()
