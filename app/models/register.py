"""Small registers of the program itself: running numbers and the grants made from code."""

from flask_appbuilder import Model
from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class Counter(Model):
    """A running number; its row is locked while the next one is taken, so none is given twice."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[int] = mapped_column(default=0)


class GrantLog(Base):
    """Every grant ever made from code: one removed by hand is not made again."""

    __tablename__ = "grant_log"
    __table_args__ = (UniqueConstraint("role", "permission", "view", name="uq_grant_log_once"),)

    role: Mapped[str] = mapped_column(String(64))
    permission: Mapped[str] = mapped_column(String(100))
    view: Mapped[str] = mapped_column(String(200))
