"""A minimal application on Flask-AppBuilder's stock views, to show which defects they still have.

Its models have a separate declarative base, so that they never become part of the program's tables.
"""

from pathlib import Path
from threading import Barrier
from typing import Any

from flask import Flask, g, redirect, request
from flask_appbuilder import AppBuilder, ModelView
from flask_appbuilder.actions import action
from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_login import AnonymousUserMixin
from sqlalchemy import ForeignKey, create_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    scoped_session,
    sessionmaker,
)

PATIENCE = 60
"""Seconds after which the other request will not come any more."""
REFUSED: set[tuple[str, str]] = set()
"""(permission, view) that the person asking does not hold; everything else is held."""


class StockBase(DeclarativeBase):
    pass


class Case(StockBase):
    __tablename__ = "stock_case"

    id: Mapped[int] = mapped_column(primary_key=True)
    clerk: Mapped[str]
    hidden: Mapped[str] = mapped_column(default="")
    is_approved: Mapped[bool] = mapped_column(default=False)

    def __repr__(self) -> str:
        return f"case of {self.clerk}"


class Award(StockBase):
    __tablename__ = "stock_award"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    case_id: Mapped[int] = mapped_column(ForeignKey("stock_case.id"))
    case: Mapped[Case] = relationship(backref="awards")


class OwnOnly(BaseFilter):  # type: ignore[misc]
    name = "own"

    def apply(self, query: Any, value: Any) -> Any:
        return query.filter(Case.clerk == request.headers.get("X-Clerk", ""))


class AwardView(ModelView):  # type: ignore[misc]
    datamodel = SQLAInterface(Award)
    list_columns = ["name"]
    add_columns = ["name", "case"]
    search_columns = ["name", "case"]


class CaseView(ModelView):  # type: ignore[misc]
    datamodel = SQLAInterface(Case)
    base_filters = [["clerk", OwnOnly, ""]]
    list_columns = ["clerk", "is_approved"]
    show_columns = ["clerk"]
    related_views = [AwardView]

    @action("approve", "Approve", "", "")
    def approve(self, cases: Any) -> Any:
        for case in cases if isinstance(cases, list) else [cases]:
            case.is_approved = True
        self.datamodel.session.commit()
        return redirect("/")


class WaitingView(ModelView):  # type: ignore[misc]
    """The list at the moment two requests have both read what they are to filter by."""

    datamodel = SQLAInterface(Case)
    list_columns = ["hidden"]
    search_columns = ["clerk"]
    barrier: Barrier

    def _get_list_widget(self, **kwargs: Any) -> Any:
        self.barrier.wait(PATIENCE)
        return super()._get_list_widget(**kwargs)


class Anybody(SecurityManager):  # type: ignore[misc]
    """Lets everybody do everything but what stands in REFUSED, without tables of its own."""

    def register_views(self) -> None: ...

    def create_db(self) -> None: ...

    def before_request(self) -> None:
        g.user = AnonymousUserMixin()

    def load_user(self, pk: Any) -> None: ...

    def has_access(self, permission_name: str, view_name: str) -> bool:
        return (permission_name, view_name) not in REFUSED

    def get_user_menu_access(self, menu_names: Any = None) -> set[str]:
        return set()


def make(folder: Path) -> tuple[Flask, Any]:
    """Return the application and its session; `alice` and `bob` have a case each."""
    engine = create_engine(f"sqlite:///{folder / 'stock.db'}")
    StockBase.metadata.create_all(engine)
    session = scoped_session(sessionmaker(engine))
    app = Flask("stock")
    app.config.update(
        SECRET_KEY="only-for-this-test",
        SQLALCHEMY_DATABASE_URI=str(engine.url),
        FAB_UPDATE_PERMS=False,
        FAB_ADD_SECURITY_VIEWS=False,
        FAB_ADD_OPENAPI_VIEWS=False,
        FAB_ADD_MENU_API=False,
        WTF_CSRF_ENABLED=False,
    )
    with app.app_context():
        builder = AppBuilder(app, session, security_manager_class=Anybody)
        for view in (AwardView, CaseView, WaitingView):
            builder.add_view_no_menu(view)
    app.teardown_appcontext(lambda error: session.remove() or None)
    session.add_all(
        [Case(id=1, clerk="alice", hidden="1111"), Case(id=2, clerk="bob", hidden="2222")]
    )
    session.commit()
    return app, session
