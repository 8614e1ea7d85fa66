"""Base view of the menus that list applications: columns, head, dossier and review route."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.interfaces import LoaderOption

from app import scopes
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Proposal, RouteStep
from app.services.dossier import dossier, dossier_columns, return_reasons
from app.services.ground.audit import audit
from app.services.handling import handlers
from app.services.registers import deadlines
from app.services.review import custody, proposals
from app.validators import mask_id
from app.views.base import detail, detail_sections
from app.views.base.access import guarded
from app.views.base.aliases import Label, Page
from app.views.base.columns import Cell, Column, cell_of, computed
from app.views.base.declarations import Button, FieldSource
from app.views.base.further import Further
from app.views.case import case_changes, dossier_fields, reminders
from app.views.case.dossier_downloads import DossierDownloadView
from app.views.case.form_sections import FormSections
from app.views.case.rule_pages import UNMET, rule_sections
from app.views.case.similar_cases import similar_sections
from app.views.handling.handlers import HANDLER, RELEASE
from app.web.security import require_actor

PROPOSED_ACT = computed("act", _("Proposed act"), proposals.label_of)
Fact = tuple[str, str]
SEES_NUMBERS = dossier_fields.READERS
ID_NUMBER = Column(
    "id_number",
    _("ID number"),
    lambda one: mask_id(one.person.id_number),
    load=(joinedload(Application.person),),
    roles=tuple(SEES_NUMBERS),
)


class ApplicationView(DossierDownloadView):
    """A menu that lists applications; subclasses declare roles, scope and buttons."""

    model = Application
    record_loading: ClassVar[Sequence[LoaderOption]] = (
        *(
            joinedload(one)
            for one in (
                Application.person, Application.batch, Application.committee, Application.unit, Application.holder,
                Application.series, Application.title, Application.specialty,
            )
        ),
        selectinload(Application.route).joinedload(RouteStep.unit),
        *HANDLER.load,
    )  # fmt: skip
    list_columns: ClassVar[list[str | Column]] = [
        "number",
        "name",
        "unit",
        "title",
        "state",
        UNMET,
        "held_since",
        "due_at",
    ]
    search_columns: ClassVar[list[str]] = [
        "name",
        "id_number",
        "number",
        "unit",
        "title",
        "state",
        "rules_unmet",
        "held_since",
        "submitted_at",
    ]
    main_columns: ClassVar[Sequence[str] | None] = ("name", "number", "unit")
    optional_columns: ClassVar[Sequence[str | Column]] = (
        ID_NUMBER, "person.sex", "person.birth_date", "unit", "holder", "committee", "batch", "plan", "review_year", "mode", "series", "level", "title",
        "specialty", "submitted_at", "held_since", "office_at", "due_at",
    )  # fmt: skip

    @classmethod
    def conditions(cls, actor: Actor) -> list[ColumnElement[bool]]:
        """Leave out of a queue of signed acts what is proposed already: it waits for the person responsible."""
        found = super().conditions(actor)
        is_signed = any(proposals.is_signed(cls.model, event) for event in cls.waiting)
        return [*found, scopes.is_not_proposed()] if is_signed else found

    @classmethod
    def waiting_conditions(cls, actor: Actor) -> list[ColumnElement[bool]]:
        """Leave out what was given to a colleague: it waits for that person and the deputy."""
        found = super().waiting_conditions(actor)
        return [*found, ~scopes.handled_by_colleagues(actor)] if cls.waiting else found

    def is_waiting_for(self, record: Application, button: Button, actor: Actor) -> bool:
        """Offer to take a case back only where somebody was given it."""
        if button.name == RELEASE.name and handlers.of(record, actor) is None:
            return False
        return super().is_waiting_for(record, button, actor)

    def name_of(self, record: Application) -> str:
        return str(record.name)

    @expose("/<int:pk>/numbers", methods=["POST"])
    @guarded("show")
    def numbers(self, pk: int) -> ResponseReturnValue:
        """Show the case with full ID and telephone number to whoever has it in hand; the audit log records it."""
        actor = require_actor()
        record = self.find(pk, actor)
        if not custody.has_in_hand(record, actor):
            flash(
                gettext("Full numbers are shown only to whoever has the case in hand."), "warning"
            )
            return redirect(self.detail_url(record), 303)
        audit("full_numbers", actor=actor, subject=f"application:{record.id}")
        db.session.commit()
        case = detail.detail_context(self, record, actor)
        case["head"] |= {"facts": _with_numbers(case["head"]["facts"], record), "reveal_url": None}
        return self.render_template("detail.html", case=case)

    def offered_sections(self) -> Mapping[str, Label] | None:
        return FormSections()

    def field_source(self, actor: Actor) -> FieldSource | None:
        """Offer the fields of the form to those who read whole dossiers with personal facts."""
        if actor.role not in SEES_NUMBERS:
            return None
        return dossier_columns.DossierColumns(db.session())

    def further(self) -> Further:
        return dossier_fields.further(type(self).__name__)

    def head(self, record: Application, actor: Actor) -> Page:
        person = record.person
        facts = [
            (gettext("Sex"), person.sex.label if person.sex else "—"),
            (gettext("Born"), f"{person.birth_date:%Y-%m}" if person.birth_date else "—"),
            (gettext("Unit"), record.unit.name),
            (gettext("Way of applying"), record.mode.label),
            (gettext("Review year"), str(record.review_year)),
        ]
        if actor.role in SEES_NUMBERS:
            facts.insert(2, (gettext("ID number"), mask_id(person.id_number)))
            facts += _deadline_facts(record, actor)
        return {
            "photo_url": None,
            "title": gettext(
                "Applies for %(title)s (%(series)s · %(specialty)s)",
                title=record.title.name,
                series=record.series.name,
                specialty=record.specialty.name,
            ),
            "subtitle": record.committee.name,
            "facts": facts,
            "reveal_url": self.url("numbers", pk=record.id)
            if custody.has_in_hand(record, actor)
            else None,
        }

    def sections(self, record: Application, actor: Actor) -> list[detail_sections.DetailSection]:
        return [
            *proposal_sections(record, actor),
            *rule_sections(record),
            *similar_sections(record, actor),
            *dossier_sections(record),
            *route_sections(record),
        ]

    def reminder(self, record: Application, actor: Actor) -> Page | None:
        return reminders.card(record, actor, clock.now(), self.url("show", pk=record.id))

    def changes(self, record: Application) -> Page | None:
        return case_changes.changes_bar(self, record)


class CaseQueueView(ApplicationView):
    """A queue of cases: each is everybody's or a handler's, and can be given to a colleague."""

    list_columns: ClassVar[list[str | Column]] = [
        "number", "name", "unit", "title", "state", UNMET, HANDLER, "held_since", "due_at",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = [
        "name", "id_number", "number", "handler", "unit", "title", "state", "rules_unmet", "held_since", "submitted_at",
    ]  # fmt: skip


def proposal_sections(record: Application, actor: Actor) -> list[detail_sections.DetailSection]:
    """Return what handlers of the actor's own place have proposed for this application, newest first."""
    query = select(Proposal).where(
        Proposal.application_id == record.id, scopes.visible(Proposal, actor)
    )
    found = db.session.scalars(query.order_by(Proposal.id.desc())).all()
    if not found:
        return []
    names = [PROPOSED_ACT, "proposer", "proposed_at", "state", "answer"]
    label = gettext("Proposals of the handlers")
    return [detail_sections.table_of("proposals", label, found, names)]


