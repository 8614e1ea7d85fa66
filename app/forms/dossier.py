"""Forms of the personal hall."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _

from app.enums import Employment
from app.forms.base import base
from app.models import Specialty, Title
from app.validators import email, phone


class ApplyForm(base.Form):
    """Last step of starting an application; way of applying and level are already chosen."""

    title_code = base.choice(_("Title applied for"), [])
    specialty_code = base.choice(_("Specialty"), [])
    unit_id = base.lookup(
        _("Unit"),
        "unit",
        help=_("The unit that checks and recommends: your own, or your personnel agency."),
    )

    def offer(self, titles: Sequence[Title], specialties: Sequence[Specialty]) -> None:
        """Set the titles and specialties to choose from."""
        self.title_code.offered = [(one.code, one.name) for one in titles]
        self.specialty_code.offered = [(one.code, one.name) for one in specialties]


class SubmitForm(base.Form):
    """Commitment and declaration (Order 40, art. 16 and 44)."""

    is_secret_free = base.tick(
        _("Nothing entered or uploaded is secret."),
        required=True,
        sentence=_(
            "Secret material must never be handed in online. Confirm that there is none, or hand it in on paper."
        ),
    )
    is_true = base.tick(
        _("I have read the commitment and stand by it."),
        required=True,
        sentence=_("Read the commitment and tick it; without it nothing can be handed in."),
    )


class OwnDataForm(base.Form):
    """Personal data that a person may change."""

    phone = base.text(_("Mobile"), 20, check=phone)
    email = base.text(
        _("Email"),
        120,
        required=False,
        check=email,
        help=_("Messages are sent here too. Leave it empty for no mail."),
    )
    employment = base.choice(_("Employment"), Employment)
    unit_id = base.lookup(
        _("Unit"),
        "unit",
        required=False,
        help=_("Choose it from the register. Without an employer leave it empty."),
    )
