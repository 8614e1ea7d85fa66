"""The person responsible (负责人) for a step, recorded beside the handler (经办人) (domain rule 20).

They must be two different people: two accounts (`two_persons`), or an account and a registered person's name.
"""

from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from app.engine import Act, Refused
from app.extensions import db
from app.ground import read_once
from app.ground.actor import Actor
from app.models import Person, Proposal, TransitionLog
from app.services.review import two_persons
from app.validators import Invalid, characters
from app.validators import text as plain_text

LONGEST = 64
LOOKED_BACK = 20


def are_two(act: Act) -> None:
    """Refuse an act without a second person: the one who confirms, or else the one whose name is typed.

    The typed one is a registered person of the unit, and neither the handler nor the applicant. Rows with
    this check are those that are proposed where the place has two accounts (`proposals`).
    """
    if _proposal(act) is not None:
        return
    if two_persons.are_needed(act.actor):
        raise Refused(
            gettext(
                "In your unit the handler proposes this step and the person responsible confirms it."
            )
        )
    _refuse_name(act, _leader(act))


def _refuse_name(act: Act, leader: str) -> None:
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
    if leader and not _is_registered(leader, act):
        raise Refused(
            gettext(
                "“%(name)s” is not among the registered people of your unit. Write the name as it is registered; who is missing is entered first by the title clerk of the unit under “Own people”.",
                name=leader,
            ),
            "leader",
        )


def _is_registered(leader: str, act: Act) -> bool:
    session, unit_id = act.session, act.actor.unit_id
    person = select(Person.id).where(Person.unit_id == unit_id, Person.name == leader)
    return read_once.of(
        session,
        ("registered", unit_id, leader),
        (Person,),
        lambda: session.scalars(person.limit(1)).first() is not None,
    )


def record_leader(act: Act) -> None:
    """Store both names in the log row: the account that confirmed and the handler, or the typed name."""
    if (proposal := _proposal(act)) is not None:
        act.notes.update(leader=act.actor.name, handler=proposal.proposer)
    elif leader := _leader(act):
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
    """Return the text about handler and person responsible for a log row, empty if it names nobody."""
    leader, handler = details.get("leader"), details.get("handler")
    if handler:
        return gettext("handler: %(handler)s, responsible: %(name)s", handler=handler, name=leader)
    return gettext("responsible: %(name)s", name=leader) if leader else ""


def _proposal(act: Act) -> Proposal | None:
    """Return the proposal that is being confirmed; no form or program can send one."""
    proposal = act.details.get("proposal")
    return proposal if isinstance(proposal, Proposal) else None


def _leader(act: Act) -> str:
    try:
        typed = plain_text(str(act.details.get("leader") or ""), max_length=LONGEST)
        return characters.name(typed)
    except Invalid as invalid:
        raise Refused(str(invalid), "leader") from None


def _applicant(act: Act) -> str:
    return str(getattr(act.record, "name", ""))


def _comparable(name: str) -> str:
    return "".join(characters.name(name).split()).replace("·", "").casefold()
