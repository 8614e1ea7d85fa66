"""1.1.4: cases that a closed unit stops, to be handed on by the unit above it or the authority."""

from typing import Any, ClassVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload, selectinload

from app import scopes
from app.enums import Role
from app.forms.review import HandOnForm
from app.ground.actor import Actor
from app.models import Application, RouteStep
from app.services.review import handovers
from app.views.base import detail_sections
from app.views.base.base import GuideView
from app.views.base.columns import Column
from app.views.base.declarations import Button


def closed_name(record: Application) -> str:
    """Return the name of the closed unit that stops a case."""
    unit = handovers.closed_unit(record)
    return unit.name if unit is not None else "—"


CLOSED = Column(
    "closed",
    _("Closed unit"),
    closed_name,
    load=(
        joinedload(Application.unit),
        joinedload(Application.holder),
        selectinload(Application.route).joinedload(RouteStep.unit),
    ),
)


class ClosedUnitView(GuideView):
    """1.1.4 Cases at a unit that was closed in the register, or on their way to one."""

    guide = "1.1.4"
    slug = "closed"
    label = _("Cases at closed units")
    tab_label = _("At closed units")
    purpose = _(
        "Applications that cannot go on because a unit was closed in the register. Hand them on to the unit that takes its place."
    )
    empty = _("No closed unit stops a case in your scope.")
    roles = (Role.SUPERIOR, Role.HRSS)
    model = Application
    record_loading = (joinedload(Application.batch), joinedload(Application.committee))
    scope = staticmethod(scopes.stopped_by_closed_units)
    waiting: ClassVar[tuple[str, ...]] = ("hand_on",)
    list_columns: ClassVar[list[str | Column]] = [
        "number", "name", "unit", CLOSED, "state", "held_since", "due_at",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = ["name", "number", "unit", "state"]
    buttons = (
        Button(
            "hand_on",
            _("Hand on"),
            events={"hand_on": _("Hand on to another unit")},
            form=HandOnForm,
            confirm=_(
                "Hand on %(count)s cases to the unit that takes the place of the closed one."
            ),
        ),
    )

    def name_of(self, record: Application) -> str:
        return str(record.name)

    def sections(self, record: Any, actor: Actor) -> list[detail_sections.DetailSection]:
        names = [*self.list_columns, "holder"]
        steps = sorted(record.route, key=lambda step: step.position)
        way = " → ".join(step.unit.name for step in steps)
        return [
            detail_sections.pairs("basic", gettext("Application"), record, names),
            detail_sections.text("route", gettext("Review tree"), way),
        ]
