"""Forms about the ends of stages: extensions, and moving the dates of a batch (menu 1.4.2)."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.enums import ExtensionKind, Stage
from app.forms.base import base
from app.forms.base.aliases import Groups, Records
from app.forms.base.base import ActForm, Form
from app.ground import clock
from app.ground.actor import Actor
from app.services.registers import deadlines

DOCUMENT = _("The number of the document that grants it, for example 湘职改办〔2026〕12号.")


class ExtensionForm(Form):
    """1.4.2: an extension of one stage."""

    kind = base.radio(_("For whom"), ExtensionKind)
    review_year = base.integer(_("Review year"), 2000, 2100)
    batch_id = base.lookup(
        _("Batch"),
        "batch",
        required=False,
        help=_("Empty: every open batch of the year in your region; a whole batch must be named."),
        render_kw={"data-show-when": "kind=batch,unit,person"},
    )
    unit_id = base.lookup(
        _("Unit"), "unit", required=False, render_kw={"data-show-when": "kind=unit"},
        help=_("Holds for what is filed in this unit and for what it checks as a superior unit."),
    )  # fmt: skip
    series_code = base.lookup(
        _("Series"), "series", required=False, render_kw={"data-show-when": "kind=series"}
    )
    person_number = base.text(
        _("Application number or ID number"), 32, required=False,
        render_kw={"data-show-when": "kind=person", "autocomplete": "off"},
    )  # fmt: skip
    stage = base.radio(_("Stage"), Stage)
    until = base.day(_("Extended until"), help=_("It ends by itself at 24:00 of this day."))
    document_number = base.text(_("Document number"), 60, min_length=4, help=DOCUMENT)
    approved_by = base.text(
        _("Approved by"), 64, help=_("Who signed the document."), render_kw={"autocomplete": "off"}
    )
    reason = base.area(_("Reason"), 500)

    def bind(self, records: Records, actor: Actor) -> None:
        if not self.is_submitted():
            self.review_year.data = clock.local_date(clock.now()).year

    def groups(self) -> Groups:
        return [
            (
                gettext("For whom"),
                [
                    self.kind,
                    self.review_year,
                    self.batch_id,
                    self.unit_id,
                    self.series_code,
                    self.person_number,
                ],
            ),
            (gettext("Which stage, until when"), [self.stage, self.until]),
            (gettext("Reason and document"), [self.document_number, self.approved_by, self.reason]),
        ]


class AdjustForm(ActForm):
    """1.4.2: moves the stage ends of open batches; an empty date stays as it is."""

    apply_end = base.day(_("Applications until"), required=False)
    resubmit_end = base.day(_("Returned ones until"), required=False)
    unit_end = base.day(_("Units report until"), required=False)
    superior_end = base.day(_("Superior units until"), required=False)
    office_end = base.day(
        _("Qualification check until"), required=False, help=_("An empty date stays as it is.")
    )
    document_number = base.text(_("Document number"), 60, min_length=4, help=DOCUMENT)
    opinion = base.area(_("Reason"), base.OPINION_LENGTH, required=False, render_kw=base.PHRASES)

    def bind(self, records: Records, actor: Actor) -> None:
        if len(records) != 1 or self.apply_end.raw_data:
            return
        for column in deadlines.LAST_DAY.values():
            self[column].data = getattr(records[0], column)
