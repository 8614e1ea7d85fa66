"""Flask-Admin pages on which administrators edit code tables, working calendar and message wording.

Not for applications, votes, results or accounts: those go through GuideView and the engine.
"""

from typing import Any, ClassVar

from flask import current_app, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import Admin, AdminIndexView, expose
from flask_admin.theme import Bootstrap4Theme
from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.extensions import db
from app.forms.base import fields
from app.forms.base.conditions import ConditionField
from app.models import (
    DictItem,
    MaterialKind,
    MessageTemplate,
    Region,
    Series,
    Specialty,
    Title,
    WorkDay,
)
from app.services.form import condition_texts
from app.views.form import dictionaries
from app.views.registers import maintenance_fields
from app.views.registers.maintenance_base import MaintenanceView, labelled


class Console(AdminIndexView):
    """The root URL of the maintenance pages; redirects to the first of them."""

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return redirect(url_for(f"{MENUS[0].__name__}.index_view"))


def _series(item: Title | Specialty) -> str:
    return f"{item.series_code} {item.series.name}"


def _offered_series() -> list[tuple[str, str]]:
    found = db.session.execute(select(Series.code, Series.name).order_by(Series.code))
    return [(code, f"{code} {name}") for code, name in found]


@labelled(_("Dictionaries"))
class DictionaryPage(MaintenanceView):
    model_class = DictItem
    named = ("kind", "code", "label", "order", "is_active", "standard")
    column_filters = ("kind", "is_active")
    column_formatters: ClassVar[dict[str, Any]] = {
        "kind": lambda view, context, item, name: dictionaries.name_of(item.kind),
    }
    column_searchable_list = ("label", "code")

    def validate_form(self, form: Any) -> bool:
        """Validate the form on submit; a code stands once in its dictionary."""
        if not super().validate_form(form):
            return False
        if "code" not in form:  # the form of an action on ticked rows
            return True
        same = select(DictItem).filter_by(kind=form.kind.data, code=form.code.data)
        other = db.session.scalar(same)
        if other is None or other is form._obj:
            return True
        form.code.errors = [maintenance_fields.taken(form.code.data)]
        return False


@labelled(_("Series"))
class SeriesPage(MaintenanceView):
    model_class = Series
    named = ("code", "name")
    form_args: ClassVar[dict[str, Any]] = {"code": {"min_length": 2}}


@labelled(_("Titles"))
class TitlePage(MaintenanceView):
    model_class = Title
    named = ("code", "series_code", "level", "name", "is_grassroots")
    form_overrides: ClassVar[dict[str, Any]] = {"series_code": fields.ChoiceField}
    form_args: ClassVar[dict[str, Any]] = {"series_code": {"offered": _offered_series}}
    column_formatters: ClassVar[dict[str, Any]] = {"series_code": lambda *row: _series(row[2])}
    column_searchable_list = ("name", "code")


@labelled(_("Specialties"))
class SpecialtyPage(MaintenanceView):
    model_class = Specialty
    named = ("code", "series_code", "name")
    form_overrides: ClassVar[dict[str, Any]] = {"series_code": fields.ChoiceField}
    form_args: ClassVar[dict[str, Any]] = {"series_code": {"offered": _offered_series}}
    column_formatters: ClassVar[dict[str, Any]] = {"series_code": lambda *row: _series(row[2])}
    column_searchable_list = ("name", "code")


@labelled(_("Regions"))
class RegionPage(MaintenanceView):
    model_class = Region
    named = ("code", "name", "level", "is_statistical")
    form_args: ClassVar[dict[str, Any]] = {
        "code": {"min_length": 6},
        "level": {"minimum": 1, "maximum": 3},
    }
    column_searchable_list = ("name", "code")


@labelled(_("Kinds of material"))
class MaterialKindPage(MaintenanceView):
    model_class = MaterialKind
    named = (
        "code", "name", "max_mb", "max_count", "order", "is_required", "condition", "required_when", "help",
    )  # fmt: skip
    form_overrides: ClassVar[dict[str, Any]] = {
        "condition": ConditionField,
        "required_when": ConditionField,
    }
    form_args: ClassVar[dict[str, Any]] = {
        "max_mb": {"minimum": 1, "maximum": 50},
        "max_count": {"minimum": 1, "maximum": 100},
        "condition": {
            "facts": ("by", *condition_texts.USUAL),
            "description": _("Asked for only where all of this holds; nothing ticked: always."),
        },
        "required_when": {
            "description": _(
                "Must be there where all of this holds, even if not required otherwise; nothing ticked: never."
            )
        },
    }
    column_formatters: ClassVar[dict[str, Any]] = {
        "condition": lambda *row: condition_texts.condition_text(row[2].condition),
        "required_when": lambda *row: condition_texts.condition_text(row[2].required_when),
    }
    column_sortable_list = ("code", "name", "max_mb", "max_count", "order", "is_required")


@labelled(_("Single days of the calendar"))
class CalendarPage(MaintenanceView):
    model_class = WorkDay
    named = ("day", "is_working", "note", "source")
    column_default_sort: ClassVar[Any] = ("day", True)
    can_delete = True


@labelled(_("Message wording"))
class TemplatePage(MaintenanceView):
    model_class = MessageTemplate
    named = ("key", "subject", "body")


MENUS = (
    DictionaryPage, SeriesPage, TitlePage, SpecialtyPage, RegionPage, MaterialKindPage, CalendarPage, TemplatePage,
)  # fmt: skip


def register(builder: AppBuilder) -> None:
    """Register the pages under /console/, each with its class name as endpoint."""
    admin = Admin(
        current_app,
        name="",
        index_view=Console(endpoint="console", url="/console"),
        endpoint="console",
        url="/console",
        theme=Bootstrap4Theme(swatch="default"),
    )
    for page in MENUS:
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
