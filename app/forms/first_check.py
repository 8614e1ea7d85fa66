"""The form of the unit's first check (1.1.1): a tick or a reason for every section of one person."""

from typing import Any

import wtforms
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import ValidationError

from app.forms.base.aliases import Records
from app.forms.base.base import PHRASES, RowForm, SignedForm, choice, rows, text, tick
from app.forms.review import ReviewForm, reasons_by_section
from app.ground.actor import Actor
from app.models import Application
from app.services.review import first_checks


class CheckRow(RowForm):
    """Check of one section: a tick, or a reason and the field concerned."""

    key = wtforms.HiddenField()
    is_checked = tick(_("Checked"))
    reason = text(_("What is to be changed"), 300, required=False, render_kw=PHRASES)
    place = choice(_("At the field"), [], required=False, has_blank=False)

    label = ""


class FirstCheckForm(ReviewForm):
    """Check section by section for one person; a single confirmation for several people at once.

    For a bulk pass the clerk confirms that every section of each person was checked, and the log records that
    it was confirmed for all together.
    """

    is_each_checked = tick(
        _("I have gone through every section and every material of each of these people"),
        render_kw={"data-show-when": "decision=check_pass", "data-must": "1"},
        help=_("Kept in the log. Whoever is to be returned with reasons is opened alone."),
    )
    checks = rows(
        _("Check of the sections"),
        CheckRow,
        max_rows=100,
        render_kw={"data-fixed": "1", "data-checks": "1"},
    )

    def bind(self, records: Records, actor: Actor) -> None:
        """Create a row for every section if there is just one application."""
        SignedForm.bind(self, records, actor)
        if len(records) != 1 or not isinstance(records[0], Application):
            del self.checks
            return
        del self.is_each_checked
        del self.reasons
        self._build_rows(records[0])

    def _build_rows(self, record: Application) -> None:
        labels, places = first_checks.sections_of(record), first_checks.places_of(record)
        sent = {entry.form.key.data for entry in self.checks.entries}
        for key in labels:
            if key not in sent:
                self.checks.append_entry({"key": key})
        # a tampered request may name sections that do not exist
        self.checks.entries = [one for one in self.checks.entries if one.form.key.data in labels]
        self.checks.entries.sort(key=lambda one: list(labels).index(one.form.key.data))
        for entry in self.checks.entries:
            key = entry.form.key.data
            entry.form.label = labels[key]
            filled = places.get(key, [])
            entry.form.place.offered = (
                [("", gettext("At no single field")), *filled] if filled else []
            )

    def validate_checks(self, field: wtforms.Field) -> None:
        for entry in field.entries:
            if entry.form.place.data and not entry.form.reason.data:
                entry.form.reason.errors = [
                    gettext("Say what is to be changed there, or choose no field.")
                ]
                raise ValidationError(
                    gettext(
                        "“%(section)s”: a field is named without a reason.",
                        section=entry.form.label,
                    )
                )

    def values(self, **options: Any) -> dict[str, Any]:
        values = super().values(**options)
        typed = values.pop("checks", None)
        if typed is None:
            return values
        values["checked"] = [row["key"] for row in typed if row["is_checked"] and not row["reason"]]
        values["sections"] = reasons_by_section(
            [
                (f"{row['key']}/{row['place']}" if row["place"] else row["key"], row["reason"])
                for row in typed
                if row["reason"]
            ]
        )
        return values
