"""Roles that administrators make themselves: a base role with fewer menus and buttons."""

from typing import TYPE_CHECKING

from flask_babel import get_locale
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.enums import Role
from app.models.base import Base, Versioned, enum_type, field

PREFIX = "own:"


class OwnRole(Versioned, Base):
    """A role made in the browser; engine and scopes see its base role, the menu what both have.

    Its ticks stand with those of the roles, under the name `scope`. It is retired, never deleted.
    """

    __tablename__ = "own_role"

    code: Mapped[str] = mapped_column(String(28), unique=True)
    base: Mapped[Role] = field(_("Base role"), enum_type(Role, "base_role"))
    name: Mapped[str] = field(_("Chinese name"), String(30))
    name_en: Mapped[str] = field(_("English name"), String(60))
    remark: Mapped[str] = field(_("Remark"), String(200), default="")
    is_active: Mapped[bool] = field(_p("own role", "In use"), default=True)

    if TYPE_CHECKING:
        holders: int
        """How many active positions have it; read where it is asked for."""

    @property
    def scope(self) -> str:
        """Return the name under which its ticks and overrides stand."""
        return f"{PREFIX}{self.code}"

    @property
    def label(self) -> str:
        """Return the name in the language of the page."""
        locale = get_locale()
        return self.name_en if locale is not None and locale.language == "en" else self.name
