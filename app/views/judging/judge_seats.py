"""Base of the judge's menus: which candidates are listed, and which parts of a case a judge sees."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from flask import abort
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.interfaces import LoaderOption

from app import scopes
from app.enums import MeetingMode, ReviewStep, Role
from app.extensions import db
from app.ground import clock, in_force
from app.ground.actor import Actor
from app.models import Application, Plan
from app.services.dossier.dossier import Shown
from app.services.judging import anonymity
from app.views.base import detail_sections
from app.views.base.access import guarded
from app.views.base.aliases import Label, Page
from app.views.base.columns import Column
from app.views.base.detail_sections import DetailSection
from app.views.base.search import SearchField
from app.views.case import case_changes, dossier_downloads
from app.views.case.application import ApplicationView, section_of
from app.views.case.rule_pages import rule_sections
from app.views.meeting.ch1_2_plans import uses_step
from app.web.security import require_actor

NAME = Column("name", _("Name"), anonymity.name_of, load=(joinedload(Application.plan),))


def candidates(actor: Actor, step: ReviewStep) -> ColumnElement[bool]:
    """Return the condition for candidates of the judge's own online meetings that use `step`."""
    meetings = select(Plan.id).where(
        scopes.visible(Plan, actor), Plan.mode == MeetingMode.ONLINE, uses_step(step)
    )
    return scopes.visible(Application, actor) & Application.plan_id.in_(meetings)


def assigned_candidates(actor: Actor, step: ReviewStep) -> ColumnElement[bool]:
    """Return the condition for candidates of `step` assigned to the judge.

    Candidates on whom the judge only votes are listed under 1.3.4.
    """
    return candidates(actor, step) & scopes.assigned_to_me(actor)


def meeting_of(record: Application) -> Plan:
    """Return the plan of the meeting that reviews the candidate."""
    return db.session.get_one(Plan, record.plan_id)


class NameSearch(SearchField):
    """Search field for the candidate's name; it finds nobody in anonymous meetings."""

    def condition(self, args: Mapping[str, str]) -> ColumnElement[bool] | None:
        found = super().condition(args)
        if found is None:
            return None
        anonymous = select(Plan.id).where(Plan.is_anonymous)
        return found & Application.plan_id.not_in(anonymous)


class SeatView(ApplicationView):
    """Base of the judge's five lists; the scope of each selects the review step."""

    roles = (Role.JUDGE,)
    empty = _(
        "No candidate is assigned to your seat. Candidates appear while an online meeting in which you "
        "sit runs; people of your own unit never do."
    )
    base_order = ("number", "asc")
    record_loading: ClassVar[Sequence[LoaderOption]] = tuple(
        joinedload(one)
        for one in (
            Application.person, Application.committee, Application.unit, Application.plan, Application.batch,
            Application.series, Application.title, Application.specialty,
        )
    )  # fmt: skip
    list_columns: ClassVar[list[str | Column]] = ["number", NAME, "title", "specialty", "plan"]
    search_columns: ClassVar[list[str]] = ["name", "number", "title", "specialty", "plan"]
    main_columns = tuple(search_columns)
    optional_columns = ()

    def _init_properties(self) -> None:
        super()._init_properties()
        self.search_fields = [
            NameSearch(**vars(field)) if field.name == "name" else field
            for field in self.search_fields
        ]

    def name_of(self, record: Application) -> str:
        return anonymity.name_of(record)

    def head(self, record: Application, actor: Actor) -> Page:
        """Return the head of a case, without personal facts in anonymous meetings."""
        head = super().head(record, actor)
        if anonymity.is_hidden(record):
            head["facts"] = [
                (gettext("Application number"), record.number),
                (gettext("Way of applying"), record.mode.label),
                (gettext("Review year"), str(record.review_year)),
            ]
        return head

    def sections(self, record: Application, actor: Actor) -> list[DetailSection]:
        meeting = detail_sections.pairs(
            "plan", gettext("Meeting"), record.plan, ["name", "opens_on", "closes_on", "place"]
        )
        if anonymity.is_hidden(record):
            return [*dossier_sections(record), meeting]
        return [
            *rule_sections(record),
            *dossier_sections(record),
            *_recommendation(record),
            meeting,
        ]

    def changes(self, record: Application) -> Page | None:
        """Return None: a judge sees the present case, not its changes."""
        return None

    def links(self, record: Application, actor: Actor) -> list[tuple[Label, str]]:
        return [] if anonymity.is_hidden(record) else super().links(record, actor)

    @expose("/<int:pk>/form.pdf")
    @guarded("show")
    @in_force.in_program_words()
    def form_pdf(self, pk: int) -> ResponseReturnValue:
        """Download the 评审表 of a candidate as PDF."""
        record = self._printable_record(pk)
        return dossier_downloads.form_file(record, _handed_in(record), clock.now())

    @expose("/<int:pk>/dossier.xlsx")
    @guarded("show")
    def dossier_xlsx(self, pk: int) -> ResponseReturnValue:
        """Download the sections of a candidate as an Excel workbook."""
        record = self._printable_record(pk)
        return dossier_downloads.workbook_file(record, _handed_in(record), clock.now())

    def _printable_record(self, pk: int) -> Application:
        """Return the candidate for printing; abort with 404 in anonymous meetings: the print shows the name."""
        record: Application = self.find(pk, require_actor())
        return abort(404) if anonymity.is_hidden(record) else record


def dossier_sections(record: Application) -> list[DetailSection]:
    """Return the form's sections as a judge sees them, each with its supporting material."""
    sections = []
    for shown in _handed_in(record):
        section = section_of(shown)
        for entry, attachment in zip(section.files, shown.attachments, strict=True):
            entry["name"] = anonymity.file_name(attachment, record)
        sections.append(section)
    return sections


def _handed_in(record: Application) -> list[Shown]:
    return anonymity.sections(record, case_changes.submitted_sections(record))


def _recommendation(record: Application) -> list[DetailSection]:
    words = record.recommendation
    return (
        [detail_sections.text("recommendation", gettext("Recommendation"), words)] if words else []
    )
