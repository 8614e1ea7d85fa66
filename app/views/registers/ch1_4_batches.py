"""1.4.2: annual batches, submitted by the office, opened and closed by the authority."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, func, select

from app import scopes
from app.engine import Act
from app.enums import ApplicationState, ApplyMode, ExtensionState, Level, Role
from app.extensions import db
from app.forms import batches as forms
from app.forms.base import columns
from app.forms.deadlines import AdjustForm
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Batch, Committee, Extension, MaterialKind
from app.services.registers import batch_closing, batches, deadlines
from app.todos.declared import Todo
from app.views.base import detail_sections
from app.views.base.base import GuideView
from app.views.base.columns import Cell, Column, computed
from app.views.base.declarations import Add, Button, Change, take_back
from app.views.base.detail_sections import DetailSection
from app.views.registers.extensions import WHOM, ExtensionView, WaitingExtensionView
from app.views.registers.last_batch import last_batch


def build_batch(data: dict[str, Any], actor: Actor, at: datetime) -> Batch:
    """Return the unsaved batch from the form 新增."""
    batch = Batch()
    write_batch(batch, data, actor, at)
    return batch


def write_batch(batch: Batch, data: dict[str, Any], actor: Actor, at: datetime) -> None:
    """Write the form data into `batch`."""
    for key, value in columns.model_columns(data, Batch).items():
        setattr(batch, key, value)
    batch.modes = [mode.value for mode in data["modes"]]
    batch.levels = "".join(sorted(level.value for level in data["levels"]))


def batch_faults(data: dict[str, Any], actor: Actor, at: datetime) -> Iterable[tuple[str, str]]:
    """Return what the rules say to a batch that is not complete; nothing before its committee is chosen."""
    committee = db.session.get(Committee, data["committee_id"] or 0)
    batch = build_batch(data, actor, at)
    act = Act(batch, "submit", actor, at, details=data)
    return batches.faults(act, batch, committee) if committee else ()


def load_batch(batch: Batch) -> dict[str, Any]:
    """Return the form data of a returned batch."""
    return columns.column_values(batch) | {"levels": list(batch.levels)}


BATCH_AUDIT = Button(
    "audit",
    _("Audit"),
    events={"agree": _("Audit passed"), "return": _("Audit not passed")},
    confirm=_("Decide on %(count)s batches. Agreeing opens them for applications."),
)


def closable(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for batches in which nobody can apply any more and nothing is under way."""
    at = clock.now()
    pending = select(Application.id).where(
        Application.batch_id == Batch.id, batch_closing.is_under_way(at)
    )
    return (Batch.apply_end < clock.local_date(at)) & ~pending.correlate(Batch).exists()


BATCH_CLOSE = Button(
    "close",
    _("Close"),
    events={"close": _("Close")},
    confirm=_(
        "Close %(count)s batches for good. What nobody dealt with in time is ended for this year."
    ),
    tone="stop",
    when=closable,
)


BATCH_ADJUST = Button(
    "adjust",
    _("Move the deadlines"),
    events={"adjust": _("Move the deadlines")},
    form=AdjustForm,
    confirm=_("Move the deadlines of %(count)s batches. Everybody concerned is told."),
    tone="",
)

BATCH_TAKE_BACK = take_back(
    _(
        "Take back %(count)s batches to change them? The authority does not see them until they are submitted again."
    )
)


