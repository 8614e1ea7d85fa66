"""1.2.1: the qualification check by the committee's office."""

from typing import ClassVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app import scopes
from app.enums import ApplicationState, Role
from app.extensions import db
from app.forms import qualification as forms
from app.ground.actor import Actor
from app.models import Application
from app.services.dossier import dossier
from app.services.review import qualification
from app.todos.declared import Todo
from app.views.base import detail_sections
from app.views.base.columns import Column, cell_of
from app.views.base.declarations import Button
from app.views.base.detail_sections import DetailSection
from app.views.case.application import ApplicationView
from app.views.case.rule_pages import UNMET
from app.views.handling import handlers
from app.views.review.proposals import OfficeProposalView

AUDIT = Button(
    "audit",
    _("Audit"),
    events={
        "office_pass": _("Audit passed"),
        "office_refuse": _("Audit not passed"),
        "ask_correction": _("Ask for a supplement"),
        "office_send_back": _("Send back to an earlier station"),
    },
    form=forms.QualificationForm,
    confirm=_("Decide on %(count)s applications; the applicants are told at once."),
)


class CommitteeApplicationsView(ApplicationView):
    """1.2.1 All applications addressed to the office's committees, decided or not."""

    guide = "1.2.1"
    slug = "all"
    label = _("Recheck of applicants' qualifications")
    tab_label = _("All applications of the committee")
    purpose = _("All applications addressed to your committees, in any state.")
    empty = _("No application has reached your committees yet.")
    roles = (Role.OFFICE,)
    found_by = ("number", "name", "id_number", "unit.name")
    scope = staticmethod(scopes.of_my_committees)
    list_columns: ClassVar[list[str | Column]] = [
        "number", "name", "unit", "title", "specialty", "state", UNMET, "office_at", "due_at",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = [
        "name", "id_number", "number", "unit", "title", "specialty", "batch", "state", "rules_unmet", "office_at",
    ]  # fmt: skip
    todos: ClassVar[tuple[Todo, ...]] = (
        Todo(
            "plan",
            _("To be put into a plan"),
            moves=((Application, "take_in"),),
            whose=lambda actor: Application.state == ApplicationState.QUALIFIED,
            roles=(Role.OFFICE,),
            way="PlanView.add_record",
        ),
    )
    can_export = True

    def sections(self, record: Application, actor: Actor) -> list[DetailSection]:
        return [*super().sections(record, actor), *correction_sections(record)]


class QualificationView(CommitteeApplicationsView):
    """1.2.1 Applications waiting for the qualification check by the committee's office."""

    guide = "1.2.1"
    slug = ""
    label = _("Recheck of applicants' qualifications")
    tab_label = _("To be checked")
    purpose = _(
        "Applications that reached your committees and wait for the check: pass them, refuse them for "
        "this year, or ask once for everything that is missing."
    )
    empty = _("No application waits for the check.")
    scope = staticmethod(scopes.of_my_committees)
    waiting = ("office_pass",)
    has_desk = True
    buttons = (AUDIT, *handlers.BUTTONS)
    list_columns: ClassVar[list[str | Column]] = [
        "number", "name", "unit", "title", "state", UNMET, handlers.HANDLER, "office_at", "due_at",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = [
        "name", "id_number", "number", "handler", "unit", "title", "specialty", "batch", "state", "rules_unmet",
        "office_at",
    ]  # fmt: skip
    tabs = (OfficeProposalView, CommitteeApplicationsView)


def correction_sections(record: Application) -> list[DetailSection]:
    """Return the sections of the supplement asked for; empty if none was asked for."""
    correction = qualification.correction_of(db.session(), record.id)
    if correction is None:
        return []
    places = dict(forms.supplement_choices(dossier.form_of(record)))
    rows = [
        [cell_of(places.get(item["section"], item["section"])), cell_of(item["text"])]
        for item in correction.items
    ]
    columns = [gettext("Section or kind of material"), gettext("What is to be supplied")]
    return [
        detail_sections.pairs(
            "correction",
            gettext("Supplement"),
            correction,
            ["deadline", "state", "asked_at", "settled_at"],
        ),
        DetailSection(
            "correction_items",
            gettext("Items to be supplied"),
            "table",
            columns=columns,
            rows=rows,
            count=len(rows),
        ),
    ]
