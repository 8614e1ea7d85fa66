"""The person responsible (负责人) for a step, recorded beside the handler (经办人) (domain rule 20).

They must be two different people.
"""

from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from app.engine import Act, Refused
from app.extensions import db
from app.ground.actor import Actor
from app.models import TransitionLog
from app.validators import Invalid
from app.validators import text as plain_text

LONGEST = 64
LOOKED_BACK = 20


def are_two(act: Act) -> None:
    """Refuse a person responsible who is also the handler or the applicant, compared by name."""
    leader = _leader(act)
    if leader and _comparable(leader) in (
        _comparable(act.actor.name),
        _comparable(_applicant(act)),
    ):
        raise Refused(
            gettext(
                "“%(name)s” cannot answer for this step: whoever handles a case, or is concerned, does not decide on it. Name the person responsible.",
                name=leader,
            ),
            "leader",
        )


def record_leader(act: Act) -> None:
    """Store the name of the person responsible in the log row."""
    if leader := _leader(act):
        act.notes["leader"] = leader


def last_leader(actor: Actor) -> str:
    """Return the person responsible that this account last named in this unit, as a default; "" if none."""
    if actor.user_id is None:
        return ""
    query = (
        select(TransitionLog.details)
        .where(TransitionLog.actor_id == actor.user_id, TransitionLog.unit_id == actor.unit_id)
        .order_by(TransitionLog.id.desc())
        .limit(LOOKED_BACK)
    )
    named = (details.get("leader") for details in db.session.scalars(query))
    return next((str(leader) for leader in named if leader), "")


def log_text(details: Any) -> str:
    """Return the text about the person responsible for a log row, empty if it names nobody."""
    leader = details.get("leader")
    return gettext("responsible: %(name)s", name=leader) if leader else ""


def _leader(act: Act) -> str:
    try:
        return plain_text(str(act.details.get("leader") or ""), max_length=LONGEST)
    except Invalid as invalid:
        raise Refused(str(invalid), "leader") from None


def _applicant(act: Act) -> str:
    return str(getattr(act.record, "name", ""))


def _comparable(name: str) -> str:
    return "".join(name.split()).replace("·", "").casefold()
