"""Acts that the handler proposes and the person responsible confirms (domain rule 20).

A proposal keeps the act as it was filled in. It is checked by all rules of the act when proposed, and again
when confirmed; only then the application moves.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from app import engine
from app.engine import Act, Refused, Workflow
from app.enums import ProposalState
from app.extensions import db
from app.ground import clock, read_once
from app.ground.actor import SYSTEM, Actor
from app.models import Application, Proposal, TransitionLog
from app.services.dossier import return_reasons
from app.services.files import attached_files
from app.services.review import first_checks, routing, sending_back, signatures, two_persons

DAYS = ("deadline",)
"""Details that are calendar days; stored as text."""
PROPOSED = "propose"
"""Event of the log rows of proposals."""
FILES = ("proof",)
"""Details that are files; attached to the application at once, because a proposal can hold none."""


def press_all(
    records: Sequence[Any],
    event: str,
    *,
    actor: Actor,
    at: datetime,
    opinion: str = "",
    details: Mapping[str, Any] | None = None,
    seen: Mapping[int, int] | None = None,
) -> list[TransitionLog]:
    """Fire `event` on every record, or propose it where the person responsible has to confirm it.

    All or none, as `engine.fire_all`; raises Refused or RefusedRows.
    """
    if not is_proposed(type(records[0]), event, actor):
        return engine.fire_all(
            records, event, actor=actor, at=at, opinion=opinion, details=details, seen=seen
        )
    versions = seen or {}
    return engine.for_all(
        records,
        lambda record: _propose(
            Act(record, event, actor, at, opinion.strip(), details or {}), versions.get(record.id)
        ),
    )


def is_proposed(model: type[Any], event: str, actor: Actor) -> bool:
    """Return whether a press of `actor` only proposes `event`."""
    return is_signed(model, event) and two_persons.are_needed(actor)


def is_signed(model: type[Any], event: str) -> bool:
    """Return whether two people answer for an act: its row has the check `signatures.are_two`."""
    return signatures.are_two in Workflow.registry[model].rows[event].checks


def _propose(act: Act, seen: int | None) -> TransitionLog:
    """Ask all rules of the act, keep it as a proposal and attach its files to the application."""
    if act.actor.is_head:
        raise Refused(two_persons.sentence_for_head())
    _refuse_second(act)
    proposal = _draft(act)
    details = {**act.details, "proposal": proposal}
    engine.refuse(Act(act.record, act.event, act.actor, act.at, act.opinion, details), seen)
    if (proof := act.details.get("proof")) is not None:
        attached_files.attach(
            act.record, proof.stored, routing.PROOF, proof.name, act.actor, act.at
        )
    return engine.fire(proposal, PROPOSED, actor=act.actor, at=act.at)


def _draft(act: Act) -> Proposal:
    return Proposal(
        application_id=act.record.id,
        event=act.event,
        opinion=act.opinion,
        details=_stored(act.details),
        seen=act.record.version,
        role=act.actor.role,
        unit_id=act.actor.unit_id,
        proposed_by=act.actor.user_id,
        proposer=act.actor.name,
        proposed_at=act.at,
    )


def _refuse_second(act: Act) -> None:
    """Refuse a second proposal while one waits for the same application."""
    earlier = pending_of(act.record)
    if earlier is not None:
        raise Refused(
            gettext(
                "%(name)s proposed “%(act)s” at %(time)s; it waits for the person responsible. Withdraw it first to propose something else.",
                name=earlier.proposer,
                act=label_of(earlier),
                time=f"{clock.local(earlier.proposed_at):%Y-%m-%d %H:%M}",
            )
        )


def pending_of(application: Application) -> Proposal | None:
    """Return the proposal that waits for this application, or None."""
    return _pending([application.id])[application.id]


def read_for(applications: Sequence[Application]) -> None:
    """Read at once the proposals that wait for `applications`."""
    _pending([one.id for one in applications])


def _pending(keys: Sequence[int]) -> Mapping[int, Proposal | None]:
    def read(missing: Sequence[int]) -> Mapping[int, Proposal | None]:
        query = select(Proposal).where(
            Proposal.application_id.in_(missing), Proposal.state == ProposalState.PENDING
        )
        return {one.application_id: one for one in db.session.scalars(query)}

    return read_once.of_many(db.session(), "pending proposal", keys, (Proposal,), read, None)


def label_of(proposal: Proposal) -> str:
    """Return the words of the proposed act."""
    return str(Workflow.registry[Application].rows[proposal.event].label)


def details_in_words(proposal: Proposal) -> str:
    """Return what the handler filled in besides the opinion: recommendation, reasons, items; "" if nothing."""
    details, labels = proposal.details, first_checks.sections_of(proposal.application)
    reasons = return_reasons.read(details.get("sections")).items()
    items = [item for item in details.get("items") or [] if item.get("text")]
    due, station = details.get("deadline"), details.get("station")
    lines = [
        details.get("recommendation") or "",
        *(f"{labels.get(key, '')}: {one.text}".removeprefix(": ") for key, one in reasons),
        *(
            f"{labels.get(item['section'], '')}: {item['text']}".removeprefix(": ")
            for item in items
        ),
        f"{gettext('Supplement due on')}: {due}" if due else "",
        f"{gettext('Back to')}: {sending_back.name_of(proposal.application, station)}"
        if station
        else "",
    ]
    return "\n".join(line for line in lines if line)


def is_head(act: Act) -> str | None:
    """Allow only the person responsible, who is somebody else than the handler."""
    if not act.actor.is_head:
        return gettext("Only the person responsible of your unit confirms or sends back.")
    if act.actor.user_id == act.record.proposed_by:
        return gettext("You proposed this yourself; somebody else has to confirm it.")
    return None


def is_handler(act: Act) -> str | None:
    """Allow only handlers to withdraw; the person responsible sends back."""
    if act.actor.is_head:
        return gettext("Send it back with a reason; only the handler withdraws.")
    return None


def drop_overtaken(act: Act) -> None:
    """End a proposal that waits for an application which has just moved another way."""
    if (waiting := pending_of(act.record)) is not None:
        engine.fire(waiting, "overtake", actor=SYSTEM, at=act.at)


def carry_out(act: Act) -> None:
    """Fire the proposed act on its application, in the name of the person responsible."""
    proposal = act.record
    try:
        engine.fire(
            proposal.application,
            proposal.event,
            actor=act.actor,
            at=act.at,
            opinion=proposal.opinion,
            details={**_restored(proposal.details), "proposal": proposal},
            seen=proposal.seen,
        )
    except Refused as refusal:  # its field is one of the proposed form, not of this page
        raise Refused(refusal.sentence) from None


def note(act: Act) -> None:
    """Record in the log row which act is meant."""
    act.notes["act"] = act.record.event


def keep_answer(act: Act) -> None:
    """Store why the person responsible sent the proposal back."""
    act.record.answer = act.opinion


def _stored(details: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in details.items() if name not in FILES}
    return {n: v.isoformat() if isinstance(v, date) else v for n, v in kept.items()}


def _restored(details: Mapping[str, Any]) -> dict[str, Any]:
    return {n: date.fromisoformat(v) if n in DAYS and v else v for n, v in details.items()}
