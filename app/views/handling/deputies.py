"""代理人: whom a clerk stands in for, and who stands in for the clerk."""

from datetime import datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from app import scopes
from app.forms.handling import DeputyForm
from app.ground.actor import Actor
from app.models import Deputy, Position
from app.services.handling import colleagues, deputies
from app.views.base import detail_sections
from app.views.base.base import GuideView
from app.views.base.columns import Column
from app.views.base.declarations import Add, Button


def build_deputy(data: dict[str, Any], actor: Actor, at: datetime) -> Deputy:
    """Return the unsaved deputyship from the form data."""
    return deputies.draft(actor.position_id, data)


class DeputyView(GuideView):
    guide = "deputies"
    label = _("Deputies")
    purpose = _(
        "While you are away, a colleague handles the cases given to you; the timeline says for whom. It ends by itself."
    )
    empty = _("You have named no deputy, and stand in for nobody.")
    roles = colleagues.ROLES
    model = Deputy
    scope = staticmethod(scopes.deputies_of_my_position)
    list_columns: ClassVar[list[str | Column]] = [
        Column(
            "who",
            _("Is stood in for"),
            lambda record: record.position.user.real_name,
            load=(joinedload(Deputy.position).joinedload(Position.user),),
        ),
        Column(
            "deputy",
            _("Deputy"),
            lambda record: record.deputy.user.real_name,
            load=(joinedload(Deputy.deputy).joinedload(Position.user),),
        ),
        "starts_on",
        "ends_on",
        "state",
    ]
    main_columns = ("position.user.real_name", "deputy.user.real_name")
    search_columns: ClassVar[list[str]] = ["starts_on", "ends_on", "state"]
    add = Add(_("Name a deputy"), DeputyForm, "name_deputy", build_deputy)
    buttons = (
        Button(
            "end_deputy",
            _("End early"),
            events={"end_deputy": _("End early")},
            tone="stop",
        ),
    )

    def name_of(self, record: Deputy) -> str:
        return str(record.deputy.user.real_name)

    def sections(self, record: Deputy, actor: Actor) -> list[detail_sections.DetailSection]:
        return [detail_sections.pairs("basic", self.label, record, self.list_columns)]


MENUS = (DeputyView,)
