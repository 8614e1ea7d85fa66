"""Forms after the vote: entry of a result, its notice, its filing (chapter 1.2), and certificates."""

from collections.abc import Sequence
from typing import Any

import wtforms
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from markupsafe import Markup, escape
from wtforms.validators import ValidationError

from app.engine import Refused
from app.extensions import db
from app.forms.base import base
from app.forms.base.aliases import Records, Validators
from app.forms.offers import choose_meeting, set_choices
from app.forms.review import ObjectionForm, store_upload
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Plan
from app.services.certificates import filings
from app.services.imports.refusals import SheetRefused
from app.services.results import entry_checks, results
from app.services.results.result_workbook import VoteSheet
from app.services.results.results import Entry, Votes
from app.services.review import objections

OPINIONS_SIGNED = _("At least three experts signed the opinion on every candidate")
FORM_MAX = 100
"""Most candidates for entry in the page; votes on more are imported from Excel, to avoid typing errors."""


class Shown(wtforms.Field):
    """Read-only text in a row of a form."""

    def __call__(self, **kwargs: Any) -> Markup:
        return Markup("<output>{}</output>").format(escape(self.data or ""))


def remark() -> wtforms.Field:
    """Return the field of a remark, which comes last in its row."""
    return base.text(_("Remark"), 300, required=False)


class VoteRow(base.RowForm):
    """The votes on one candidate."""

    application_id = wtforms.HiddenField()
    candidate = Shown(_("Candidate"))
    yes = base.integer(_p("vote", "Yes"), 0, entry_checks.LARGEST, required=False)
    no = base.integer(_p("vote", "No"), 0, entry_checks.LARGEST, required=False)
    abstain = base.integer(_("Abstained"), 0, entry_checks.LARGEST, required=False)
    note = remark()


class ScoredVoteRow(VoteRow):
    """The votes on one candidate and the score that decides between equal votes."""

    score = base.score(_("Score"), required=False)
    note = remark()


class EntryForm(base.ActForm):
    """Entry of a result (录入): figures of the meeting, and votes from the table or the filled template."""

    has_own_page = True

    members = base.integer(_("Members"), 1, entry_checks.LARGEST)
    present = base.integer(_("Present"), 0, entry_checks.LARGEST)
    voted_on = base.day(_("Day of the vote"))
    sheet = base.upload(
        _("Votes from Excel"),
        ("xlsx",),
        required=False,
        help=_("The filled template of this plan. It takes the place of the table below."),
    )
    scan = base.upload(
        _("Scan of the signed result sheet"),
        required=False,
        help=_("It can also be added afterwards; without it the result cannot be confirmed."),
    )
    opinions_signed = base.tick(
        OPINIONS_SIGNED,
        help=_("Needed to confirm the result (Order 40, art. 22)."),
    )
    opinions = base.upload(
        _("Scan of the signed opinions"),
        required=False,
        help=_("It can also be added afterwards; without it the result cannot be confirmed."),
    )
    votes = base.rows(_("Votes"), ScoredVoteRow, max_rows=FORM_MAX, render_kw={"data-fixed": "1"})

    plan: Plan | None = None
    candidates: Sequence[Application] = ()
    entry_votes: tuple[Votes, ...] = ()

    def bind(self, records: Sequence[Plan], actor: Actor) -> None:
        """Create a row for every candidate of the plan, prefilled with what was entered before."""
        if len(records) != 1:
            del self.votes
            return
        self.plan = records[0]
        self.candidates = results.candidates(db.session(), self.plan)
        if len(self.candidates) > FORM_MAX:
            del self.votes
        elif not self.plan.has_scores:
            self._leave_scores_out()
        if not self.is_submitted():
            self._load(self.plan)
        self._name_rows()

    def _leave_scores_out(self) -> None:
        self.votes.unbound_field = wtforms.FormField(VoteRow)
        for entry in self.votes.entries:
            del entry.form.score

    def _load(self, plan: Plan) -> None:
        self.opinions_signed.data = plan.opinions_signed
        self.members.data = plan.members or plan.seats
        self.present.data, self.voted_on.data = plan.present, plan.voted_on
        if "votes" not in self:
            return
        stored = {result.application_id: result for result in plan.results}
        for item in self.candidates:
            known = stored.get(item.id)
            row: dict[str, Any] = {"application_id": item.id}
            if known is not None:
                row |= {
                    "yes": known.yes,
                    "no": known.no,
                    "abstain": known.abstain,
                    "note": known.note,
                    **({"score": known.score} if plan.has_scores else {}),
                }
            self.votes.append_entry(row)

    def _name_rows(self) -> None:
        names = {
            str(item.id): f"{item.number} {item.name} · {item.unit.name}"
            for item in self.candidates
        }
        for entry in self.votes.entries if "votes" in self else ():
            entry.form.candidate.data = names.get(str(entry.form.application_id.data), "")

    def validate(self, extra_validators: Validators = None) -> bool:
        is_valid = bool(super().validate(extra_validators))
        if self.plan is None:
            self.form_errors.append(gettext("Enter the result of one meeting at a time."))
            return False
        has_votes = self._read_sheet() if self.sheet.data else self._read_rows()
        return is_valid and has_votes

    def validate_scan(self, field: wtforms.Field) -> None:
        store_upload(field)

    def validate_opinions(self, field: wtforms.Field) -> None:
        store_upload(field)

    def _read_sheet(self) -> bool:
        assert self.plan is not None
        self.entry_votes = votes_from(self.sheet, VoteSheet(self.plan, self.candidates))
        return not self.sheet.errors

    def _read_rows(self) -> bool:
        if "votes" not in self:
            self.sheet.errors = [needs_sheet()]
            return False
        read = [votes_of(entry.form) for entry in self.votes.entries]
        self.entry_votes = tuple(votes for votes in read if votes is not None)
        said = [text for text in self.votes.errors if isinstance(text, str)]
        self.votes.errors = said + [entry.errors for entry in self.votes.entries if entry.errors]
        if not self.votes.errors and len(self.entry_votes) < len(read):
            self.form_errors.append(
                gettext("A row names somebody who is not a candidate of this plan; remove it.")
            )
        return not self.votes.errors and len(self.entry_votes) == len(read)

    def values(self, *, without: Sequence[str] = ()) -> dict[str, Any]:
        entry = Entry(
            self.members.data,
            self.present.data,
            self.voted_on.data,
            self.entry_votes,
            self.opinions_signed.data,
        )
        return {"entry": entry, "scan": self.scan.data, "opinions": self.opinions.data}


