"""Forms of the review tree: a branch that moves, a level put in between, a route tried out, a tree read in."""

from flask_babel import lazy_gettext as _

from app.enums import Level, RouteChangeKind
from app.forms.base.base import Form, choice, lookup, many, radio
from app.forms.base.file_fields import FileField

MOVES = (RouteChangeKind.MOVE, RouteChangeKind.MOVE_BELOW)


class BranchForm(Form):
    """Where a branch goes."""

    kind = radio(_("What moves"), [(one.value, one.label) for one in MOVES])
    superior_id = lookup(
        _("To which superior"),
        "unit",
        required=False,
        help=_("It confirms once for all. Empty: straight to the committee."),
    )


class LevelForm(Form):
    """The unit put in between, and which units go below it."""

    superior_id = lookup(
        _("Unit put in between"), "unit", help=_("It confirms once for all units below it.")
    )
    levels = many(
        _("Levels that pass through"),
        Level,
        help=_("Applications of other levels skip this unit on their way up."),
    )
    lower = many(_("Units that go below it"), [])


class RouteTrialForm(Form):
    """Whose way through which tree is tried out."""

    unit_id = lookup(_("Unit"), "unit")
    committee_id = choice(_("Committee"), [])
    level = choice(_("Level"), Level)
    batch_id = choice(_("Batch"), [], required=False, blank=_("The newest of the committee"))


class TreeFileForm(Form):
    """A review tree as a workbook."""

    committee_id = choice(_("Committee"), [])
    file = FileField(
        _("File"),
        description=_("A workbook that 【Export the tree】 has written, rows added or changed."),
        render_kw={"accept": ".xlsx"},
    )
