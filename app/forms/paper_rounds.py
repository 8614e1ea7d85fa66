"""Forms of a paper voting round and of the minutes of a meeting."""

from collections.abc import Sequence
from typing import Any

import wtforms
from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.extensions import db
from app.forms.base import base
from app.forms.base.aliases import Records, Validators
from app.forms.results import (
    FORM_MAX,
    OPINIONS_SIGNED,
    VoteRow,
    needs_sheet,
    votes_from,
    votes_of,
)
from app.forms.review import store_upload
from app.ground.actor import Actor
from app.models import Application, Plan
from app.services.meeting import seats
from app.services.results import entry_checks, minutes, paper_rounds
from app.services.results.results import Entry, Votes


class PaperForm(base.Form):
    """Figures of a paper round and the votes per candidate; rows of candidates not voted on stay empty."""

    plan_id = base.choice(_("Plan"), ())
    members = base.integer(_("Members"), 1, entry_checks.LARGEST)
    present = base.integer(_("Present"), 0, entry_checks.LARGEST)
    voted_on = base.day(_("Day of the vote"))
    scan = base.upload(_("Scan of the signed sheet of the round"))
    opinions_signed = base.tick(OPINIONS_SIGNED)
    opinions = base.upload(_("Scan of the signed opinions"), required=False)
    sheet = base.upload(
        _("Votes from Excel"),
        ("xlsx",),
        required=False,
        help=_(
            "The filled template of this round, from the page of the meeting. It takes the place of the table below."
        ),
    )
    votes = base.rows(_("Votes"), VoteRow, max_rows=FORM_MAX, render_kw={"data-fixed": "1"})

    plan: Plan | None = None
    candidates: Sequence[Application] = ()
    places: int | None = None
    sheet_votes: tuple[Votes, ...] = ()

    def bind(self, records: Records, actor: Actor) -> None:
        """Create a row for every candidate of the next round of the chosen meeting."""
        self.plan_id.offered = paper_rounds.open_plans(db.session(), actor.committee_ids)
        self.plan = plan = self._plan()
        if plan is None:
            del self.votes, self.sheet
            return
        due, self.candidates = paper_rounds.candidates_due(db.session(), plan)
        self.places = due.places
        if due.places is not None or seats.count_members(db.session(), plan.id):
            del self.opinions_signed, self.opinions
        if not self.is_submitted():
            self.plan_id.data, self.members.data = (
                plan.id,
                paper_rounds.members_of(db.session(), plan),
            )
        if len(self.candidates) > FORM_MAX:
            del self.votes
        else:
            self._build_rows()

    def _plan(self) -> Plan | None:
        """Return the chosen meeting: from the form, else from the URL, else the only one offered."""
        offered = [key for key, _name in self.plan_id.offered]
        named = self.plan_id.data or request.args.get("plan")
        if named is None and len(offered) == 1:
            named = offered[0]
        key = next((key for key in offered if str(key) == str(named)), None)
        return None if key is None else db.session.get_one(Plan, key)

    def _build_rows(self) -> None:
        """Set the candidates' names in submitted rows and add rows for the other candidates."""
        names = {
            str(item.id): f"{item.number} {item.name} · {item.unit.name}"
            for item in self.candidates
        }
        sent = {str(entry.form.application_id.data) for entry in self.votes.entries}
        for key in names:
            if key not in sent:
                self.votes.append_entry({"application_id": key})
        for entry in self.votes.entries:
            entry.form.candidate.data = names.get(str(entry.form.application_id.data), "")

    def validate(self, extra_validators: Validators = None) -> bool:
        is_valid = bool(super().validate(extra_validators))
        if self.plan is None:
            return False
        has_votes = self._read_sheet(self.plan) if self.sheet.data else self._read_rows()
        return is_valid and has_votes

    def _read_sheet(self, plan: Plan) -> bool:
        self.sheet_votes = votes_from(self.sheet, paper_rounds.sheet_of(db.session(), plan))
        return not self.sheet.errors

    def _read_rows(self) -> bool:
        if "votes" not in self:
            self.sheet.errors = [needs_sheet()]
            return False
        read = [votes_of(entry.form) for entry in self._filled()]
        sentences = [text for text in self.votes.errors if isinstance(text, str)]
        self.votes.errors = sentences + [
            entry.errors for entry in self.votes.entries if entry.errors
        ]
        if None in read and not self.votes.errors:
            self.form_errors.append(
                gettext("A row names somebody who is not to be voted on now; remove it.")
            )
        return not self.votes.errors and None not in read

    def validate_scan(self, field: wtforms.Field) -> None:
        store_upload(field)

    def validate_opinions(self, field: wtforms.Field) -> None:
        store_upload(field)

    def _filled(self) -> list[wtforms.Field]:
        """Return the rows with input; an empty row means the candidate was not voted on."""
        return [
            entry
            for entry in self.votes.entries
            if any(entry.form[name].raw_data not in (None, [], [""]) for name in ("yes", "no", "abstain"))
        ]  # fmt: skip

    def _typed(self) -> tuple[Votes, ...]:
        rows = self._filled() if "votes" in self else ()
        return tuple(one for entry in rows if (one := votes_of(entry.form)) is not None)

    def values(self, *, without: Sequence[str] = ()) -> dict[str, Any]:
        votes = self.sheet_votes or self._typed()
        entry = Entry(self.members.data, self.present.data, self.voted_on.data, votes)
        return {
            "plan_id": self.plan_id.data,
            "places": self.places,
            "entry": entry,
            "scan": self.scan.data,
            "opinions_signed": "opinions_signed" in self and self.opinions_signed.data,
            "opinions": self.opinions.data if "opinions" in self else None,
        }


class MinutesForm(base.ActForm):
    """Minutes of the meeting (会议纪要), the text that chair and supervisor sign."""

    has_own_page = True

    minutes = base.area(
        _("Minutes of the meeting"),
        minutes.LONGEST,
        min_length=minutes.SHORTEST,
        render_kw={"rows": "20"},
        help=_(
            "Time, place, who presided, how many were present, how it was voted, what was decided. A changed "
            "text loses the signatures under it."
        ),
    )

    is_bulk = False

    def bind(self, records: Sequence[Plan], actor: Actor) -> None:
        self.is_bulk = len(records) != 1
        if not self.is_submitted() and not self.is_bulk:
            self.minutes.data = records[0].minutes

    def validate(self, extra_validators: Validators = None) -> bool:
        is_valid = bool(super().validate(extra_validators))
        if self.is_bulk:
            self.form_errors.append(gettext("Write the minutes of one meeting at a time."))
        return is_valid and not self.is_bulk
