"""Applications with their route, filled-in sections, submissions, form definitions and the one correction."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _
from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enums import AT_REST, FREES_THE_YEAR, ApplicationState, ApplyMode, CorrectionState, Level
from app.models import text_indexes
from app.models.base import Base, Stateful, UtcDateTime, enum_type, field

if TYPE_CHECKING:
    from app.models.batch import Batch
    from app.models.committee import Committee
    from app.models.dictionary import Series, Specialty, Title
    from app.models.dossier_value import DossierValue
    from app.models.handler import Handler
    from app.models.interview import Interview
    from app.models.meeting import Plan
    from app.models.people import Person
    from app.models.unit import Unit

_blocks_the_year = "state NOT IN ({})".format(
    ", ".join(f"'{state.value}'" for state in sorted(FREES_THE_YEAR))
)

_at_rest = [f"'{state.value}'" for state in sorted(AT_REST)]
_is_under_way = f"state NOT IN ({', '.join(_at_rest)})"


class Application(Stateful):
    """One person's application in one batch.

    `unit_id` is the unit it is filed with (the employer, or an agency for those without one). Name, region
    and series are copies from the time of filing, so that lists need no join.
    """

    __tablename__ = "application"
    __table_args__ = (
        Index(
            "uq_application_one_a_year",
            "person_id",
            "review_year",
            unique=True,
            sqlite_where=text(_blocks_the_year),
            postgresql_where=text(_blocks_the_year),
        ),
        Index("ix_application_unit", "unit_id", "state", "id"),
        Index("ix_application_holder", "holder_id", "state", "id"),
        Index("ix_application_committee", "committee_id", "state", "id"),
        Index(
            "ix_application_with_office",
            "committee_id",
            "id",
            sqlite_where=text("office_at IS NOT NULL"),
            postgresql_where=text("office_at IS NOT NULL"),
        ),
        Index("ix_application_batch", "batch_id", "state", "id"),
        Index("ix_application_region", "region_code", "id"),
        Index("ix_application_name", "name", "id"),
        Index("ix_application_plan", "plan_id", "id"),
        Index("ix_application_due", "state", "due_at"),
        # for lists sorted by a day, and for how many came in of late
        Index("ix_application_held_since", "held_since", "id"),
        Index("ix_application_submitted_at", "submitted_at", "id"),
        Index("ix_application_due_at", "due_at", "id"),
        # for figures that are counted over all of a province, read from the index alone
        Index(
            "ix_application_figures",
            "unit_id",
            "state",
            "series_code",
            "review_year",
            "region_code",
        ),
        Index(
            "ix_application_under_way",
            "holder_id",
            "state",
            "held_since",
            "created_at",
            "region_code",
            "committee_id",
            "office_at",
            "review_year",
            sqlite_where=text(_is_under_way),
            postgresql_where=text(_is_under_way),
        ),
        *text_indexes.of_name("application"),
        *text_indexes.of_number("application"),
    )

    number: Mapped[str] = field(_("Application number"), String(16), unique=True)
    person_id: Mapped[int] = field(_("Person"), ForeignKey("person.id"), index=True)
    name: Mapped[str] = field(_("Name"), String(64))
    batch_id: Mapped[int] = field(_("Batch"), ForeignKey("batch.id"))
    committee_id: Mapped[int] = field(_("Committee"), ForeignKey("committee.id"))
    review_year: Mapped[int] = field(_("Review year"))
    unit_id: Mapped[int] = field(_("Unit"), ForeignKey("unit.id"))
    region_code: Mapped[str] = field(_("Region"), String(6))
    mode: Mapped[ApplyMode] = field(_("Way of applying"), enum_type(ApplyMode))
    series_code: Mapped[str] = field(_("Series"), ForeignKey("series.code"))
    level: Mapped[Level] = field(_("Level"), enum_type(Level, "application_level"))
    title_code: Mapped[str] = field(_("Title applied for"), ForeignKey("title.code"))
    specialty_code: Mapped[str] = field(_("Specialty"), ForeignKey("specialty.code"))
    form_version: Mapped[int] = mapped_column(default=1)
    state: Mapped[ApplicationState] = field(
        _("State"), enum_type(ApplicationState, "application_state"), default=ApplicationState.DRAFT
    )
    holder_id: Mapped[int | None] = field(_("Held by"), ForeignKey("unit.id"))
    held_since: Mapped[datetime | None] = field(_("Arrived"), UtcDateTime)
    due_at: Mapped[datetime | None] = field(_("Due"), UtcDateTime)
    submitted_at: Mapped[datetime | None] = field(_("Handed in"), UtcDateTime)
    frozen_at: Mapped[datetime | None] = field(_("Material frozen"), UtcDateTime)
    office_at: Mapped[datetime | None] = field(_("With the committee since"), UtcDateTime)
    route_position: Mapped[int] = mapped_column(default=0)
    recommendation: Mapped[str] = field(_("Recommendation"), Text, default="")
    returned_sections: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    is_secret_free: Mapped[bool] = field(_("Declared free of secrets"), default=False)
    committed_at: Mapped[datetime | None] = field(_("Commitment signed"), UtcDateTime)
    commitment_version: Mapped[int] = mapped_column(default=0)
    plan_id: Mapped[int | None] = field(_("Plan"), ForeignKey("plan.id"))
    rules_unmet: Mapped[int | None] = field(_("Conditions not met"))

    person: Mapped["Person"] = relationship()
    batch: Mapped["Batch"] = relationship()
    committee: Mapped["Committee"] = relationship()
    unit: Mapped["Unit"] = relationship(foreign_keys=[unit_id])
    holder: Mapped["Unit | None"] = relationship(foreign_keys=[holder_id])
    series: Mapped["Series"] = relationship()
    title: Mapped["Title"] = relationship()
    specialty: Mapped["Specialty"] = relationship()
    plan: Mapped["Plan | None"] = relationship()
    interview: Mapped["Interview | None"] = relationship(viewonly=True)
    route: Mapped[list["RouteStep"]] = relationship(
        back_populates="application", order_by="RouteStep.position"
    )
    handlers: Mapped[list["Handler"]] = relationship(back_populates="application")
    listed_values: Mapped[list["DossierValue"]] = relationship(
        viewonly=True, order_by="DossierValue.position"
    )

    @classmethod
    def is_under_way(cls) -> ColumnElement[bool]:
        """Return the condition for applications on which somebody has to go on.

        Its states are no parameters, as otherwise SQLite does not see that the index of these rows has them all.
        """
        return cls.state.not_in([literal_column(one) for one in _at_rest])


class RouteStep(Base):
    """One superior unit on an application's route, copied from the review tree when submitted (1.6.2)."""

    __tablename__ = "route_step"
    __table_args__ = (
        UniqueConstraint("application_id", "position", name="uq_route_step_position"),
        # with the application, so that those which passed a unit are read from the index alone
        Index("ix_route_step_unit", "unit_id", "arrived_at", "application_id"),
    )

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    position: Mapped[int] = field(_("Step"))
    unit_id: Mapped[int] = field(_("Unit"), ForeignKey("unit.id"))
    arrived_at: Mapped[datetime | None] = field(_("Arrived"), UtcDateTime)
    passed_at: Mapped[datetime | None] = field(_("Passed"), UtcDateTime)

    application: Mapped["Application"] = relationship(back_populates="route")
    unit: Mapped["Unit"] = relationship()


