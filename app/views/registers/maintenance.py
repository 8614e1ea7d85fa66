"""Flask-Admin pages on which administrators edit code tables, working calendar and message wording.

Not for applications, votes, results or accounts: those go through GuideView and the engine.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar

from flask import abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import Admin, AdminIndexView, expose
from flask_admin.contrib.sqla import ModelView
from flask_admin.theme import Bootstrap4Theme
from flask_appbuilder import AppBuilder
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from app.enums import Labelled, Level, Role
from app.extensions import appbuilder, db
from app.forms import compare
from app.forms.conditions import ConditionField
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
from app.models.base import Base
from app.services.form import condition_texts
from app.services.ground import versions
from app.services.ground.audit import audit
from app.views.base import editing
from app.views.base.access import to_sign_in
from app.views.base.aliases import Label
from app.views.form import dictionaries
from app.web.security import current_actor

WRITING = frozenset({"create_view", "edit_view", "delete_view", "action_view", "ajax_update"})


class MaintenanceView(ModelView):
    """A maintenance page: `can_list` opens it, `can_edit` allows changes; these go to the audit log."""

    guide: ClassVar[str] = "maintenance"
    label: ClassVar[Label]
    model_class: ClassVar[type[Base]]
    roles: ClassVar[tuple[Role, ...]] = (Role.SYSADMIN,)
    tabs: ClassVar[tuple[Any, ...]] = ()
    waiting: ClassVar[tuple[str, ...]] = ()
    default_view = "index_view"
    page_size = 50
    can_set_page_size = False
    can_view_details = False
    can_delete = False
    form_excluded_columns: ClassVar[list[str]] = []
    named: ClassVar[tuple[str, ...]] = ()
    # yes and no as words: Flask-Admin would use an icon font, which we do not ship
    column_type_formatters: ClassVar[dict[type[Any], Any]] = {
        type(None): lambda view, value, name: "",
        bool: lambda view, value, name: gettext("Yes") if value else gettext("No"),
        Labelled: lambda view, value, name: str(value.label),
    }

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.column_list = cls.form_columns = list(cls.named)
        cls.column_default_sort = cls.named[0]
        columns = cls.model_class.__table__.c
        cls.column_labels = {
            key: columns[key].info["label"] for key in cls.named if "label" in columns[key].info
        }

    @classmethod
    def permissions(cls) -> list[str]:
        return ["list", "edit"]

    @classmethod
    def permissions_of(cls, role: Role) -> list[str]:
        return cls.permissions()

    def is_accessible(self) -> bool:
        return bool(appbuilder.sm.has_access("can_list", type(self).__name__))

    def _handle_view(self, name: str, **kwargs: Any) -> Response | None:
        if name in WRITING and not appbuilder.sm.has_access("can_edit", type(self).__name__):
            return self.inaccessible_callback(name, **kwargs)
        closed: Response | None = super()._handle_view(name, **kwargs)
        return closed

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Response:
        return to_sign_in() if current_actor() is None else abort(403)

    def get_one(self, id: Any) -> Any:  # noqa: A002 - the framework's name
        """Return the row with the primary key `id` (text from the URL, whatever the column type), or None."""
        kind = self.model.__mapper__.primary_key[0].type.python_type
        try:
            key = date.fromisoformat(id) if kind is date else kind(id)
        except ValueError:
            return None
        return None if isinstance(key, int) and key >= 2**31 else db.session.get(self.model, key)

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> ResponseReturnValue:
        """Handle the edit form of a row; a refused form is answered with status 422."""
        answer = super().edit_view()
        return (answer, 422) if request.method == "POST" and isinstance(answer, str) else answer

    def edit_form(self, obj: Any = None) -> Any:
        form = super().edit_form(obj)
        form.seen = editing.seen_version() if request.method == "POST" else obj.version
        return form

    def update_model(self, form: Any, model: Any) -> bool:
        """Save the row unless somebody else has saved it since the form was opened."""
        key = str(self.get_pk_value(model))
        versions.require_version(model, form.seen)
        if super().update_model(form, model):
            return True
        stored = self.get_one(key) or abort(409)
        if stored.version != form.seen:
            form.form_errors.append(versions.outdated_refusal(_subject(stored)).sentence)
            compare.show_stored_values(form, self._edit_form_class(None, obj=stored))
            form.seen = stored.version
        return False

    def is_action_allowed(self, name: str) -> bool:
        return False

    def on_model_change(self, form: Any, model: Any, is_created: bool) -> None:
        if not appbuilder.sm.has_access("can_edit", type(self).__name__):
            abort(403)
        # a new row gets its primary key from the flush
        db.session.flush()
        audit(
            "maintenance",
            actor=current_actor(),
            subject=_subject(model),
            details={"created": is_created},
        )

    def on_model_delete(self, model: Any) -> None:
        self.on_model_change(None, model, False)

    def handle_view_exception(self, exc: Exception) -> bool:
        if isinstance(exc, StaleDataError):
            flash(gettext("Somebody else was faster. Look at the record again."), "warning")
            return True
        flash(
            gettext(
                "This could not be saved: a value is missing, is used elsewhere, or exists already."
            ),
            "warning",
        )
        return True


def _subject(row: Base) -> str:
    """Return the subject of a row in the audit log: table name and primary key."""
    key = "/".join(str(getattr(row, column.key)) for column in row.__mapper__.primary_key)
    return f"{row.__tablename__}:{key}"


def labelled(label: Label) -> Callable[[type[MaintenanceView]], type[MaintenanceView]]:
    """Set a page's label; in the class body Flask-Admin would evaluate the lazy text outside a request."""

    def give(page: type[MaintenanceView]) -> type[MaintenanceView]:
        page.label = label
        return page

    return give


class Console(AdminIndexView):
    """The root URL of the maintenance pages; redirects to the first of them."""

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return redirect(url_for(f"{MENUS[0].__name__}.index_view"))


def _series(item: Title | Specialty) -> str:
    return f"{item.series_code} {item.series.name}"


@labelled(_("Dictionaries"))
class DictionaryPage(MaintenanceView):
    model_class = DictItem
    named = ("kind", "code", "label", "order", "is_active", "standard")
    column_filters = ("kind", "is_active")
    column_formatters: ClassVar[dict[str, Any]] = {
        "kind": lambda view, context, item, name: dictionaries.name_of(item.kind),
    }
    column_searchable_list = ("label", "code")


@labelled(_("Series"))
class SeriesPage(MaintenanceView):
    model_class = Series
    named = ("code", "name")


@labelled(_("Titles"))
class TitlePage(MaintenanceView):
    model_class = Title
    named = ("code", "series_code", "level", "name", "is_grassroots")
    # by default Flask-Admin offers the stored values and preselects the first, whatever is stored
    form_overrides: ClassVar[dict[str, Any]] = {"level": SelectField}
    form_args: ClassVar[dict[str, Any]] = {
        "level": {
            "choices": [SelectChoice(level.value, level.label) for level in Level],
            "coerce": Level,
        }
    }
    column_formatters: ClassVar[dict[str, Any]] = {"series_code": lambda *row: _series(row[2])}
    column_searchable_list = ("name", "code")


@labelled(_("Specialties"))
class SpecialtyPage(MaintenanceView):
    model_class = Specialty
    named = ("code", "series_code", "name")
    column_formatters: ClassVar[dict[str, Any]] = {"series_code": lambda *row: _series(row[2])}
    column_searchable_list = ("name", "code")


@labelled(_("Regions"))
class RegionPage(MaintenanceView):
    model_class = Region
    named = ("code", "name", "level", "is_statistical")
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


@labelled(_("Working calendar"))
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
