"""1.4.1: experts of the committees' pools; only the office and the authority see their names."""

from datetime import datetime
from typing import Any, ClassVar

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from sqlalchemy import ColumnElement
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from app import scopes
from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.forms import experts as forms
from app.ground import clock
from app.ground.actor import Actor
from app.models import Expert
from app.services.experts import expert_entries, expert_roster, expert_service
from app.services.exports import table_export, workbook
from app.services.imports.refusals import SheetRefused
from app.views.base import exporting
from app.views.base.access import guarded
from app.views.base.aliases import Label
from app.views.base.base import GuideView
from app.views.base.columns import Column
from app.views.base.declarations import Add, Button
from app.views.base.detail_sections import DetailSection
from app.views.experts import expert_sections
from app.views.experts.expert_accounts import ExpertAccountRecordView, ExpertAccountView
from app.views.experts.expert_sections import END_LEAVE, LEAVE
from app.web.security import require_actor

AUDIT = Button(
    "audit",
    _("Audit"),
    events={"admit": _("Audit passed"), "refuse": _("Audit not passed")},
    form=forms.AdmitForm,
    confirm=_("Decide on %(count)s applications. Who is admitted can be drawn as a judge."),
)
OUT = Button(
    "leave_pool",
    _p("office", "Take out of the pool"),
    events={"leave_pool": _p("office", "Take out of the pool")},
    form=forms.ReasonForm,
    confirm=_("Take %(count)s experts out of the pool. They may apply again."),
    tone="stop",
)
REMOVE = Button(
    "remove",
    _p("office", "Remove for good"),
    events={"remove": _p("office", "Remove for good")},
    form=forms.ReasonForm,
    confirm=_("Remove %(count)s experts for good: they are never admitted to a pool again."),
    tone="stop",
)
LOADED = (
    joinedload(Expert.person),
    joinedload(Expert.unit),
    joinedload(Expert.title),
    joinedload(Expert.specialty),
    joinedload(Expert.committee),
)


def visible_experts(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for memberships that the actor may see."""
    return scopes.visible(Expert, actor)


def build_entered(data: dict[str, Any], actor: Actor, at: datetime) -> Expert:
    """Return the unsaved pool membership from the form 新增."""
    return expert_entries.membership_entered(actor, data, at=at)


class ExpertDecisionView(GuideView):
    """1.4.1 Recommended applications waiting for the office's decision."""

    guide = "1.4.1"
    slug = "waiting"
    label = _("Query of judges' applications")
    tab_label = _("To be decided")
    purpose = _("Applications that their units recommended and that wait for your decision.")
    empty = _("No application waits for your decision.")
    model = Expert
    roles: ClassVar[tuple[Role, ...]] = (Role.OFFICE,)
    names_judges = True
    scope = staticmethod(visible_experts)
    waiting: ClassVar[tuple[str, ...]] = ("admit",)
    list_columns: ClassVar[list[str | Column]] = [
        "person", "unit", "title", "specialty", "committee", "term_from", "term_to", "state",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = [
        "id_number", "unit", "title", "specialty", "committee", "term_to", "state",
    ]  # fmt: skip
    buttons: ClassVar[tuple[Button, ...]] = (AUDIT,)

    def name_of(self, record: Expert) -> str:
        return str(record.person.name)

    def sections(self, record: Expert, actor: Actor) -> list[DetailSection]:
        return [
            expert_sections.membership(record),
            expert_sections.conditions(record),
            expert_sections.service(record, actor),
        ]


class ExpertView(ExpertDecisionView):
    """1.4.1 All memberships: applications to a committee's pool, members, their terms."""

    guide = "1.4.1"
    slug = ""
    label = _("Query of judges' applications")
    tab_label = _("All memberships")
    purpose = _(
        "Applications of experts to the pools of your committees, the experts in them, their terms, leave and"
        " service so far."
    )
    empty = _("Nobody has applied to these pools.")
    roles = (Role.OFFICE, Role.HRSS)
    found_by = ("person.name", "id_number")
    waiting = ()
    buttons = (AUDIT, LEAVE, END_LEAVE, OUT, REMOVE)
    can_export = True
    add = Add(
        _("New"),
        forms.EnrolForm,
        "enrol",
        build_entered,
        notes=(
            _(
                "Enter ID number and name of somebody registered, or all data of somebody new. The conditions of"
                " a pool are checked."
            ),
        ),
    )
    tabs = (ExpertDecisionView, ExpertAccountView, ExpertAccountRecordView)

    @classmethod
    def permissions(cls) -> list[str]:
        return [*super().permissions(), "import"]

    def list_links(self, actor: Actor) -> list[tuple[Label, str]]:
        return [(gettext("Import the roster"), self.url("take"))] if self.may("import") else []

    @expose("/export.xlsx")
    @guarded("export")
    def export(self) -> ResponseReturnValue:
        """Download the roster with each expert's service, in the list's order and search."""
        actor, args = require_actor(), {key: value for key, value in request.args.items() if value}
        found = exporting.extract(self, actor, args, LOADED)
        which = found.query.with_only_columns(Expert.id).subquery()
        known = expert_service.visible_meetings(actor, clock.local_date(clock.now()))
        served = expert_service.counts(db.session(), which.select(), known)
        return table_export.download(
            gettext("Roster of experts"),
            expert_roster.headings(),
            expert_roster.rows(found.records, served),
            note=found.note,
        )

    @expose("/template.xlsx")
    @guarded("import", fires=(Expert, "enrol"))
    def template(self) -> ResponseReturnValue:
        """Download the Excel template of the roster."""
        name = f"{gettext('Roster of experts')}.xlsx"
        return workbook.attachment(expert_roster.template(), name, workbook.XLSX)

    @expose("/import", methods=["GET", "POST"])
    @guarded("import", fires=(Expert, "enrol"))
    def take(self) -> ResponseReturnValue:
        """Show the import form, or import a roster; one wrong row refuses the whole file."""
        actor, form = require_actor(), forms.RosterForm()
        form.bind([], actor)
        if request.method == "POST" and form.validate():
            try:
                taken = expert_roster.import_roster(
                    actor, form.committee_id.data, form.file.data.stream, at=clock.now()
                )
                db.session.commit()
            except (Refused, IntegrityError) as refusal:
                db.session.rollback()
                _show_refusal(form, refusal)
            else:
                flash(gettext("Entered: %(count)s experts.", count=taken), "success")
                return redirect(self.back_url(), 303)
        page = {
            "title": gettext("Import the roster"),
            "purpose": self.label,
            "form": form,
            "back_url": self.back_url(),
            "submit_label": gettext("Import"),
            "is_multipart": True,
            "template_url": self.url("template"),
            "version": None,
        }
        status = 200 if request.method == "GET" else 422
        return render_template("registration/people.html", page=page), status


def _show_refusal(form: forms.RosterForm, refusal: Exception) -> None:
    """Show a refusal at the form; every wrong row of the file is a line of its own."""
    if isinstance(refusal, SheetRefused):
        form.file.errors = [gettext("Nothing was taken from the file."), *refusal.lines]
    elif isinstance(refusal, Refused):
        form.show(Refused(refusal.sentence, "file"))
    else:
        form.show(Refused(gettext("Somebody else was faster. Look at the record again.")))
