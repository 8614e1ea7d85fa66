"""The form of an annual batch (menu 1.4.2)."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app import settings
from app.enums import ApplyMode, Level
from app.forms.base import base
from app.forms.base.aliases import Groups, Records
from app.forms.base.base import Form
from app.forms.offers import choose_only, committees_of, material_kinds, set_choices
from app.ground import clock
from app.ground.actor import Actor


class BatchForm(Form):
    """1.4.2: the annual batch."""

    committee_id = base.choice(_("Committee"), ())
    name = base.text(_("Name of the batch"), 120, min_length=2)
    review_year = base.integer(_("Review year"), 2000, 2100)
    modes = base.many(_("Ways of applying"), ApplyMode)
    levels = base.many(_("Levels"), Level)
    apply_start = base.day(_("Applications from"))
    apply_end = base.day(_("Applications until"))
    resubmit_end = base.day(_("Returned ones until"))
    unit_end = base.day(_("Units report until"))
    superior_end = base.day(_("Superior units until"))
    office_end = base.day(_("Qualification check until"))
    special_quota_end = base.day(
        _("Special post quotas until"),
        required=False,
        help=_(
            "Last day on which units may ask for senior posts on a special ground; empty: no day of its own."
        ),
    )
    material_cutoff = base.day(
        _("Achievements count until"), help=_("Later achievements do not count this year.")
    )
    seniority_date = base.day(_("Years counted until"))
    senior_cap = base.integer(_("Cap for full senior (%)"), 0, 100)
    associate_cap = base.integer(_("Cap for associate senior (%)"), 0, 100)
    required_materials = base.many(_("Required material"), material_kinds, required=False)
    note = base.area(_("Remark"), 500, required=False)

    def bind(self, records: Records, actor: Actor) -> None:
        set_choices(self.committee_id, committees_of(actor))
        if not records and not self.is_submitted():
            self._suggest()

    def _suggest(self) -> None:
        year = clock.local_date(clock.now()).year
        choose_only(self.committee_id)
        self.review_year.data = year
        self.seniority_date.data = f"{year}-12-31"
        self.senior_cap.data = settings.get("senior_cap_percent")
        self.associate_cap.data = settings.get("associate_cap_percent")

    def groups(self) -> Groups:
        return [
            (
                gettext("Batch"),
                [self.committee_id, self.name, self.review_year, self.modes, self.levels],
            ),
            (
                gettext("Deadlines (each day ends at its 24:00)"),
                [
                    self.apply_start,
                    self.apply_end,
                    self.resubmit_end,
                    self.unit_end,
                    self.superior_end,
                    self.office_end,
                    self.special_quota_end,
                    self.material_cutoff,
                    self.seniority_date,
                ],
            ),
            (gettext("Caps"), [self.senior_cap, self.associate_cap]),
            (gettext("Material"), [self.required_materials, self.note]),
        ]