def visible_batches(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for batches that the actor may see."""
    return scopes.visible(Batch, actor)


class BatchDecisionView(GuideView):
    """1.4.2 Submitted batches waiting for the authority's decision."""

    guide = "1.4.2"
    slug = "waiting"
    label = _("Submission of annual batches")
    tab_label = _("To be decided")
    purpose = _("Submitted batches that wait for your decision.")
    empty = _("No batch waits for your decision.")
    model = Batch
    roles: ClassVar[tuple[Role, ...]] = (Role.HRSS,)
    scope = staticmethod(visible_batches)
    waiting: ClassVar[tuple[str, ...]] = ("agree",)
    list_columns: ClassVar[list[str | Column]] = [
        "name", "committee", "review_year", computed("levels", _("Levels"), lambda row: level_names(row)),
        "apply_end", "unit_end", "superior_end", "office_end", "state",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = ["name", "committee", "review_year", "apply_end", "state"]
    buttons: ClassVar[tuple[Button, ...]] = (BATCH_AUDIT,)

    def sections(self, record: Batch, actor: Actor) -> list[DetailSection]:
        return batch_sections(record)


class BatchView(BatchDecisionView):
    """1.4.2 All batches: the office submits the annual batch, the authority opens and closes it."""

    guide = "1.4.2"
    slug = ""
    label = _("Submission of annual batches")
    tab_label = _("All batches")
    purpose = _(
        "Annual batches with all their deadlines: submitted by the committee's office, opened, returned "
        "or closed by the authority."
    )
    empty = _("No batch has been submitted yet.")
    roles = (Role.OFFICE, Role.HRSS)
    waiting = ()
    todos = (Todo("revise", _("Returned or taken back, to be changed"), ("revise",)),)
    buttons = (BATCH_AUDIT, BATCH_TAKE_BACK, BATCH_ADJUST, BATCH_CLOSE)
    add = Add(
        _("New"),
        forms.BatchForm,
        "submit",
        build_batch,
        notes=(
            _(
                "Holidays count: a unit needs five working days for its notice before it can report. "
                "Leave enough time between the deadlines."
            ),
        ),
        last=last_batch,
        faults=batch_faults,
        has_drafts=True,
    )
    change = Change(_("Edit"), forms.BatchForm, "revise", load_batch, write_batch)
    tabs = (BatchDecisionView, ExtensionView, WaitingExtensionView)


def level_names(batch: Batch) -> str:
    """Return the names of the levels of a batch."""
    return "、".join(str(Level(code).label) for code in batch.levels)


def _mode_names(batch: Batch) -> str:
    return "、".join(str(ApplyMode(mode).label) for mode in batch.modes)


def _material_names(batch: Batch) -> str:
    query = select(MaterialKind.name).where(MaterialKind.code.in_(batch.required_materials))
    return "、".join(db.session.scalars(query.order_by(MaterialKind.order)))


def batch_sections(batch: Batch) -> list[DetailSection]:
    """Return the sections of a batch: basic data, deadlines, number of applications by state."""
    return [*batch_facts(batch), *_extension_section(batch), _count_section(batch)]


def batch_facts(batch: Batch) -> list[DetailSection]:
    """Return what everybody who handles applications may know of a batch: basic data and deadlines."""
    basic = [
        "name", "committee", "review_year", computed("modes", _("Ways of applying"), _mode_names),
        computed("levels", _("Levels"), level_names), "senior_cap", "associate_cap",
        computed("required_materials", _("Required material"), _material_names), "note", "state",
    ]  # fmt: skip
    days = [
        "apply_start", "apply_end", "resubmit_end", "unit_end", "superior_end", "office_end",
        "special_quota_end", "material_cutoff", "seniority_date",
    ]  # fmt: skip
    return [
        detail_sections.pairs("basic", gettext("Batch"), batch, basic),
        detail_sections.pairs(
            "days", gettext("Deadlines (each day ends at its 24:00)"), batch, days
        ),
    ]


def _extension_section(batch: Batch) -> list[DetailSection]:
    """Return the extensions in force that hold in the batch, as a section; none if there are none."""
    known = deadlines.of_batches(
        db.session(), [batch], Extension.state == ExtensionState.IN_FORCE, load=WHOM.load
    )
    found = [one for one in known.found if deadlines.covers(db.session(), one, batch)]
    names: list[str | Column] = [WHOM, "stage", "until", "document_number", "approved_by"]
    section = detail_sections.table_of("extensions", gettext("Extensions in force"), found, names)
    return [section] if found else []


def _count_section(batch: Batch) -> DetailSection:
    counted = (
        select(Application.state, func.count())
        .where(Application.batch_id == batch.id, Application.state.not_in(scopes.UNSEEN))
        .group_by(Application.state)
    )
    counts = dict(db.session.execute(counted).tuples().all())
    rows = [
        [Cell(str(state.label)), Cell(str(counts[state]), kind="number")]
        for state in ApplicationState
        if state in counts
    ]
    columns = [gettext("State"), gettext("Applications")]
    return DetailSection(
        "counts", gettext("Applications by state"), "table", columns=columns, rows=rows
    )
