"""人员身份变更: a unit decides on changes of employment that its people ask for."""

from typing import ClassVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app import scopes
from app.enums import Role
from app.ground.actor import Actor
from app.models import EmploymentChange
from app.validators import mask_id
from app.views.base import detail_sections
from app.views.base.base import GuideView
from app.views.base.columns import Column, computed
from app.views.base.declarations import Button
from app.views.base.detail_sections import DetailSection


def _id_number(change: EmploymentChange) -> str:
    return mask_id(change.person.id_number)


COLUMNS: list[str | Column] = [
    "person", "before", "employment", "leaves_unit", "asked_at", "state",
]  # fmt: skip
DECIDE = Button(
    "decide",
    _("Decide"),
    events={"confirm": _("Confirm"), "refuse": _("Refuse")},
    confirm=_(
        "Decide on %(count)s changes. What you confirm is registered at once and decides under which conditions "
        "these people apply."
    ),
)


class EmploymentChangeView(GuideView):
    """All changes of employment that the unit was asked to confirm."""

    guide = "employment-changes"
    slug = "all"
    label = _("Changes of employment")
    tab_label = _("All of the unit")
    purpose = _(
        "Changes of employment that people of your unit asked for, with your unit's decisions."
    )
    empty = _("Nobody of your unit has asked for a change.")
    model = EmploymentChange
    roles: ClassVar[tuple[Role, ...]] = (Role.UNIT,)
    scope = staticmethod(scopes.employment_changes_of_own_unit)
    list_columns: ClassVar[list[str | Column]] = COLUMNS
    search_columns: ClassVar[list[str]] = ["employment", "leaves_unit", "asked_at", "state"]

    def name_of(self, record: EmploymentChange) -> str:
        return str(record.person.name)

    def sections(self, record: EmploymentChange, actor: Actor) -> list[DetailSection]:
        facts = [
            COLUMNS[0],
            computed("id_number", _("ID number"), _id_number),
            "unit",
            *COLUMNS[1:],
        ]
        return [detail_sections.pairs("basic", gettext("Details"), record, facts)]


class EmploymentConfirmationView(EmploymentChangeView):
    """Changes of employment that wait for the unit's decision."""

    guide = "employment-changes"
    slug = ""
    label = _("Changes of employment")
    tab_label = _("To be decided")
    purpose = _(
        "People of your unit want to be registered with another employment, or leave the unit. Confirm what is "
        "true, refuse the rest with a reason; until then what is registered stays."
    )
    empty = _("No change waits for the unit.")
    waiting = ("confirm",)
    buttons: ClassVar[tuple[Button, ...]] = (DECIDE,)
    tabs = (EmploymentChangeView,)


MENUS = (EmploymentConfirmationView,)
