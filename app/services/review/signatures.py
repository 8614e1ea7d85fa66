"""Who handled a case and who answers for it: 经办人 and 负责人 are two people, both on record (domain rule 20)."""

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
    """Refuse when the one who decided is named as the one who handles it."""
    leader = _leader(act)
    if leader and _bare(leader) in (_bare(act.actor.name), _bare(_applicant(act))):
        raise Refused(
            gettext(
                "“%(name)s” cannot answer for this step: whoever handles a case, or is concerned, does not decide on it. Name the person responsible.",
                name=leader,
            ),
            "leader",
        )


def note(act: Act) -> None:
    """Keep the name of the person responsible in the log row."""
    if leader := _leader(act):
        act.notes["leader"] = leader


def last_leader(actor: Actor) -> str:
    """Return whom this account named last, so that nobody types the same name all day."""
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


def words(details: Any) -> str:
    """Return what a line of the log says about the person responsible, empty where it names nobody."""
    leader = details.get("leader")
    return gettext("responsible: %(name)s", name=leader) if leader else ""


def _leader(act: Act) -> str:
    try:
        return plain_text(str(act.details.get("leader") or ""), max_length=LONGEST)
    except Invalid as invalid:
        raise Refused(str(invalid), "leader") from None


def _applicant(act: Act) -> str:
    return str(getattr(act.record, "name", ""))


def _bare(name: str) -> str:
    return "".join(name.split()).replace("·", "").casefold()
