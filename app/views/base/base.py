"""Base classes of all menus with their routes: GuideView (lists of records), PageView (other pages)."""

from typing import Any, ClassVar

from flask import abort, redirect, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose

from app.enums import Role
from app.extensions import appbuilder
from app.todos.declared import Todo
from app.views.base import acting, customised, desk, detail, editing, exporting, search
from app.views.base.access import guarded, may_fire, signed_in_actor, to_sign_in
from app.views.base.aliases import Label
from app.views.base.bulk import bulk_page, bulk_result
from app.views.base.declared_view import DeclaredView
from app.views.base.invented import InventedListPage
from app.views.base.listing import ListPage
from app.views.base.lists import chosen_columns, export_page, view_menu, views_page
from app.web.security import current_actor

STOCK_ROUTES = {
    "delete",
    "download",
    "action",
    "action_post",
    "api",
    "api_column_add",
    "api_column_edit",
    "api_create",
    "api_delete",
    "api_get",
    "api_read",
    "api_readvalues",
    "api_update",
}
"""Routes of the framework's ModelView that GuideView replaces or leaves out."""


class GuideView(DeclaredView):
    """A menu item with list, search, detail, acts, forms and export."""

    exclude_route_methods = STOCK_ROUTES

    @expose("/")
    @guarded("list")
    def list(self) -> ResponseReturnValue:
        if (hidden := search.hidden_id_number(self.searched, request.args)) is not None:
            return redirect(self.list_url(hidden))
        actor = signed_in_actor()
        page = (InventedListPage if actor.is_onlooker else ListPage)(self, actor)
        shown = self.render_template("list.html", page=page.context())
        return shown, 400 if page.faults else 200

    @expose("/search", methods=["POST"])
    @guarded("list")
    def search(self) -> ResponseReturnValue:
        """Lead to the list as searched; the chosen to-do, order, columns and view stay."""
        stays = view_menu.STAYS
        named = {k: v.strip() for k, v in request.form.items() if k.startswith("q.") or k in stays}
        typed = {k: v for k, v in named.items() if v}
        if typed.keys() <= view_menu.PLACE and view_menu.PARAMETER in typed:
            typed[view_menu.PARAMETER] = view_menu.ALL
        return redirect(self.list_url(search.hidden_id_number(self.searched, typed) or typed), 303)

    @expose("/views", methods=["GET", "POST"])
    @guarded("list")
    def saved(self) -> ResponseReturnValue:
        """Show the reader's saved views of this list, or keep, change or delete one."""
        return views_page.ViewsPage(self, signed_in_actor()).answer()

    @expose("/<int:pk>")
    @guarded("show")
    def show(self, pk: int) -> ResponseReturnValue:
        actor = signed_in_actor()
        return self.render_template(
            "detail.html", case=detail.detail_context(self, self.find_whole(pk, actor), actor)
        )

    @expose("/act/<string:button>", methods=["GET", "POST"])
    def act(self, button: str) -> ResponseReturnValue:
        if current_actor() is None:
            return to_sign_in()
        chosen = next((b for b in self.buttons if b.name == button), None) or abort(404)
        if not self.may(chosen.name):
            abort(403)
        if bulk_page.is_asked():
            return bulk_page.BulkPage(self, chosen, signed_in_actor()).answer()
        page = desk.DeskPress if desk.is_from_desk() else acting.ActPage
        return page(self, chosen, signed_in_actor()).answer()

    act._permission_name = "act"

    @expose("/bulk")
    @guarded("list")
    def bulk_result(self) -> ResponseReturnValue:
        """Show what came of the reader's own act on all rows that matched, `?of=` or the newest."""
        return bulk_result.page(self, signed_in_actor())

    @expose("/bulk.xlsx")
    @guarded("list")
    def bulk_file(self) -> ResponseReturnValue:
        """Download the rows that the act skipped, each with the reason."""
        return bulk_result.file(self, signed_in_actor())

    @expose("/add", methods=["GET", "POST"])
    @guarded("add")
    def add_record(self) -> ResponseReturnValue:
        return editing.add_page(self, self.add or abort(404), signed_in_actor())

    @expose("/<int:pk>/edit", methods=["GET", "POST"])
    @guarded("edit")
    def edit(self, pk: int) -> ResponseReturnValue:
        actor = signed_in_actor()
        return editing.edit_page(self, self.change or abort(404), self.find(pk, actor), actor)

    @expose("/export.xlsx")
    @guarded("export")
    def export(self) -> ResponseReturnValue:
        """Download the rows and columns of the list as its address names them, with the chosen fields."""
        args, fields = chosen_columns.read_args(request.args), request.args.getlist("field")
        return exporting.download(self, signed_in_actor(), args, fields)

    @expose("/export")
    @guarded("export")
    def choose_export(self) -> ResponseReturnValue:
        """Show which columns and fields an export may hold."""
        return export_page.answer(self, signed_in_actor())


class PageView(BaseView):
    """A menu that is not a list of records. Its permissions are those named by its `guarded` routes."""

    guide: ClassVar[str] = ""
    label: ClassVar[Label] = ""
    purpose: ClassVar[Label] = ""
    roles: ClassVar[tuple[Role, ...]] = ()
    tabs: ClassVar[tuple[Any, ...]] = ()
    todos: ClassVar[tuple[Todo, ...]] = ()
    """A menu with to-dos also has the `model` and the `scope` of their rows."""
    how_to: ClassVar[tuple[str, ...]] = ()
    """Names of the pages under docs/customise that say how to change something there."""
    default_view = "list"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        customised.declare_words(cls)
        cls.class_permission_name = cls.__name__
        cls.base_permissions = [f"can_{name}" for name in cls.permissions()]

    @classmethod
    def permissions(cls) -> list[str]:
        """Return the permission names of this menu, `list` first."""
        methods = (getattr(cls, name) for name in dir(cls))
        # only look at callables: evaluating a lazy text needs a language, which exists only in a request
        names = {getattr(m, "_permission_name", None) for m in methods if callable(m)}
        return ["list", *sorted(name for name in names if name and name != "list")]

    @classmethod
    def permissions_of(cls, role: Role) -> list[str]:
        """Return the permissions that `role` can have."""
        return [name for name in cls.permissions() if may_fire(cls, name, role)]

    @classmethod
    def all_todos(cls) -> tuple[Todo, ...]:
        """Return what may wait in this menu; the to-dos of the menu it is derived from are not taken over."""
        own: tuple[Todo, ...] = cls.__dict__.get("todos", ())
        return own

    def may(self, permission: str) -> bool:
        return bool(appbuilder.sm.has_access(f"can_{permission}", self.class_permission_name))
