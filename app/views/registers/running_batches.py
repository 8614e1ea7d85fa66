"""在办批次: the batches in which something runs now; the start page shows the next ones and leads here."""

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement

from app import scopes
from app.enums import Role
from app.ground import clock
from app.ground.actor import Actor
from app.models import Batch
from app.services.registers import deadlines
from app.views.base.base import GuideView
from app.views.base.columns import Column, computed
from app.views.base.detail_sections import DetailSection
from app.views.registers.ch1_4_batches import batch_facts


def running_now(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for batches that run today."""
    return scopes.is_running(clock.local_date(clock.now()))


def _stage(batch: Batch) -> Any:
    stage = deadlines.stage_on(batch, clock.local_date(clock.now()))
    return stage.label if stage else None


class RunningBatchView(GuideView):
    """The batches that run today, with their last days and the present stage, for everybody who handles cases."""

    guide = "running-batches"
    label = _("Running batches")
    purpose = _("Batches in which something can be done today, with the last day of each stage.")
    empty = _("No batch is running today.")
    roles = (Role.UNIT, Role.SUPERIOR, Role.OFFICE, Role.HRSS)
    model = Batch
    scope = staticmethod(scopes.batches_of_concern)
    inbox = staticmethod(running_now)
    base_order = ("office_end", "asc")
    list_columns: ClassVar[list[str | Column]] = [
        "name", "committee", "review_year", computed("stage", _("Stage now"), _stage),
        "apply_end", "unit_end", "superior_end", "office_end",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = ["name", "committee", "review_year"]

    def sections(self, record: Batch, actor: Actor) -> list[DetailSection]:
        return batch_facts(record)
