"""Internal tables of the program: running numbers and the grants made from code."""

from flask_appbuilder import Model
from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class Counter(Model):
    """A running number; its row is locked while the next one is taken, so that none is used twice."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[int] = mapped_column(default=0)


class GrantLog(Base):
    """A grant made from code, remembered so that one removed by an administrator is not made again."""

    __tablename__ = "grant_log"
    __table_args__ = (UniqueConstraint("role", "permission", "view", name="uq_grant_log_once"),)

    role: Mapped[str] = mapped_column(String(64))
    permission: Mapped[str] = mapped_column(String(100))
    view: Mapped[str] = mapped_column(String(200))
