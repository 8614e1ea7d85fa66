"""Register of canned phrases (常用语): per role, kept by administrators, and everybody's own."""

from typing import Any

from flask_appbuilder.security.sqla.models import Role as RoleRow
from flask_babel import gettext
from sqlalchemy import ColumnElement, func, select

from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.ground.actor import Actor
from app.models import Phrase, User

USERS = (Role.UNIT, Role.SUPERIOR, Role.OFFICE, Role.JUDGE, Role.SUPERVISOR, Role.HRSS)
"""Roles that write opinions and reasons."""
LONGEST = 300
"""Characters of a phrase; as long as the shortest field it is inserted into."""
MOST = 30
"""Phrases in use per role, and as many per person and role."""


def build(data: dict[str, Any], owner: Actor | None) -> Phrase:
    """Return a new phrase of `owner`, or of a role when administrators keep it. Raises Refused."""
    made = Phrase(user_id=owner.user_id if owner else None, role=owner.role if owner else None)
    write(made, data)
    return made


def write(phrase: Phrase, data: dict[str, Any]) -> None:
    """Write `data` to a phrase. Raises Refused for one that is there already and for one too many."""
    role = Role(data["role"]) if "role" in data else phrase.role
    _lock(phrase.user_id, role)
    beside = _kept_beside(phrase, role) & Phrase.is_active
    if data["is_active"]:
        _refuse_known(data["text"], beside)
        _refuse_too_many(beside)
    phrase.role, phrase.text = role, data["text"]
    phrase.order, phrase.is_active = data["order"] or 0, data["is_active"]


def _lock(user_id: int | None, role: Role) -> None:
    """Lock the row of the account, or of the role for its phrases: of two windows the second sees what the first kept."""
    account = select(User.id).where(User.id == user_id)
    group = select(RoleRow.id).where(RoleRow.name == role.value)
    keeper = group if user_id is None else account
    with db.session.no_autoflush:
        db.session.execute(keeper.with_for_update(key_share=True))


def _kept_beside(phrase: Phrase, role: Role) -> ColumnElement[bool]:
    """Return the condition for the other phrases of the same keeper in `role`."""
    owner = Phrase.user_id == phrase.user_id if phrase.user_id else Phrase.user_id.is_(None)
    return (Phrase.role == role) & owner & (Phrase.id != (phrase.id or 0))


def _refuse_known(text: str, beside: ColumnElement[bool]) -> None:
    with db.session.no_autoflush:
        known = db.session.scalar(select(Phrase.id).where(beside, Phrase.text == text).limit(1))
    if known is not None:
        raise Refused(gettext("This phrase is there already; change the wording."), "text")


def _refuse_too_many(beside: ColumnElement[bool]) -> None:
    with db.session.no_autoflush:
        count = db.session.scalar(select(func.count(Phrase.id)).where(beside)) or 0
    if count >= MOST:
        raise Refused(
            gettext(
                "%(most)s phrases are in use already, and no more fit into the list. Change one of them or switch one off first.",
                most=MOST,
            ),
            "is_active",
        )


def offered(condition: ColumnElement[bool]) -> list[str]:
    """Return the wordings in use that meet `condition`, the own ones first, each once."""
    query = (
        select(Phrase.text)
        .where(condition, Phrase.is_active)
        .order_by(Phrase.user_id.is_(None), Phrase.order, Phrase.id)
        .limit(2 * MOST)
    )
    return list(dict.fromkeys(db.session.scalars(query)))
