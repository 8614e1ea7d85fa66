"""Checks the composition of a meeting: odd number, minimum size, a chair (Order 40, art. 10 and 20)."""

from collections.abc import Iterator, Mapping

from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.enums import SeatRole
from app.models import Committee, Plan, Seat
from app.services.meeting.seats import MEMBERS, PRESIDING
from app.services.registers import committees


def faults(session: Session, plan: Plan) -> list[str]:
    """Return a sentence for every fault in the composition of a meeting; an empty list if there is none."""
    counts = select(Seat.role, func.count(Seat.id)).where(
        Seat.plan_id == plan.id, Seat.state.in_(MEMBERS)
    )
    by_role = dict(session.execute(counts.group_by(Seat.role)).tuples().all())
    committee = session.get_one(Committee, plan.committee_id)
    return list(_faults(by_role, committees.least_members(committee)))


def _faults(by_role: Mapping[SeatRole, int], least: int) -> Iterator[str]:
    members = sum(by_role.values())
    if members % 2 == 0:
        yield gettext(
            "%(count)s judges have accepted; their number must be odd (Order 40, art. 10).",
            count=members,
        )
    if members < least:
        yield gettext(
            "%(count)s judges have accepted; the committee sits with at least %(least)s.",
            count=members,
            least=least,
        )
    if not any(by_role.get(role) for role in PRESIDING):
        yield gettext("No chair and no vice chair is appointed (Order 40, art. 20).")
