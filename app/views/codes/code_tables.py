"""Flask-Admin pages of the larger code tables: series, titles, specialties, regions, kinds of material."""

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from app.extensions import db
from app.forms.base import fields
from app.forms.base.conditions import ConditionField
from app.models import MaterialKind, Region, Series, Specialty, Title
from app.services.codes.ordering import KindsInOrder
from app.services.form import condition_texts
from app.views.codes.code_page import CodePage
from app.views.codes.row_order import OrderPages
from app.views.codes.table_sheets import TableSheets
from app.views.registers.maintenance_base import labelled


def _series(item: Title | Specialty) -> str:
    return f"{item.series_code} {item.series.name}"


def _offered_series() -> list[tuple[str, str]]:
    found = db.session.execute(
        select(Series.code, Series.name).where(Series.is_active).order_by(Series.code)
    )
    return [(code, f"{code} {name}") for code, name in found]


@labelled(_("Series"))
class SeriesPage(TableSheets, CodePage):
    model_class = Series
    column_editable_list = ("name",)
    named = ("code", "name", "is_active")
    form_args: ClassVar[dict[str, Any]] = {"code": {"min_length": 2}}


@labelled(_("Titles"))
class TitlePage(TableSheets, CodePage):
    model_class = Title
    column_editable_list = ("name",)
    named = ("code", "series_code", "level", "name", "is_grassroots", "is_active")
    form_overrides: ClassVar[dict[str, Any]] = {"series_code": fields.ChoiceField}
    form_args: ClassVar[dict[str, Any]] = {"series_code": {"offered": _offered_series}}
    column_formatters: ClassVar[dict[str, Any]] = {"series_code": lambda *row: _series(row[2])}
    column_searchable_list = ("name", "code")


@labelled(_("Specialties"))
class SpecialtyPage(TableSheets, CodePage):
    model_class = Specialty
    column_editable_list = ("name",)
    named = ("code", "series_code", "name", "is_active")
    form_overrides: ClassVar[dict[str, Any]] = {"series_code": fields.ChoiceField}
    form_args: ClassVar[dict[str, Any]] = {"series_code": {"offered": _offered_series}}
    column_formatters: ClassVar[dict[str, Any]] = {"series_code": lambda *row: _series(row[2])}
    column_searchable_list = ("name", "code")


@labelled(_("Regions"))
class RegionPage(TableSheets, CodePage):
    model_class = Region
    column_editable_list = ("name",)
    named = ("code", "name", "level", "is_statistical", "is_active")
    form_args: ClassVar[dict[str, Any]] = {
        "code": {"min_length": 6},
        "level": {"minimum": 1, "maximum": 3},
    }
    column_searchable_list = ("name", "code")


@labelled(_("Kinds of material"))
class MaterialKindPage(TableSheets, OrderPages, CodePage):
    model_class = MaterialKind
    how_to = ("ask-for-a-material",)
    column_default_sort: ClassVar[Any] = [("order", False), ("code", False)]
    column_editable_list = ("name", "max_mb", "max_count", "help")
    named = (
        "code", "name", "max_mb", "max_count", "is_required", "condition", "required_when", "help",
        "is_active",
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
    column_sortable_list = ("code", "name", "max_mb", "max_count", "is_required")

    def ordered(self) -> KindsInOrder:
        return KindsInOrder(db.session())

    def render(self, template: str, **kwargs: Any) -> Any:
        if template == self.list_template:
            kwargs["order"] = self.order_of(kwargs)
        return super().render(template, **kwargs)

    def build_new_instance(self) -> MaterialKind:
        """Return a new kind, which comes last."""
        last = db.session.scalar(select(func.max(MaterialKind.order)))
        return MaterialKind(order=(last or 0) + 1)


MENUS = (SeriesPage, TitlePage, SpecialtyPage, RegionPage, MaterialKindPage)
