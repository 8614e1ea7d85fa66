"""Forms of the registers of units, committees and canned phrases."""

from typing import Any

from flask_babel import lazy_gettext as _

from app.enums import Level, UnitKind
from app.forms.base.base import Form, choice, day, integer, lookup, text, tick
from app.services.registers import phrases


class UnitForm(Form):
    """A unit of the register."""

    credit_code: Any = text(_("Credit code"), 18, help=_("18 characters, as on the certificate."))
    name = text(_("Unit name"), 120, help=_("The full legal name, as on the seal."))
    kind = choice(_("Kind"), UnitKind)
    region_code = lookup(_("Region"), "region")
    parent_id = lookup(_("Superior"), "unit", required=False)
    is_self_review = tick(_("Reviews its own titles"))
    contact = text(_("Contact"), 64, required=False)
    phone = text(_("Telephone"), 32, required=False)
    is_active = tick(_("Active"), default=True)


class MoveUnitForm(Form):
    """The superior below which a unit goes, with all units below it."""

    parent_id = lookup(
        _("To which superior"), "unit", required=False, help=_("Empty: it has no superior.")
    )


class CommitteeForm(Form):
    """A review committee as approved; valid for three years at most."""

    code: Any = text(
        _("Committee code"), 4, min_length=4, help=_("Four digits; part of the certificate number.")
    )
    name = text(_("Committee"), 120)
    series_code = lookup(_("Series"), "series")
    level = choice(_("Highest level"), Level)
    is_by_specialty = tick(_("Formed by specialty"))
    unit_id = lookup(_("Organising unit"), "unit")
    region_code = lookup(_("Region"), "region")
    approval_number = text(_("Approval document"), 64)
    valid_from = day(_("Valid from"))
    valid_to = day(_("Valid to"))
    min_size = integer(_("Seats at least"), 3, 199)
    size_approval_number = text(
        _("Approval of a smaller size"),
        64,
        min_length=4,
        required=False,
        help=_(
            "Document by which the provincial authority agreed to fewer seats than Order 40, art. 10 asks for; "
            "empty: nothing was agreed."
        ),
    )
    is_active = tick(_("Active"), default=True)


class OwnPhraseForm(Form):
    """A canned phrase of one's own."""

    text = text(
        _("Wording"),
        phrases.LONGEST,
        min_length=2,
        help=_(
            "One line of plain text; it is inserted as it stands, names and dates are typed after it."
        ),
    )
    order = integer(
        _("Order"), 0, 999, required=False, help=_("The smallest number comes first; empty is 0.")
    )
    is_active = tick(_("In use"), default=True)


class PhraseForm(OwnPhraseForm):
    """A canned phrase for everybody in a role."""

    role = choice(_("Role"), [(role.value, role.label) for role in phrases.USERS])
