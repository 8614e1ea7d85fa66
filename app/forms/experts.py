"""Forms of the pools of experts: applying, admitting, leave, the roster, declared relations."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import wtforms
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.enums import IdKind, RelationKind
from app.extensions import db
from app.forms.accounts import UnitPersonForm
from app.forms.base import base, fields
from app.forms.base.aliases import Records
from app.forms.base.base import ActForm, Form
from app.forms.offers import choose_only, committees_of, set_choices
from app.ground import clock
from app.ground.actor import Actor
from app.services.experts import expert_entries, expert_rules
from app.validators import characters, id_number, person_name
from app.validators.identity import is_citizen_form


class Membership:
    """Mixin with the fields common to every membership."""

    title_code = base.lookup(_("Title held"), "title")
    title_since = base.day(_("Title held since"))
    employed_since = base.day(
        _("Employed at this level since"), help=_("The day of the letter of appointment.")
    )
    specialty_code = base.lookup(
        _p("expert", "Specialty"),
        "specialty",
        render_kw={"data-lookup-with": "title_code,committee_id"},
    )
    research = base.text(_("Field of research"), 200, required=False)
    is_scarce = base.tick(
        _("Scarce expert"), help=_("May serve some years beyond the retirement age.")
    )


class ApplyForm(Membership, Form):
    """Application to a committee's pool; proposes the title of the newest certificate."""

    committee_id = base.lookup(
        _("Committee"), "committee", help=_("A committee of the series of your title.")
    )

    def bind(self, records: Records, actor: Actor) -> None:
        _put_first(self, "committee_id")
        held = (
            None
            if self.is_submitted()
            else expert_entries.newest_title(db.session(), actor.person_id)
        )
        if held is not None:
            self.title_code.data, self.title_since.data = held.title_code, held.obtained_on
            self.specialty_code.data = held.specialty_code


class EnrolForm(Membership, UnitPersonForm):
    """Entry of one expert by the office: found by ID number and name, or created."""

    phone: Any = None
    email: Any = None
    unit_id = base.lookup(
        _("Unit"), "unit", required=False, help=_("Only for somebody without a registered unit.")
    )
    committee_id = base.choice(_("Committee"), ())
    term_from = base.day(_("Term from"))
    term_to = base.day(_("Term to"))

    def bind(self, records: Records, actor: Actor) -> None:
        set_choices(self.committee_id, committees_of(actor))
        _put_first(self, "committee_id")
        if not self.is_submitted():
            choose_only(self.committee_id)
            _propose_term(self)

    def values(self, *, without: Sequence[str] = ()) -> dict[str, Any]:
        typed = super().values(without=without)
        return typed | self.stored() if hasattr(self, "facts") else typed


class AdmitForm(ActForm):
    """The office's decision on an application; admission sets a term."""

    term_from = base.day(
        _("Term from"), required=False, render_kw={"data-show-when": "decision=admit"}
    )
    term_to = base.day(_("Term to"), required=False, render_kw={"data-show-when": "decision=admit"})

    def bind(self, records: Records, actor: Actor) -> None:
        """Propose a term from today."""
        if not self.term_from.raw_data and not self.term_from.data:
            _propose_term(self)


class ReasonForm(ActForm):
    """Act on a membership, with its reason."""

    opinion = fields.TextAreaField(
        _("Reason"),
        max_length=base.OPINION_LENGTH,
        is_required=False,
        render_kw={"required": False, **base.PHRASES},
    )


class LeaveForm(ReasonForm):
    """Leave of an expert: days and reason."""

    leave_from = base.day(_("On leave from"))
    leave_to = base.day(_("On leave until"))


class RosterForm(Form):
    """Upload of a filled roster of one committee."""

    committee_id = base.choice(_("Committee"), ())
    file = base.upload(_("Excel file"), ("xlsx",))

    def bind(self, records: Records, actor: Actor) -> None:
        set_choices(self.committee_id, committees_of(actor))
        if not self.is_submitted():
            choose_only(self.committee_id)


class RelationForm(Form):
    """Declared relation to somebody whose case the expert must not judge."""

    kind = base.choice(_("Relation"), RelationKind)
    name = base.text(_("Name"), 64, check=person_name)
    id_number = base.text(
        _("ID number"),
        40,
        required=False,
        check=lambda typed: _known_number(typed),
        help=_("If you know it; it is kept only as a keyed mark, which nobody can read back."),
        render_kw={"autocomplete": "off"},
    )
    note = base.text(_("Remark"), 200, required=False)


class RemoveForm(Form):
    """Confirmation before a declared relation is removed."""


def _known_number(typed: str) -> str:
    number = characters.number(typed)
    if len(number) == 18 and is_citizen_form(number):
        today = clock.local_date(clock.now())
        return id_number(IdKind.RESIDENT, number, sex=None, birth=None, today=today)
    return number


def _propose_term(form: wtforms.Form) -> None:
    today: date = clock.local_date(clock.now())
    form.term_from.data = today
    form.term_to.data = expert_rules.longest_term(today)


def _put_first(form: wtforms.Form, name: str) -> None:
    form._fields = {name: form._fields[name], **form._fields}
