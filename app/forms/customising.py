"""Forms of what administrators make themselves: own roles."""

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.forms.base.aliases import Pair
from app.forms.base.base import Form, choice, radio, text, tick
from app.services.accounts import own_roles

STARTS = [
    ("full", _p("own role", "With everything the base role has now; take out what is not needed")),
    ("empty", _p("own role", "With nothing; tick what is needed")),
]


def _bases() -> list[Pair]:
    return [(role.value, role.label) for role in own_roles.BASES]


class OwnRoleNames(Form):
    """Names and remark of an own role."""

    name = text(_("Chinese name"), 30, min_length=2)
    name_en = text(_("English name"), 60, min_length=2, help=_("Shown on English pages."))
    remark = text(_("Remark"), 200, required=False, help=_("What it is for, who gets it."))


class OwnRoleForm(OwnRoleNames):
    """A new own role."""

    base = choice(
        _("Base role"),
        _bases,
        help=_(
            "It decides the rows and rules; the own role never has more menus or buttons than it."
        ),
    )
    start = radio(_p("own role", "Begins"), STARTS, default="full")


class OwnRoleChange(OwnRoleNames):
    """Names of an own role, and whether it is in use."""

    is_active = tick(
        _p("own role", "In use"),
        help=_(
            "Without the tick it is retired: nobody gets it any more. Possible when nobody holds it."
        ),
    )
