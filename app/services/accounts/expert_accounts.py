"""Whether an account is an expert's own: waits for the committee's office, which confirms or refuses it.

Who registers with an expert's ID number and name, or had done so before the office entered the expert, may be
somebody else. So no judge's position comes by itself; the office confirms after asking the expert.
"""

from datetime import datetime

from flask_babel import gettext
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app import engine
from app.engine import Act
from app.enums import ExpertAccountState, ExpertState, Role
from app.ground import clock
from app.ground.actor import SYSTEM
from app.models import Committee, Expert, ExpertAccount, Person, User
from app.services.accounts import judge_positions
from app.services.messages import outbox

LIST = "/g/1.4.1/accounts/"


def ask_for_all(session: Session, person: Person, *, at: datetime) -> None:
    """Ask every office whose pool admitted a person who has just registered to confirm the account."""
    query = select(Expert).where(
        Expert.person_id == person.id, Expert.state == ExpertState.ADMITTED
    )
    for expert in session.scalars(query.order_by(Expert.id)).all():
        admit(session, expert, at=at)


def admit(session: Session, expert: Expert, *, at: datetime) -> None:
    """Let the account of an expert wait for confirmation, unless the office has confirmed or refused it.

    An account that was a judge's of this committee before counts as confirmed.
    """
    person = session.get_one(Person, expert.person_id)
    if person.user_id is None:
        return
    if judge_positions.was_judge(session, expert) or _is_confirmed(session, expert, person.user_id):
        judge_positions.grant_judge_position(session, expert, SYSTEM)
    elif of(session, expert.committee_id, person.user_id) is None:
        record = ExpertAccount(
            committee_id=expert.committee_id, person_id=person.id, user_id=person.user_id
        )
        engine.fire(record, "wait", actor=SYSTEM, at=at)


def of(session: Session, committee_id: int, user_id: int) -> ExpertAccount | None:
    """Return the confirmation of an account as an expert's of a committee, in whatever state, or None."""
    return session.scalars(
        select(ExpertAccount).where(
            ExpertAccount.committee_id == committee_id, ExpertAccount.user_id == user_id
        )
    ).one_or_none()


def _is_confirmed(session: Session, expert: Expert, user_id: int) -> bool:
    found = of(session, expert.committee_id, user_id)
    return found is not None and found.state is ExpertAccountState.CONFIRMED


def is_own_committee(act: Act) -> str | None:
    """Refuse an office for the pool of a committee that is not its own."""
    if act.record.committee_id in act.actor.committee_ids:
        return None
    return gettext("This belongs to another committee. Switch to your position in that committee.")


def is_not_own(act: Act) -> str | None:
    """Refuse staff who confirm the own account."""
    if act.actor.user_id != act.record.user_id and act.actor.person_id != act.record.person_id:
        return None
    return gettext("This is your own account; a colleague has to confirm it.")


def is_in_pool(act: Act) -> str | None:
    """Refuse to confirm for somebody who has left the pool, or whose account is disabled."""
    record = act.record
    member = exists().where(
        Expert.person_id == record.person_id,
        Expert.committee_id == record.committee_id,
        Expert.state == ExpertState.ADMITTED,
    )
    if not act.session.scalar(select(member)):
        return gettext("This person is not in the pool any more; do not confirm the account.")
    if not act.session.get_one(User, record.user_id).active:
        return gettext("This account is disabled; do not confirm it.")
    return None


def give_position(act: Act) -> None:
    """Grant the judge's position of the confirmed account."""
    record = act.record
    expert = act.session.scalars(
        select(Expert)
        .where(
            Expert.person_id == record.person_id,
            Expert.committee_id == record.committee_id,
            Expert.state == ExpertState.ADMITTED,
        )
        .order_by(Expert.id.desc())
    ).first()
    if expert is not None:
        judge_positions.grant_judge_position(act.session, expert, act.actor)


def tell(act: Act) -> None:
    """Tell the office that an account waits, and the account what the office decided."""
    record = act.record
    committee = act.session.get_one(Committee, record.committee_id)
    facts = {
        "committee": committee.name,
        "name": record.person.name,
        "opinion": act.opinion,
        "time": f"{clock.local(act.at):%Y-%m-%d %H:%M}",
    }
    if act.event == "wait":
        if committee.unit_id is not None:
            outbox.queue_message_to_unit(
                act.session,
                committee.unit_id,
                "expert_account.wait",
                at=act.at,
                role=Role.OFFICE,
                url=f"{LIST}{record.id}",
                **facts,
            )
        return
    outbox.queue_message(
        act.session, record.user_id, f"expert_account.{act.event}", at=act.at, **facts
    )