def needs_sheet() -> str:
    """Return the sentence for a meeting or round with too many candidates for the page."""
    return gettext(
        "With more than %(count)s candidates, fill in the template and upload it here.",
        count=FORM_MAX,
    )


def votes_from(field: wtforms.Field, sheet: VoteSheet) -> tuple[Votes, ...]:
    """Return the votes in the file of `field`; if it is refused, none, and the sentences stand at the field."""
    try:
        return sheet.read(field.data.stream)
    except SheetRefused as refusal:
        field.errors = [gettext("Nothing was taken from the file."), *refusal.lines]
    except Refused as refusal:
        field.errors = [refusal.sentence]
    return ()


def votes_of(row: VoteRow) -> Votes | None:
    """Return the votes of a row, or None; errors are put at its fields."""
    missing = [field for field in (row.yes, row.no, row.abstain) if field.data is None]
    for field in missing:
        if not field.errors:
            field.errors = [gettext("Fill in this field.")]
    key = row.application_id.data or ""
    if missing or not (key.isascii() and key.isdigit() and len(key) < 10):
        return None
    score = row.score.data if isinstance(row, ScoredVoteRow) and "score" in row else None
    return Votes(int(key), row.yes.data, row.no.data, row.abstain.data, row.note.data or "", score)


class ScanForm(base.Form):
    """Scans of the signed result sheet and of the signed opinions, uploaded after the entry."""

    scan = base.upload(_("Scan of the signed result sheet"), required=False)
    opinions = base.upload(_("Scan of the signed opinions"), required=False)

    def validate_scan(self, field: wtforms.Field) -> None:
        store_upload(field)

    def validate_opinions(self, field: wtforms.Field) -> None:
        store_upload(field)

    def validate(self, extra_validators: Validators = None) -> bool:
        is_valid = bool(super().validate(extra_validators))
        if is_valid and self.scan.data is None and self.opinions.data is None:
            self.scan.errors = [gettext("Choose a file.")]
            return False
        return is_valid

    def scans(self) -> dict[str, Any]:
        """Return the chosen scans by kind of attachment."""
        chosen = {results.RESULT_SHEET: self.scan.data, results.OPINION_SHEET: self.opinions.data}
        return {kind: scan for kind, scan in chosen.items() if scan is not None}


