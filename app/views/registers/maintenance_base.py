"""Base of the Flask-Admin pages on which administrators edit code tables: permissions, log, versions."""

from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar

import wtforms
from flask import abort, flash, g, jsonify, request, session
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_admin.contrib.sqla import ModelView
from flask_babel import gettext
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from app.enums import Labelled, Role
from app.extensions import appbuilder, db
from app.forms.base import compare
from app.models.base import Base
from app.services.ground import row_changes, versions
from app.services.ground.audit import audit
from app.validators import characters
from app.views.base import editing
from app.views.base.access import to_sign_in
from app.views.base.aliases import Label
from app.views.registers import maintenance_cells, maintenance_fields
from app.web.security import current_actor

WRITING = frozenset(
    {
        "create_view", "edit_view", "delete_view", "action_view", "ajax_update", "switch_view", "order_view",
        "merge_view", "import_view", "restore_view",
    }
)  # fmt: skip
"""Names of the routes that change something."""


class MaintenanceView(ModelView):
    """A maintenance page: `can_list` opens it, `can_edit` allows changes; these go to the audit log."""

    guide: ClassVar[str] = "maintenance"
    label: ClassVar[Label]
    model_class: ClassVar[type[Base]]
    roles: ClassVar[tuple[Role, ...]] = (Role.SYSADMIN,)
    tabs: ClassVar[tuple[Any, ...]] = ()
    waiting: ClassVar[tuple[str, ...]] = ()
    how_to: ClassVar[tuple[str, ...]] = ()
    """Names of the pages under docs/customise that say how to change something there."""
    default_view = "index_view"
    page_size = 50
    can_set_page_size = False
    can_view_details = False
    can_delete = False
    form_excluded_columns: ClassVar[list[str]] = []
    model_form_converter = maintenance_fields.Converter
    named: ClassVar[tuple[str, ...]] = ()
    unformed: ClassVar[tuple[str, ...]] = ()
    """Columns of `named` that no form has."""
    permission_of: ClassVar[str] = ""
    """Page whose permissions hold here, where it is another one."""
    more_labels: ClassVar[dict[str, Label]] = {}
    """Labels of listed columns that the table does not have."""
    # yes and no as words: Flask-Admin would use an icon font, which we do not ship
    column_type_formatters: ClassVar[dict[type[Any], Any]] = {
        type(None): lambda view, value, name: "",
        bool: lambda view, value, name: gettext("Yes") if value else gettext("No"),
        Labelled: lambda view, value, name: str(value.label),
    }

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.named:
            return
        cls.form_columns = [name for name in cls.named if name not in cls.unformed]
        # what a page declares itself stands
        for name, value in {
            "column_list": list(cls.named),
            "column_default_sort": cls.named[0],
        }.items():
            if name not in cls.__dict__:
                setattr(cls, name, value)
        columns = cls.model_class.__table__.c
        cls.column_labels = {
            key: columns[key].info["label"] for key in cls.named if "label" in columns[key].info
        } | cls.more_labels

    @classmethod
    def permissions(cls) -> list[str]:
        return ["list", "edit"]

    @classmethod
    def permissions_of(cls, role: Role) -> list[str]:
        return cls.permissions()

    def is_accessible(self) -> bool:
        return self._may("list")

    def may_change(self) -> bool:
        """Return whether who is signed in may change the rows; pages offer nothing else to change them."""
        return self._may("edit")

    def _may(self, permission: str) -> bool:
        page = self.permission_of or type(self).__name__
        return bool(appbuilder.sm.has_access(f"can_{permission}", page))

    def _handle_view(self, name: str, **kwargs: Any) -> Response | None:
        if name in WRITING and not self.may_change():
            return self.inaccessible_callback(name, **kwargs)
        closed: Response | None = super()._handle_view(name, **kwargs)
        return closed

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Response:
        return to_sign_in() if current_actor() is None else abort(403)

    def get_one(self, id: Any) -> Any:  # noqa: A002 - the framework calls it `id`
        """Return the row with the primary key `id` (text from the URL, whatever the column type), or None."""
        kind = self.model.__mapper__.primary_key[0].type.python_type
        try:
            key = date.fromisoformat(id) if kind is date else kind(id)
        except ValueError:
            return None
        return None if isinstance(key, int) and key >= 2**31 else db.session.get(self.model, key)

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> ResponseReturnValue:
        """Handle the form of a new row; a refused form is answered with status 422."""
        return _answered(super().create_view())

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> ResponseReturnValue:
        """Handle the edit form of a row; a refused form is answered with status 422."""
        return _answered(super().edit_view())

    @expose("/ajax/update/", methods=("POST",))
    def ajax_update(self) -> ResponseReturnValue:
        """Save one cell of the list as the edit form would; refused, the answer says why with status 422."""
        name, row = request.form.get("column", ""), self.get_one(request.form.get("key", ""))
        if name not in self.column_editable_list or row is None:
            abort(404)
        form = self.edit_form(row)
        for one in [one.name for one in form if one.name not in (name, "csrf_token")]:
            del form[one]
        if self.validate_form(form) and self.update_model(form, row):
            said = g.pop("said", None) or gettext("Saved.")
            return jsonify(maintenance_cells.of(self, row, name) | {"said": said})
        session.pop("_flashes", None)
        errors = [*form.form_errors, *(why for one in form for why in one.errors)]
        return jsonify({"why": " ".join(map(str, errors)), "version": form.seen}), 422

    def get_list_form(self) -> type[Any]:
        """Return an empty form: cells are sent alone and checked by the edit form."""
        return wtforms.Form

    def list_form(self, obj: Any = None) -> None:
        return None

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
            form.form_errors.append(versions.outdated_refusal(subject_of(stored)).sentence)
            compare.show_stored_values(form, self._edit_form_class(None, obj=stored))
            form.seen = stored.version
        return False

    def _apply_search(
        self, query: Any, count_query: Any, joins: Any, count_joins: Any, search: str
    ) -> Any:
        """Search for what was typed in the form in which it is stored."""
        return super()._apply_search(
            query, count_query, joins, count_joins, characters.plain(search)
        )

    def render(self, template: str, **kwargs: Any) -> Any:
        """Render a page; what a form refuses is said by the form itself, not once more by the framework."""
        kept = [one for one in session.pop("_flashes", []) if one[0] != "danger"]
        if kept:
            session["_flashes"] = kept
        return super().render(template, cell=maintenance_cells.of, **kwargs)

    def is_action_allowed(self, name: str) -> bool:
        return False

    def on_model_change(self, form: Any, model: Any, is_created: bool) -> None:
        self._audit(model, {"created": is_created, **row_changes.changes(model)})

    def on_model_delete(self, model: Any) -> None:
        self._audit(model, {"created": False, **row_changes.last_values(model)})

    def _audit(self, model: Any, details: dict[str, Any]) -> None:
        if not self.may_change():
            abort(403)
        # a new row gets its primary key from the flush
        db.session.flush()
        audit("maintenance", actor=current_actor(), subject=subject_of(model), details=details)

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


def subject_of(row: Base) -> str:
    """Return the subject of a row in the audit log: table name and primary key."""
    key = "/".join(str(getattr(row, column.key)) for column in row.__mapper__.primary_key)
    return f"{row.__tablename__}:{key}"


def _answered(answer: ResponseReturnValue) -> ResponseReturnValue:
    """Return an answer with its status; what the page itself says takes the place of the framework's words."""
    if said := g.pop("said", None):
        session.pop("_flashes", None)
        flash(said, "success")
    return (answer, 422) if request.method == "POST" and isinstance(answer, str) else answer


def labelled(label: Label) -> Callable[[type[MaintenanceView]], type[MaintenanceView]]:
    """Set a page's label; in the class body Flask-Admin would evaluate the lazy text outside a request."""

    def give(page: type[MaintenanceView]) -> type[MaintenanceView]:
        page.label = label
        return page

    return give
