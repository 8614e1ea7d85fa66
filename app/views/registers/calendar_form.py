"""The form that takes the notice of a year, as text or as a file."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.engine import Refused
from app.forms.base import base as forms
from app.forms.base.file_fields import FileField
from app.ground import clock
from app.services.imports import holiday_lists
from app.services.registers import calendar_years, holiday_notices
from app.services.registers.holiday_notices import Reading


def _years() -> list[tuple[str, str]]:
    """Offer the years that may be prepared, the newest first."""
    this_year = clock.local_date(clock.now()).year
    newest = range(this_year + calendar_years.AHEAD, calendar_years.FIRST - 1, -1)
    return [(str(year), str(year)) for year in newest]


class NoticeForm(forms.Form):
    """The text of a notice, or a list as a file."""

    text = forms.area(
        _("Text of the notice"),
        holiday_notices.LONGEST,
        required=False,
        help=_(
            "The whole notice of the State Council as it was published; spaces and line breaks do no harm."
        ),
        render_kw={"rows": 12},
    )
    file = FileField(
        _("Or a list"),
        is_required=False,
        description=_(
            "Excel (.xlsx) with a day and 休 or 班 in each row, or a calendar (.ics) with 休 or 班 in the titles, at most 1 MB."
        ),
        render_kw={"accept": ".xlsx,.ics", "data-max-mb": "1"},
    )
    year = forms.choice(
        _("Year"),
        _years,
        required=False,
        help=_("Only where the text or list does not say it, or says several."),
    )
    source = forms.text(
        _("Source"),
        120,
        required=False,
        help=_("Number of the notice; found in the text if it stands there."),
    )

    def close(self) -> None:
        """Close the file that was sent, once the answer is made."""
        if self.file.data:
            self.file.data.close()

    def chosen_year(self) -> int | None:
        """Return the year that was chosen, or None."""
        return int(self.year.data) if self.year.data else None

    def reading(self) -> Reading:
        """Return what the text or the file says. Raises Refused at the field at fault."""
        typed, sent = (self.text.data or "").strip(), self.file.data
        if bool(typed) == bool(sent):
            raise Refused(
                gettext("Paste the text of the notice or choose a file, one of the two."), "text"
            )
        if typed:
            found = holiday_notices.read(typed, self.chosen_year())
        else:
            year = self.chosen_year()
            if year is None:
                raise Refused(gettext("Choose the year for which the file is."), "year")
            found = holiday_lists.read(sent.stream, sent.filename or "", year)
        found.source = self.source.data or found.source
        return found