class ResultNoticeForm(base.Form):
    """Result notice (公示): a new notice of a confirmed result; its end is computed."""

    plan_id = base.choice(_("Plan"), ())
    title = base.text(_("Title of the notice"), 120, min_length=4)
    place = base.text(_("Place of the notice"), 200, min_length=2)
    contact = base.text(_("Contact for objections"), 64, min_length=2)
    phone = base.text(_("Telephone"), 32, min_length=5)
    starts_on = base.day(
        _("First day"),
        help=_(
            "The last day is computed: at least five working days, the day of posting not counted."
        ),
    )

    def bind(self, records: Records, actor: Actor) -> None:
        set_choices(self.plan_id, results.plans_to_publish(db.session(), actor.committee_ids))
        if not self.is_submitted():
            choose_meeting(self.plan_id)
        if not self.is_submitted():
            self.title.data = gettext("Notice of the review result")
            self.starts_on.data = clock.local_date(clock.now())


class FilingForm(base.Form):
    """Filing (备案): details for the authority and three papers."""

    plan_id = base.choice(_("Plan"), ())
    document_number = base.text(_("Document number"), 64, min_length=2)
    summary = base.area(_("Summary of the meeting"), 2000, min_length=4)
    minutes = base.upload(_("Minutes of the meeting"), required=False)
    result_sheet = base.upload(
        _("Signed result sheet"),
        required=False,
        help=_("Not needed again when the scan was uploaded with the result."),
    )
    notice_proof = base.upload(_("Proof of the notice"), required=False)

    def bind(self, records: Records, actor: Actor) -> None:
        if records:
            del self.plan_id
        else:
            set_choices(self.plan_id, filings.plans_to_file(db.session(), actor.committee_ids))
            if not self.is_submitted():
                choose_meeting(self.plan_id)

    def validate_minutes(self, field: wtforms.Field) -> None:
        store_upload(field)

    def validate_result_sheet(self, field: wtforms.Field) -> None:
        store_upload(field)

    def validate_notice_proof(self, field: wtforms.Field) -> None:
        store_upload(field)


class ResultObjectionForm(ObjectionForm):
    """An objection against a result that was in public notice, or against a case that the office has now."""

    item_id: Any = base.choice(_("Concerned"), [], required=False)
    number = base.text(
        _("Application number"),
        32,
        required=False,
        help=_("Instead of the choice above, for a case that has no result in notice."),
    )

    def validate_number(self, field: wtforms.Field) -> None:
        if bool(field.data) == bool(self.item_id.data):
            raise ValidationError(
                gettext("Choose who is concerned, or enter the application number; one of the two.")
            )

    def bind(self, records: Records, actor: Actor) -> None:
        self.item_id.offered = objections.named_in_results(db.session(), actor.committee_ids)


class ApprovalForm(base.ActForm):
    """The authority's decision on a filing."""

    approval_number = base.text(
        _("Approval document"),
        filings.NUMBER_LENGTH,
        required=False,
        help=_("Needed to agree; it stands on every certificate."),
    )


class DecisionForm(base.ActForm):
    """Number of the decision document that a revocation is based on."""

    decision_number = base.text(_("Decision document"), 64, min_length=2)


class CorrectionForm(DecisionForm):
    """Corrections for a new certificate; empty fields keep the old value."""

    name = base.text(_("Corrected name"), 50, required=False, help=_("Empty: as before."))
    specialty_code = base.lookup(_("Corrected specialty"), "specialty", required=False)
    obtained_on = base.day(_("Corrected day"), required=False)

    is_bulk = False

    def bind(self, records: Records, actor: Actor) -> None:
        self.is_bulk = len(records) > 1

    def validate(self, extra_validators: Validators = None) -> bool:
        is_valid = bool(super().validate(extra_validators))
        if self.is_bulk:
            self.form_errors.append(gettext("Correct one certificate at a time."))
        return is_valid and not self.is_bulk

    def values(self, *, without: Sequence[str] = ()) -> dict[str, Any]:
        return {
            key: value
            for key, value in super().values(without=without).items()
            if value not in ("", None)
        }
