"""Forms of the qualification check and of the supplement it may ask for (menu 1.2.1)."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.extensions import db
from app.forms.base import base
from app.forms.base.aliases import Pair, Records
from app.forms.base.base import RowForm, SignedForm
from app.forms.offers import material_kinds
from app.forms.review import station_when
from app.ground.actor import Actor
from app.services.dossier import dossier, return_reasons
from app.services.form import form_definition
from app.services.review import sending_back


def supplement_choices(form: form_definition.Form) -> list[Pair]:
    """Return the choices of a supplement item: sections of a form, kinds of material, further material."""
    named: list[Pair] = [(part.key, part.label) for part in form.sections]
    kinds = [
        (f"{return_reasons.KIND}{code}", gettext("Material: %(kind)s", kind=name))
        for code, name in material_kinds()
    ]
    return [*named, *kinds, (form_definition.MATERIALS, gettext("Further material"))]


def _of_newest_form() -> list[Pair]:
    return supplement_choices(
        form_definition.load(db.session(), form_definition.newest_version(db.session()))
    )


class ItemForm(RowForm):
    """One item of a supplement."""

    section = base.choice(_("Section or kind of material"), _of_newest_form, required=False)
    text = base.text(_("What is to be supplied"), 500, required=False, render_kw=base.PHRASES)


class QualificationForm(SignedForm):
    """1.2.1: pass, refuse, or ask once for all missing items."""

    items = base.rows(
        _("Items to be supplied"),
        ItemForm,
        min_rows=1,
        max_rows=30,
        render_kw={"data-show-when": "decision=ask_correction", "data-must": "1"},
        description=_("Name all of them now: there is only one supplement."),
    )
    deadline = base.day(
        _("Supplement due on"),
        required=False,
        help=_("Empty: after the working days set by the parameter."),
        render_kw={"data-show-when": "decision=ask_correction"},
    )
    station = station_when("decision=office_send_back")

    def bind(self, records: Records, actor: Actor) -> None:
        """Offer the sections of a single application; for several, those of the newest form version."""
        super().bind(records, actor)
        self.station.offered = sending_back.choices(records)
        if len(records) == 1:
            pairs = supplement_choices(dossier.form_of(records[0]))
            label = _("Section or kind of material")
            base.offer_in_rows(self.items, ItemForm, "section", label, pairs)
