"""Canned phrases (常用语) for opinions and reasons."""

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped

from app.enums import Role
from app.models.base import Base, Versioned, enum_type, field


class Phrase(Versioned, Base):
    """One line of plain text that people of a role may insert into an opinion or a reason.

    Without `user_id` administrators keep it for everybody in the role; otherwise it is that account's own. One that is
    no longer wanted is switched off.
    """

    __tablename__ = "phrase"
    __table_args__ = (Index("ix_phrase_role_user_id", "role", "user_id"),)

    role: Mapped[Role] = field(_("Role"), enum_type(Role, "phrase_role"))
    user_id: Mapped[int | None] = field(_("Account"), ForeignKey("ab_user.id"))
    text: Mapped[str] = field(_("Wording"), String(300))
    order: Mapped[int] = field(_("Order"), default=0, help=_("The smallest number comes first."))
    is_active: Mapped[bool] = field(_("Active"), default=True)
