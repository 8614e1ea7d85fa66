"""Named settings that change by decree: type, unit, default, bounds. Changed values are in the database."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from flask import current_app, g, has_request_context, request
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from app.enums import Role
from app.extensions import db
from app.models.settings import Setting
from app.validators import Invalid
from app.validators import text as plain_text

Value = int | bool | str | Decimal

WORKING_DAYS = _("working days")
CALENDAR_DAYS = _("calendar days")
PERCENT = _("percent")
PERSONS = _("persons")
YEARS = _("years")
MEGABYTES = _("MB")
PAGES = _("pages")
MINUTES = _("minutes")
HOURS = _("hours")
TIMES = _("times")
OCLOCK = _("o’clock")
CHARACTERS = _("characters")
ROWS = _("rows")
VIEWS = _("views")
CASES = _("applications")
CODE = _("code")
MONTHS = _("months")
STORED = select(Setting.key, Setting.value)
YES_OR_NO = _("1 yes, 0 no")


@dataclass(frozen=True)
class Number:
    """Definition of one named setting. `minimum` and `maximum` bound a number, or the length of a text.

    `demo_default`: the default of demonstrations (DEMO=1), where it is another one. `weaker`: in which direction
    a change makes signing in less safe.
    """

    key: str
    kind: Literal["int", "bool", "text", "decimal"]
    default: Value
    unit: Any
    minimum: int
    maximum: int
    label: Any
    help: Any
    demo_default: Value | None = None
    weaker: Literal["lower", "higher", ""] = ""

    @property
    def usual(self) -> Value:
        """The value while none is stored."""
        if self.demo_default is not None and current_app.config["DEMO"]:
            return self.demo_default
        return self.default

    def is_weaker(self, value: Any, before: Any) -> bool:
        """Return whether `value` makes signing in less safe than `before`."""
        if not self.weaker:
            return False
        return bool(value < before if self.weaker == "lower" else value > before)

    def parse(self, raw: str) -> Value:
        """Return `raw` as a value of this kind within its bounds, or raise `Invalid`."""
        value = PARSER_BY_KIND[self.kind](self, plain_text(raw, max_length=LONGEST))
        size = len(value) if isinstance(value, str) else value
        if not self.minimum <= size <= self.maximum:
            raise Invalid(
                _(
                    "“%(label)s” must be between %(minimum)s and %(maximum)s %(unit)s.",
                    label=self.label,
                    minimum=self.minimum,
                    maximum=self.maximum,
                    unit=CHARACTERS if self.kind == "text" else self.unit,
                )
            )
        return value


def get(key: str) -> Any:
    """Return the value of the setting `key`, or its default. Raises `KeyError` for an unknown key.

    A stored value outside the present bounds is ignored. The table is read once per request.
    """
    number = NUMBERS[key]
    stored = _stored().get(key)
    if stored is None:
        return number.usual
    try:
        return number.parse(stored)
    except Invalid:
        return number.usual


def display_value(key: str) -> str:
    """Return the value of the setting `key` as its page shows it."""
    value = get(key)
    return str(int(value)) if NUMBERS[key].kind == "bool" else str(value)


def store_value(key: str, raw: str, *, seen: str | None = None) -> Value:
    """Store the value typed as `raw` and return it; the caller commits. Raises `Invalid`.

    `seen` is the value the page showed; raises StaleDataError if it has changed since.
    """
    value = NUMBERS[key].parse(raw)
    row = db.session.get(Setting, key, with_for_update=True, populate_existing=True)
    g.pop("settings", None)
    if seen is not None and seen != display_value(key):
        raise StaleDataError(f"{key} was changed meanwhile")
    if row is None:
        db.session.add(Setting(key=key, value=str(value)))
    else:
        row.value = str(value)
    db.session.flush()
    g.pop("settings", None)
    return value


def _stored() -> dict[str, str]:
    """Return the stored values, cached for the current request only, never for the process."""
    if not has_request_context():
        return _read()
    current = request._get_current_object()  # type: ignore[attr-defined]  # a proxy has it
    if "settings" not in g or g.settings[0] is not current:
        g.settings = (current, _read())
    values: dict[str, str] = g.settings[1]
    return values


def _read() -> dict[str, str]:
    return dict(db.session.execute(STORED).tuples().all())


def _parse_int(number: Number, raw: str) -> int:
    if not raw.isascii() or not raw.removeprefix("-").isdigit():
        raise Invalid(
            _(
                "“%(label)s” must be a whole number in digits, for example %(example)s.",
                label=number.label,
                example=number.default,
            )
        )
    return int(raw)


def _parse_bool(number: Number, raw: str) -> bool:
    if raw.lower() not in YES_NO:
        raise Invalid(_("“%(label)s” must be 1 (yes) or 0 (no).", label=number.label))
    return YES_NO[raw.lower()]


def _parse_decimal(number: Number, raw: str) -> Decimal:
    if not DECIMAL.fullmatch(raw):
        raise Invalid(
            _(
                "“%(label)s” must be a number in digits, for example %(example)s.",
                label=number.label,
                example=number.default,
            )
        )
    return Decimal(raw)


def _parse_text(number: Number, raw: str) -> str:
    return raw


SECOND_FACTOR = frozenset(
    {Role.OFFICE, Role.SUPERVISOR, Role.HRSS, Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR}
)
"""Roles whose sessions have to show a second factor unless the setting says otherwise."""
LONGEST = 500
DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
YES_NO = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
PARSER_BY_KIND: dict[str, Callable[[Number, str], Value]] = {
    "int": _parse_int,
    "bool": _parse_bool,
    "text": _parse_text,
    "decimal": _parse_decimal,
}


# fmt: off
NUMBERS: dict[str, Number] = {number.key: number for number in (
    Number("notice_days", "int", 5, WORKING_DAYS, 5, 30,
           _("Length of the unit notice"),
           _("At least five by Order 40 of the ministry. The day of posting is not counted.")),
    Number("result_notice_days", "int", 5, WORKING_DAYS, 5, 30,
           _("Length of the result notice"),
           _("At least five by Order 40 of the ministry. The day of posting is not counted.")),
    Number("objection_days", "int", 5, WORKING_DAYS, 1, 60,
           _("Time to handle an objection"),
           _("Counted from the day after it was handed in.")),
    *(Number(f"two_persons_{role}", "int", 1, CODE, 0, 2, label,
             _("0 never: the name typed in counts, and must be that of a registered person of the unit; "
               "1 where the unit has an account of a person responsible; 2 always. "
               "The handler then proposes and the person responsible confirms."))
      for role, label in (
          ("unit", _("Two persons in units")),
          ("superior", _("Two persons in superior units")),
          ("office", _("Two persons in committee offices")),
      )),
    Number("plan_lead_days", "int", 15, WORKING_DAYS, 0, 60,
           _("Review plan before the meeting"),
           _("How long before the opening a committee must report its plan.")),
    Number("plan_lead_days_self_review", "int", 10, WORKING_DAYS, 0, 60,
           _("Review plan before the meeting, self-review units"),
           _("The same for units that review their own titles.")),
    Number("draw_days_before", "int", 1, CALENDAR_DAYS, 0, 30,
           _("Draw of judges before the meeting"),
           _("How many days before the opening judges may be drawn at the earliest.")),
    Number("draw_unit_max", "int", 0, PERSONS, 0, 50,
           _("Most judges of one unit"),
           _("In one meeting; 0 sets no limit.")),
    Number("draw_level_match", "bool", True, YES_OR_NO, 0, 1,
           _("Full senior candidates need full senior judges"),
           _("Experts of a lower title are then not drawn for a meeting with such candidates.")),
    Number("interview_room_judges", "int", 3, PERSONS, 1, 50,
           _("Judges in an interview room"),
           _("Rooms side by side for one group are planned only as far as its judges suffice.")),
    Number("interview_notice_days", "int", 3, WORKING_DAYS, 0, 30,
           _("Working days between the interview notice and the interview"),
           _("Slots planned or moved with less are asked about first. 0: nobody is asked.")),
    Number("correction_days", "int", 5, WORKING_DAYS, 1, 60,
           _("Time for a supplement"),
           _("Who misses it is taken as having given up.")),
    Number("supplement_check_days", "int", 10, CALENDAR_DAYS, 1, 60,
           _("Time to check a supplement"),
           _("From the day it is due; never less than the batch's qualification check lasts.")),
    Number("senior_cap_percent", "int", 40, PERCENT, 1, 100,
           _("Pass rate of the full senior level"),
           _("At most this part of those qualified passes; fractions are cut off.")),
    Number("associate_cap_percent", "int", 55, PERCENT, 1, 100,
           _("Pass rate of the associate senior level"),
           _("At most this part of those qualified passes; fractions are cut off.")),
    Number("committee_min_by_series", "int", 25, PERSONS, 3, 200,
           _("Smallest committee of a whole series"),
           _("Order 40 of the ministry; the province may agree another number.")),
    Number("committee_min_by_specialty", "int", 11, PERSONS, 3, 200,
           _("Smallest committee of a specialty"),
           _("Order 40 of the ministry; the province may agree another number.")),
    Number("committee_validity_years", "int", 3, YEARS, 1, 3,
           _("Validity of a committee"),
           _("At most three years by Order 40 of the ministry.")),
    Number("opinion_signers", "int", 3, PERSONS, 3, 25,
           _("Signatures under the opinion of a group"),
           _("At least three experts by Order 40 of the ministry.")),
    Number("round_limit", "int", 3, TIMES, 1, 9,
           _("Rounds of votes at most"),
           _("Candidates who are then still equal at the cut line do not pass.")),
    Number("score_share_percent", "int", 100, PERCENT, 0, 100,
           _("Scores before a round is frozen"),
           _("If fewer of the judges assigned to a candidate have scored, freezing asks first and names the "
             "candidates; it refuses nothing. With 100 every missing score is named, with 0 none.")),
    Number("ban_years", "int", 3, YEARS, 3, 10,
           _("Bar after false material"),
           _("How long a person may not apply after a title was revoked or a passed review was cancelled; at "
             "least three years by Order 40 of the ministry.")),
    Number("expert_needs_senior", "bool", True, YES_OR_NO, 0, 1,
           _("Experts hold a senior title"),
           _("Also those of committees that judge lower levels.")),
    Number("expert_years", "int", 3, YEARS, 0, 20,
           _("Years with the title before entering a pool"),
           _("Held and employed for so long, counted to the day.")),
    Number("expert_term_years", "int", 3, YEARS, 1, 3,
           _("Longest term in a pool"),
           _("At most three years by Order 40 of the ministry.")),
    Number("expert_scarce_years", "int", 3, YEARS, 0, 10,
           _("Scarce experts beyond the retirement age"),
           _("So long after it they may still enter a pool.")),
    Number("certificate_region", "text", "43", CODE, 2, 6,
           _("Region code in certificate numbers"),
           _("The first digits of every new certificate number.")),
    Number("office_min_reason", "int", 4, CHARACTERS, 1, 100,
           _("Shortest reason of a refusal"),
           _("A refusal with a shorter reason is not accepted.")),
    Number("upload_max_mb", "int", 5, MEGABYTES, 1, 50,
           _("Largest file"),
           _("Holds for every kind of material; a kind may have a smaller limit.")),
    Number("upload_total_mb", "int", 100, MEGABYTES, 1, 1000,
           _("Largest sum of files of an application"),
           _("All files of one application together.")),
    Number("upload_max_pages", "int", 300, PAGES, 1, 2000,
           _("Most pages of a PDF file"),
           _("Longer files are refused.")),
    Number("common_file_cases", "int", 10, CASES, 1, 1000,
           _("Common files from so many cases on"),
           _("A file found in more other cases is a form, a notice or a list of the unit; cases do not show it as found elsewhere.")),
    Number("session_idle_minutes", "int", 30, MINUTES, 5, 240,
           _("Sign-out after idleness"),
           _("Without a request for so long, a session ends."),
           weaker="higher"),
    Number("session_absolute_hours", "int", 10, HOURS, 1, 24,
           _("Longest session"),
           _("After so long everybody signs in again."),
           weaker="higher"),
    Number("login_max_failures", "int", 5, TIMES, 3, 20,
           _("Failed sign-ins of an account"),
           _("Then the account is locked for a while, except for devices that have signed in to it before."),
           weaker="higher"),
    Number("login_lock_minutes", "int", 15, MINUTES, 1, 1440,
           _("Lock after failed sign-ins"),
           _("How long an account or address stays locked."),
           weaker="lower"),
    Number("login_address_max_accounts", "int", 20, PERSONS, 3, 1000,
           _("Accounts failing from an address"),
           _("So many different accounts; then only devices that have signed in before do so from there."),
           weaker="higher"),
    Number("password_min_length", "int", 10, CHARACTERS, 8, 64,
           _("Shortest password"),
           _("Applies when a password is next changed."),
           weaker="lower"),
    *(Number(f"second_factor_{role.value}", "bool", role in SECOND_FACTOR, YES_OR_NO, 0, 1,
             _("Second factor: %(role)s", role=role.label),
             _("Whoever works in this role also enters a code of the own telephone when signing in."),
             demo_default=False, weaker="lower")
      for role in Role),
    Number("export_max_rows", "int", 20000, ROWS, 100, 200000,
           _("Most rows of an export"),
           _("Larger lists are cut there; the page and the file say so.")),
    Number("count_exact_to", "int", 10000, ROWS, 100, 1000000,
           _("Exact counting of lists up to"),
           _("Longer lists show this number with a plus.")),
    Number("page_size_max", "int", 100, ROWS, 10, 500,
           _("Most rows of a page"),
           _("A larger page size in an address is cut to this.")),
    Number("saved_views_max", "int", 20, VIEWS, 1, 100,
           _("Saved views of a person per list"),
           _("Further ones are refused until one is deleted.")),
    Number("bulk_max_rows", "int", 10000, ROWS, 2, 10000,
           _("Most rows of an act on all that match"),
           _("A search that finds more is to be narrowed first.")),
    Number("registrations_per_address", "int", 60, TIMES, 5, 1000,
           _("Registrations from an address"),
           _("Per quarter of an hour. Many people may share one address.")),
    Number("resets_per_address", "int", 20, TIMES, 3, 1000,
           _("Forgotten passwords from an address"),
           _("Per quarter of an hour. Many people may share one address.")),
    Number("digest_on", "bool", True, YES_OR_NO, 0, 1,
           _("Daily digest of what waits"),
           _("One message a day to everybody for whom work waits, and before deadlines. On days off only deadlines are told.")),
    Number("digest_hour", "int", 8, OCLOCK, 0, 23,
           _("Hour of the daily digest"),
           _("From this full hour on, Beijing time, the digests of the day are sent.")),
    Number("draft_keep_months", "int", 12, MONTHS, 6, 120,
           _("Drafts never handed in are kept"),
           _("Months without a change, after which they are deleted for good.")),
    Number("my_data_per_day", "int", 5, TIMES, 1, 100,
           _("Downloads of the own data"),
           _("Per account and day.")),
    Number("public_query_per_minute", "int", 30, TIMES, 1, 1000,
           _("Public certificate queries"),
           _("Per address and minute.")),
)}
# fmt: on
