"""专家推荐: a unit recommends its own people for the pools of committees."""

from typing import ClassVar

from flask_babel import lazy_gettext as _

from app import scopes
from app.enums import Role
from app.ground.actor import Actor
from app.models import Expert
from app.views.base.base import GuideView
from app.views.base.columns import Column
from app.views.base.declarations import Button
from app.views.base.detail_sections import DetailSection
from app.views.experts import expert_sections

RECOMMEND = Button(
    "recommend",
    _("Recommend"),
    events={"recommend": _("Recommend"), "unit_refuse": _("Do not recommend")},
    confirm=_(
        "Decide on %(count)s applications. Who is recommended goes to the committee's office."
    ),
)


class UnitExpertView(GuideView):
    """The unit's own people who are in pools or applied to one."""

    guide = "expert-recommendation"
    slug = "all"
    label = _("Recommendation of experts")
    tab_label = _("All of the unit")
    purpose = _("People of your unit who are in pools of committees, or applied to them.")
    empty = _("Nobody of your unit has applied to a pool.")
    model = Expert
    roles: ClassVar[tuple[Role, ...]] = (Role.UNIT,)
    found_by = ("person.name", "id_number")
    scope = staticmethod(scopes.experts_of_own_unit)
    list_columns: ClassVar[list[str | Column]] = [
        "person", "title", "specialty", "committee", "term_from", "term_to", "state",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = ["id_number", "title", "specialty", "committee", "state"]

    def name_of(self, record: Expert) -> str:
        return str(record.person.name)

    def sections(self, record: Expert, actor: Actor) -> list[DetailSection]:
        return [expert_sections.membership(record), expert_sections.conditions(record)]


class ExpertRecommendationView(UnitExpertView):
    """Applications waiting for the unit's recommendation."""

    guide = "expert-recommendation"
    slug = ""
    label = _("Recommendation of experts")
    tab_label = _("To be recommended")
    purpose = _("Applications of your people to pools of committees that wait for the unit.")
    empty = _("No application waits for the unit.")
    waiting = ("recommend",)
    buttons: ClassVar[tuple[Button, ...]] = (RECOMMEND,)
    tabs = (UnitExpertView,)


MENUS = (ExpertRecommendationView,)
