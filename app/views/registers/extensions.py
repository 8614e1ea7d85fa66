"""Tab of 1.4.2: extensions of a stage, entered and confirmed by the authority."""

from datetime import datetime
from typing import Any, ClassVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from sqlalchemy import ColumnElement
from sqlalchemy.orm import joinedload

from app import scopes
from app.enums import ExtensionKind, Role
from app.extensions import db
from app.forms.deadlines import ExtensionForm
from app.ground.actor import Actor
from app.models import Batch, Extension
from app.services.review import extensions
from app.views.base import detail_sections
from app.views.base.base import GuideView
from app.views.base.columns import Column
from app.views.base.declarations import Add, Button
from app.views.base.detail_sections import DetailSection


def build_extension(data: dict[str, Any], actor: Actor, at: datetime) -> Extension:
    """Return an unsaved extension for whom the form says; targets of the other kinds are left out."""
    kind = data["kind"]
    batch = None if kind is ExtensionKind.SERIES else _batch(data["batch_id"])
    made = Extension(
        kind=kind,
        stage=data["stage"],
        review_year=batch.review_year if batch else data["review_year"],
        region_code=actor.region_code,
        batch_id=batch.id if batch else None,
        until=data["until"],
        document_number=data["document_number"],
        approved_by=data["approved_by"],
        reason=data["reason"],
        proposed_by=actor.user_id,
    )
    if kind is ExtensionKind.UNIT:
        made.unit_id = data["unit_id"]
    elif kind is ExtensionKind.SERIES:
        made.series_code = data["series_code"]
    elif kind is ExtensionKind.PERSON and data["person_number"]:
        made.person_id = extensions.person_of(data["person_number"]).id
    return made


def _batch(key: int | None) -> Batch | None:
    return None if key is None else db.session.get_one(Batch, key)


def whom(row: Extension) -> str:
    """Return the name of the unit, series or person of an extension; of a whole batch the kind."""
    named: Any = row.unit or row.series or row.person
    return str(row.kind.label) if named is None else str(named.name)


def visible_extensions(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for extensions that the actor may see."""
    return scopes.visible(Extension, actor)


WHOM = Column(
    "whom",
    _p("extension", "Name"),
    whom,
    load=(joinedload(Extension.unit), joinedload(Extension.series), joinedload(Extension.person)),
)
BATCH = Column(
    "batch",
    _("Batch"),
    lambda row: row.batch or gettext("all batches of %(year)s", year=row.review_year),
    load=(joinedload(Extension.batch),),
)


class ExtensionView(GuideView):
    """1.4.2 Extensions of a stage: entered by one person of the authority, confirmed by another."""

    guide = "1.4.2"
    slug = "extensions"
    label = _("Extensions")
    tab_label = _("Extensions")
    purpose = _(
        "More time for a batch, a unit, a series or a person, with reason and document. An extension ends by "
        "itself when its day has passed."
    )
    empty = _("No extension has been entered yet.")
    model = Extension
    record_loading = (joinedload(Extension.batch).joinedload(Batch.committee),)
    roles: ClassVar[tuple[Role, ...]] = (Role.HRSS, Role.OFFICE)
    scope = staticmethod(visible_extensions)
    late_column = ""
    list_columns: ClassVar[list[str | Column]] = [
        WHOM, "stage", "until", BATCH, "document_number", "approved_by", "state",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = [
        "batch", "unit", "kind", "stage", "until", "document_number", "state",
    ]  # fmt: skip
    can_export = True
    add: ClassVar[Add | None] = Add(
        _("New"),
        ExtensionForm,
        "propose",
        build_extension,
        notes=(
            _(
                "It counts once it is confirmed. Whoever it concerns is told and sees the new day on the lists."
            ),
        ),
    )
    buttons: ClassVar[tuple[Button, ...]] = (
        Button(
            "confirm",
            _p("extension", "Confirm"),
            events={
                "confirm": _p("extension", "Confirm"),
                "drop": _p("extension", "Do not confirm"),
            },
            confirm=_("Decide on %(count)s extensions. Confirming tells everybody concerned."),
        ),
        Button(
            "withdraw",
            _p("extension", "Withdraw"),
            events={"withdraw": _p("extension", "Withdraw")},
            confirm=_("Withdraw %(count)s extensions: the earlier deadlines hold again at once."),
            tone="stop",
        ),
    )

    def name_of(self, record: Extension) -> str:
        return f"{whom(record)} · {record.stage.label}"

    def sections(self, record: Extension, actor: Actor) -> list[DetailSection]:
        names: list[str | Column] = [
            "kind", WHOM, "stage", "until", BATCH, "review_year", "document_number", "approved_by", "state",
        ]  # fmt: skip
        return [
            detail_sections.pairs("basic", gettext("Extension"), record, names),
            detail_sections.text("reason", gettext("Reason"), record.reason),
        ]


class WaitingExtensionView(ExtensionView):
    """1.4.2 Extensions that wait for their confirmation."""

    guide = "1.4.2"
    slug = "extensions-waiting"
    label = _("Extensions to be confirmed")
    tab_label = _("Extensions to be confirmed")
    empty = _("No extension waits for its confirmation.")
    roles = (Role.HRSS,)
    waiting: ClassVar[tuple[str, ...]] = ("confirm",)
    add = None
    can_export = False
    buttons = ExtensionView.buttons[:1]
