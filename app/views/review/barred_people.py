"""禁止申报人员: applications under way of people who are barred by now; they are taken out one by one."""

from typing import ClassVar

from flask_babel import lazy_gettext as _

from app import scopes
from app.enums import Role
from app.models import Application
from app.views.base.columns import Column
from app.views.base.declarations import Button
from app.views.case.application import ApplicationView

BAR_OUT = Button(
    "bar_out",
    _("Take out"),
    events={"bar_out": _("Take out")},
    confirm=_(
        "Take out %(count)s applications of barred people. They end for this year; the others of the plan, the "
        "notice and the filing go on. The applicants are told at once."
    ),
    tone="stop",
)


class BarredApplicationView(ApplicationView):
    """Applications of barred people that the unit, the office or the authority has in hand."""

    guide = "barred-people"
    label = _("Barred people")
    purpose = _(
        "People with an application under way who are barred from title reviews by now. Plans, votes, results and "
        "filings refuse them; take them out here, so that the others go on."
    )
    empty = _("Nobody with an application in your hands is barred.")
    roles = (Role.UNIT, Role.OFFICE, Role.HRSS)
    scope = staticmethod(lambda actor: scopes.visible(Application, actor))
    inbox = staticmethod(scopes.barred_in_my_hands)
    waiting = ("bar_out",)
    list_columns: ClassVar[list[str | Column]] = [
        "number", "name", "unit", "title", "state", "person.banned_until", "person.ban_reason",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = ["name", "id_number", "number", "unit", "title", "state"]
    buttons: ClassVar[tuple[Button, ...]] = (BAR_OUT,)


MENUS = (BarredApplicationView,)