def _with_numbers(facts: Sequence[Fact], record: Application) -> list[Fact]:
    """Return the facts of a case with the full ID number, where they have it masked, and the telephone number."""
    masked, full = mask_id(record.person.id_number), str(record.person.id_number)
    shown = [(label, full if value == masked else value) for label, value in facts]
    return [*shown, (gettext("Mobile"), record.person.phone or "—")]


def _deadline_facts(record: Application, actor: Actor) -> list[tuple[str, str]]:
    """Return until when the present stage lasts, extensions included; whoever holds the case is addressed."""
    if not (until := deadlines.words(deadlines.of(record))):
        return []
    is_mine = record.holder_id is not None and record.holder_id == actor.unit_id
    return [(gettext("Your deadline") if is_mine else gettext("Deadline"), until)]


def dossier_sections(record: Application) -> list[detail_sections.DetailSection]:
    """Return the sections of the form as last submitted, each with the material that proves it.

    Changes of the last submission are marked; `?changed=1` in the URL folds the unchanged sections.
    """
    changed, reasons = case_changes.chosen_changes(record), return_reasons.reasons_of(record)
    sections = []
    for shown in case_changes.submitted_sections(record):
        section = section_of(shown)
        case_changes.mark_changes(section, shown, changed.get(shown.key))
        if why := reasons.get(shown.key):
            section.flag = case_changes.returned_mark(section.flag)
            section.notes = case_changes.reason_lines(record, shown.key, why)
        section.is_folded = case_changes.is_filtered() and shown.key not in changed
        sections.append(section)
    return sections


def section_of(shown: dossier.Shown) -> detail_sections.DetailSection:
    """Return the detail section for a section of the form, with the files that prove it."""
    rows = [[cell_of(value) for value in row] for row in shown.rows]
    files = [detail_sections.file_entry(attachment) for attachment in shown.attachments]
    if shown.kind != "pairs":
        return detail_sections.DetailSection(
            shown.key,
            shown.label,
            "table",
            columns=shown.columns,
            rows=rows,
            files=files,
            count=len(rows),
        )
    cells = rows[0] if rows else [Cell("—")] * len(shown.columns)
    pairs = list(zip(shown.columns, cells, strict=False))
    return detail_sections.DetailSection(shown.key, shown.label, "pairs", pairs=pairs, files=files)


def route_sections(record: Application) -> list[detail_sections.DetailSection]:
    """Return the sections of the review route (superior units in order) and of the recommendation."""
    sections = []
    if record.route:
        sections.append(
            detail_sections.table_of(
                "route",
                gettext("Review route"),
                list(record.route),
                ["position", "unit", "arrived_at", "passed_at"],
            )
        )
    if record.recommendation:
        sections.append(
            detail_sections.text("recommendation", gettext("Recommendation"), record.recommendation)
        )
    return sections