class Section(Base):
    """Content of one section of an application form: `rows` is a list of {field key: value}.

    `row_ids` are permanent row ids, so that two devices refer to the same row; None stands for r0, r1, ….
    `previous_rows` holds the rows before the last removal, for undo (撤销).
    """

    __tablename__ = "application_section"
    __table_args__ = (
        UniqueConstraint("application_id", "key", name="uq_section_key"),
        # for how many applications have a value of a dictionary
        Index("ix_application_section_key", "key"),
    )

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    key: Mapped[str] = mapped_column(String(40))
    rows: Mapped[list[Any]] = mapped_column(JSON, default=list)
    row_ids: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    previous_rows: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    revision: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Submission(Base):
    """Snapshot of an application at each submission; comparing two of them shows what changed.

    `sections` is {section key: rows}, `files` a list of {kind, section, name, digest}.
    """

    __tablename__ = "application_handing"
    __table_args__ = (Index("ix_application_handing_application", "application_id", "id"),)

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    event: Mapped[str] = mapped_column(String(40))
    handed_in_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sections: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    files: Mapped[list[Any]] = mapped_column(JSON, default=list)


class FormDefinition(Base):
    """A version of the application form; an application keeps the published version it began with.

    A draft has no `published_at`. `revision` detects concurrent edits; `step` is the number of the present one among
    the kept states of a draft (`FormStep`). A version with `withdrawn_at` was taken back: only the applications
    that began with it keep it.
    """

    __tablename__ = "form_definition"

    form_version: Mapped[int] = field(_("Version"), unique=True)
    title: Mapped[str] = field(_("Title"), String(120))
    body: Mapped[dict[str, Any]] = field(_("Definition"), JSON)
    published_at: Mapped[datetime | None] = field(_("Published"), UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = field(_("Taken back"), UtcDateTime)
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    step: Mapped[int] = mapped_column(default=0, server_default="0")


class FormStep(Base):
    """A state of a draft of the form: the content after one change, what the change was, by whom and when.

    Number 0 is the content the draft began with. Undoing and redoing (撤销, 重做) go back and forth among the states.
    """

    __tablename__ = "form_step"
    __table_args__ = (UniqueConstraint("definition_id", "number"),)

    definition_id: Mapped[int] = mapped_column(ForeignKey("form_definition.id"))
    number: Mapped[int]
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    what: Mapped[str] = mapped_column(String(32))
    label: Mapped[str] = mapped_column(String(120), default="")
    author: Mapped[str] = mapped_column(String(64), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Correction(Base):
    """The one supplement (补正) that an application may be asked for, all items at once (Order 40, art. 19)."""

    __tablename__ = "correction"

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), unique=True)
    items: Mapped[list[Any]] = field(_("Items"), JSON)
    deadline: Mapped[date] = field(_("Until"))
    state: Mapped[CorrectionState] = field(
        _("State"), enum_type(CorrectionState), default=CorrectionState.OPEN
    )
    asked_at: Mapped[datetime] = field(_("Asked"), UtcDateTime)
    settled_at: Mapped[datetime | None] = field(_("Handed in"), UtcDateTime)
