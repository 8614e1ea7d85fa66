"""Flask-Admin pages on which administrators edit working calendar and message wording, and their registration.

Not for applications, votes, results or accounts: those go through GuideView and the engine.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

from flask import current_app, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import Admin, AdminIndexView, expose
from flask_admin.theme import Bootstrap4Theme
from flask_babel import lazy_gettext as _

from app.extensions import db
from app.models import WorkDay
from app.views.registers.maintenance_base import MaintenanceView, labelled
from app.views.registers.message_wording import TemplatePage

Pages = Iterable[type[MaintenanceView]]


def _console(first: type[MaintenanceView]) -> AdminIndexView:
    """Return the root of the maintenance pages, which leads to the first of them."""

    class Console(AdminIndexView):
        @expose("/")
        def index(self) -> ResponseReturnValue:
            return redirect(url_for(f"{first.__name__}.index_view"))

    return Console(endpoint="console", url="/console")


@labelled(_("Single days of the calendar"))
class CalendarPage(MaintenanceView):
    model_class = WorkDay
    named = ("day", "is_working", "note", "source")
    column_default_sort: ClassVar[Any] = ("day", True)
    can_delete = True


MENUS = (CalendarPage, TemplatePage)


def register(pages: Pages) -> None:
    """Register pages under /console/, each with its class name as endpoint."""
    found = list(pages)
    admin = Admin(
        current_app,
        name="",
        index_view=_console(found[0]),
        endpoint="console",
        url="/console",
        theme=Bootstrap4Theme(swatch="default"),
    )
    for page in found:
        slug = page.model_class.__tablename__.replace("_", "-")
        admin.add_view(
            page(
                page.model_class,
                db,
                name=page.label,
                endpoint=page.__name__,
                url=f"/console/{slug}",
            )
        )
