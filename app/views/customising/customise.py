"""The page from which administrators find what can be changed without code, and the draft of their changes."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _

from app.engine import Refused
from app.enums import Role
from app.extensions import appbuilder, db
from app.ground import clock, in_force
from app.services.customising import catalogue, change_sets
from app.services.customising.stored_area import StoredArea
from app.views.base.access import guarded
from app.views.base.aliases import Label, Page
from app.views.base.base import PageView
from app.views.customising.exchange import ExchangePages
from app.views.customising.rights_draft import DraftPages, say_collected
from app.views.frame import how_to_pages
from app.views.frame.menu_tree import current_menu
from app.views.frame.shell import menu_url
from app.web.security import require_actor


class Task(NamedTuple):
    """Something an administrator wants to change: the name of the view where, and how."""

    label: Label
    view: str
    how: Label


AT_ONCE = _("holds as soon as it is saved")
BY_DRAFT = _("collected in your draft, holds after you publish it")
TASKS: list[Task] = [
    Task(_("Who may open which menu and press which button"), "GrantView", BY_DRAFT),
    Task(_("Roles of one's own with a part of the menus"), "OwnRoleView", AT_ONCE),
    Task(_("Numbers: days, rates, sizes"), "ParameterView", AT_ONCE),
    Task(_("Words: titles, buttons, sentences, the guide"), "WordView", BY_DRAFT),
    Task(_("Fields and sections of the application form"), "FormEditorView", BY_DRAFT),
    Task(_("Conditions for applying"), "EligibilityRuleView", AT_ONCE),
    Task(_("Choices of fields: education, kinds of papers, …"), "DictionaryPage", AT_ONCE),
    Task(_("Material that has to be handed in"), "MaterialKindPage", AT_ONCE),
    Task(_("Holidays and make-up workdays"), "WorkCalendarView", AT_ONCE),
    Task(_("Text of messages"), "TemplatePage", AT_ONCE),
    Task(_("Canned phrases of the clerks"), "PhraseView", AT_ONCE),
]
"""In the order of the page; a room above adds the pages that it has."""


class CustomiseView(DraftPages, ExchangePages, PageView):
    """What can be changed, where and by whom; with the draft of the system administrator."""

    route_base = "/g/customise"
    guide = "customise"
    label = _("Customise")
    purpose = _("What can be changed without code, where, and when it holds.")
    roles = (Role.SYSADMIN,)
    how_to = ("schedule-a-change", "carry-over")
    draft_empty = _("The draft is empty. Open “Customise” and choose what you want to change.")

    @expose("/")
    @guarded("list")
    def list(self) -> ResponseReturnValue:
        views = {view.__name__: view for view in current_menu().views()}
        rows = [_row(task, views[task.view]) for task in TASKS if task.view in views]
        page = {
            "title": self.label,
            "purpose": self.purpose,
            "rows": rows,
            "changed": [
                {"name": area.name, "label": area.label, "count": len(in_force.of_area(area.name))}
                for area in _stored_areas()
            ],
            "may_change": self.may("change"),
            "may_point": appbuilder.sm.has_access("can_change", "WordView"),
            "orphans": change_sets.orphans(),
            "log_url": url_for("ChangeSetView.list"),
        }
        return render_template("customise.html", page=page)

    @expose("/restore", methods=["POST"])
    @guarded("change")
    def restore(self) -> ResponseReturnValue:
        """Collect the default of everything in an area that differs from it."""
        wanted = request.form.get("area", "")
        area = next((one for one in _stored_areas() if one.name == wanted), None) or abort(400)
        try:
            count = change_sets.collect(require_actor(), area, area.defaults(), at=clock.now())
        except Refused as refusal:
            db.session.rollback()
            flash(refusal.sentence, "danger")
            return redirect(url_for("CustomiseView.list"), 303)
        db.session.commit()
        say_collected(count)
        return redirect(url_for("CustomiseView.draft"), 303)


def _stored_areas() -> list[StoredArea]:
    """Return the areas that the system administrator changes and the program has values of its own for."""
    return [area for area in catalogue.AREAS.values() if isinstance(area, StoredArea)]


def _row(task: Task, view: Any) -> Page:
    may_open = appbuilder.sm.has_access("can_list", view.__name__)
    roles: Sequence[Role] = view.roles
    return {
        "label": task.label,
        "menu": view.label,
        "url": menu_url(view) if may_open else None,
        "roles": [role.label for role in roles],
        "how": task.how,
        "pages": how_to_pages.links(view) if may_open else [],
    }


MENUS = (CustomiseView,)
