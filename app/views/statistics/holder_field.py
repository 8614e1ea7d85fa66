"""Search field for who holds an application: a unit, or its applicant."""

from collections.abc import Mapping

from flask_babel import gettext
from sqlalchemy import ColumnElement

from app.models import Application
from app.services.statistics.backlog import WITH_APPLICANT
from app.views.base.aliases import Page
from app.views.base.columns import label_of
from app.views.base.search import SearchField

APPLICANT = str(WITH_APPLICANT)


class HolderField(SearchField):
    """Search field for the holder; WITH_APPLICANT finds what no unit holds."""

    def __init__(self) -> None:
        label = label_of(Application, "holder_id", Application.holder_id)
        super().__init__("holder", label, "lookup", Application.holder_id, lookup="unit")

    def condition(self, args: Mapping[str, str]) -> ColumnElement[bool] | None:
        if args.get("q.holder", "").strip() == APPLICANT:
            return Application.holder_id.is_(None)
        return super().condition(args)

    def shown(self, args: Mapping[str, str]) -> Page:
        named = {"value_label": gettext("the applicant")}
        return super().shown(args) | (named if args.get("q.holder") == APPLICANT else {})
