"""Deputies (代理人): for some days a colleague handles the cases that are in somebody's hands.

A deputy works in the same role at the same place, acts in the own name, and the log says for whom. Only clerks name
deputies: what is sealed or personal, such as scores, votes and codes of judges and supervisors, has none.
"""

from datetime import date
from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, select

from app.engine import Act, Refused
from app.enums import DeputyState
from app.ground import clock
from app.ground.actor import Actor
from app.models import Deputy, Position
from app.services.handling import colleagues
from app.services.messages.outbox import queue_message

PAGE = "/g/deputies/"


def principals(actor: Actor, day: date) -> Select[tuple[int]]:
    """Select the positions that `actor` stands in for on `day`."""
    mine = Deputy.deputy_position_id == actor.position_id
    return select(Deputy.position_id).where(mine, _in_force(day))


def _in_force(day: date) -> ColumnElement[bool]:
    is_named: ColumnElement[bool] = Deputy.state == DeputyState.NAMED
    return is_named & (Deputy.starts_on <= day) & (Deputy.ends_on >= day)


def draft(position_id: int | None, data: dict[str, Any]) -> Deputy:
    """Return an unsaved deputyship of the person in `position_id`."""
    return Deputy(
        position_id=position_id,
        deputy_position_id=int(data["deputy_position_id"]),
        starts_on=data["starts_on"],
        ends_on=data["ends_on"],
    )


def is_own(act: Act) -> str | None:
    """Refuse to name or to dismiss somebody else's deputy."""
    if act.actor.position_id is not None and act.actor.position_id == act.record.position_id:
        return None
    return gettext("Only the person who is stood in for names a deputy and ends it.")


def is_colleague(act: Act) -> str | None:
    """Refuse a deputy who does not work in the same role and duty at the same place. Raises Refused."""
    position = act.session.get(Position, act.record.deputy_position_id)
    is_one = position is not None and colleagues.is_one(position, act.actor)
    if not is_one or act.record.deputy_position_id == act.actor.position_id:
        raise Refused(colleagues.sentence(), "deputy_position_id")
    return None


def has_days_ahead(act: Act) -> str | None:
    """Refuse days that are over or turned round. Raises Refused."""
    record, today = act.record, clock.local_date(act.at)
    if record.starts_on < today:
        raise Refused(
            gettext("%(day)s is over. A deputy begins today or later.", day=record.starts_on),
            "starts_on",
        )
    if record.ends_on < record.starts_on:
        raise Refused(
            gettext(
                "The last day (%(last)s) is before the first (%(first)s). Exchange the two.",
                last=record.ends_on, first=record.starts_on,
            ),
            "ends_on",
        )  # fmt: skip
    return None


def is_only_one(act: Act) -> str | None:
    """Refuse a second deputy of the same person on the same days. Raises Refused.

    The row of the position is locked, so that of two windows the second sees what the first named.
    """
    record = act.record
    position = select(Position.id).where(Position.id == record.position_id)
    query = select(Deputy).where(
        Deputy.position_id == record.position_id,
        Deputy.state == DeputyState.NAMED,
        Deputy.starts_on <= record.ends_on,
        Deputy.ends_on >= record.starts_on,
    )
    with act.session.no_autoflush:
        act.session.execute(position.with_for_update(key_share=True))
        other = act.session.scalars(query.limit(1)).first()
    if other is None:
        return None
    raise Refused(
        gettext(
            "%(name)s is your deputy from %(first)s to %(last)s already. End that first, or choose other days.",
            name=other.deputy.user.real_name, first=other.starts_on, last=other.ends_on,
        ),
        "starts_on",
    )  # fmt: skip


def is_not_over(act: Act) -> str | None:
    """Refuse to end what has ended by itself."""
    if act.record.ends_on >= clock.local_date(act.at):
        return None
    return gettext("It ended by itself on %(day)s.", day=act.record.ends_on)


def tell_deputy(act: Act) -> None:
    """Tell the deputy from when to when, or that it has ended."""
    record = act.record
    position = act.session.get_one(Position, record.deputy_position_id)
    queue_message(
        act.session, position.user_id, f"deputy.{act.event}", at=act.at, url=PAGE,
        name=act.actor.name, first=str(record.starts_on), last=str(record.ends_on),
    )  # fmt: skip
    act.notes["deputy"] = position.user.real_name
