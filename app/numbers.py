"""The named numbers that change by decree: kind, unit, default, bounds, source, group, menus that use them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from flask import current_app
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.enums import Role
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
YES_OR_NO = _("1 yes, 0 no")

NOTICES = _("Notices and objections")
ACTS = _("Checks and acts")
MEETINGS = _("Plans, draws and interviews")
VOTES = _("Scores, opinions and votes")
COMMITTEES = _("Committees and experts")
CERTIFICATES = _("Certificates and public queries")
FILES = _("Applications and files")
SIGN_IN = _("Accounts and signing in")
MESSAGES = _("Daily digest")
LISTS = _("Lists and exports")
GROUPS = (
    NOTICES, ACTS, MEETINGS, VOTES, COMMITTEES, CERTIFICATES, FILES, SIGN_IN, MESSAGES, LISTS,
)  # fmt: skip
"""The groups of the page, in its order."""

ORDER_40 = _("Interim provisions on title review (Order 40 of the ministry)")
ORDER_40_NOTICE = _(
    "Interim provisions on title review (Order 40 of the ministry): notice in the unit of at least five working days"
)
ORDER_40_RESULT = _(
    "Interim provisions on title review (Order 40 of the ministry): notice of the result of at least five working days"
)
ORDER_40_CORRECTION = _(
    "Interim provisions on title review (Order 40 of the ministry): everything missing is told once; not supplied in time counts as given up"
)
PROVINCE = _("Rules of the province for the review year")
OWN = _("Set by this installation")


@dataclass(frozen=True)
class Number:
    """Definition of one named setting. `minimum` and `maximum` bound a number, or the length of a text.

    `demo_default`: the default of demonstrations (DEMO=1), where it is another one. `weaker`: in which direction
    a change makes signing in less safe. `clause`: the rule it stands on. `used`: class names of the menus
    that ask it; none for what holds on every page.
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
    group: Any = OWN
    clause: Any = OWN
    used: tuple[str, ...] = ()

    @property
    def usual(self) -> Value:
        """The value while none is stored."""
        if self.demo_default is not None and current_app.config["DEMO"]:
            return self.demo_default
        return self.default

    def show(self, value: Value) -> str:
        """Return a value as the page shows it and as it is typed."""
        return str(int(value)) if self.kind == "bool" else str(value)

    @property
    def bounds(self) -> str:
        """Return the bounds in words, with the unit."""
        if self.kind == "bool":
            return str(YES_OR_NO)
        unit = CHARACTERS if self.kind == "text" else self.unit
        return gettext(
            "%(minimum)s to %(maximum)s %(unit)s",
            minimum=self.minimum,
            maximum=self.maximum,
            unit=unit,
        )

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
           _("At least five by Order 40 of the ministry. The day of posting is not counted."),
           group=NOTICES, clause=ORDER_40_NOTICE, used=("UnitNoticeView",)),
    Number("result_notice_days", "int", 5, WORKING_DAYS, 5, 30,
           _("Length of the result notice"),
           _("At least five by Order 40 of the ministry. The day of posting is not counted."),
           group=NOTICES, clause=ORDER_40_RESULT, used=("ResultNoticeView",)),
    Number("objection_days", "int", 5, WORKING_DAYS, 1, 60,
           _("Time to handle an objection"),
           _("Counted from the day after it was handed in."),
           group=NOTICES, used=("UnitNoticeView", "SuperiorReviewView", "ResultNoticeView")),
    *(Number(f"two_persons_{role}", "int", 1, "", 0, 2, label,
             _("0 never: the name typed in counts, and must be that of a registered person of the unit; "
               "1 where the unit has an account of a person responsible; 2 always. "
               "The handler then proposes and the person responsible confirms."),
             group=ACTS, used=("UnitNoticeView", "SuperiorReviewView", "QualificationView"))
      for role, label in (
          ("unit", _("Two persons in units")),
          ("superior", _("Two persons in superior units")),
          ("office", _("Two persons in committee offices")),
      )),
    Number("plan_lead_days", "int", 15, WORKING_DAYS, 0, 60,
           _("Review plan before the meeting"),
           _("How long before the opening a committee must report its plan."),
           group=MEETINGS, clause=PROVINCE, used=("PlanView",)),
    Number("plan_lead_days_self_review", "int", 10, WORKING_DAYS, 0, 60,
           _("Review plan before the meeting, self-review units"),
           _("The same for units that review their own titles."),
           group=MEETINGS, clause=PROVINCE, used=("PlanView",)),
    Number("draw_days_before", "int", 1, CALENDAR_DAYS, 0, 30,
           _("Draw of judges before the meeting"),
           _("How many days before the opening judges may be drawn at the earliest."),
           group=MEETINGS, clause=PROVINCE, used=("DrawView",)),
    Number("draw_unit_max", "int", 0, PERSONS, 0, 50,
           _("Most judges of one unit"),
           _("In one meeting; 0 sets no limit."),
           group=MEETINGS, used=("DrawView",)),
    Number("draw_level_match", "bool", True, YES_OR_NO, 0, 1,
           _("Full senior candidates need full senior judges"),
           _("Experts of a lower title are then not drawn for a meeting with such candidates."),
           group=MEETINGS, clause=ORDER_40, used=("DrawView",)),
    Number("interview_room_judges", "int", 3, PERSONS, 1, 50,
           _("Judges in an interview room"),
           _("Rooms side by side for one group are planned only as far as its judges suffice."),
           group=MEETINGS, used=("InterviewView",)),
    Number("interview_notice_days", "int", 3, WORKING_DAYS, 0, 30,
           _("Working days between the interview notice and the interview"),
           _("Slots planned or moved with less are asked about first. 0: nobody is asked."),
           group=MEETINGS, used=("InterviewView",)),
    Number("correction_days", "int", 5, WORKING_DAYS, 1, 60,
           _("Time for a supplement"),
           _("Who misses it is taken as having given up."),
           group=ACTS, clause=ORDER_40_CORRECTION, used=("QualificationView",)),
    Number("supplement_check_days", "int", 10, CALENDAR_DAYS, 1, 60,
           _("Time to check a supplement"),
           _("From the day it is due; never less than the batch's qualification check lasts."),
           group=ACTS, used=("QualificationView",)),
    Number("senior_cap_percent", "int", 40, PERCENT, 1, 100,
           _("Pass rate of the full senior level"),
           _("At most this part of those qualified passes; fractions are cut off."),
           group=VOTES, clause=PROVINCE, used=("PlanView", "BatchView")),
    Number("associate_cap_percent", "int", 55, PERCENT, 1, 100,
           _("Pass rate of the associate senior level"),
           _("At most this part of those qualified passes; fractions are cut off."),
           group=VOTES, clause=PROVINCE, used=("PlanView", "BatchView")),
    Number("committee_min_by_series", "int", 25, PERSONS, 3, 200,
           _("Smallest committee of a whole series"),
           _("Order 40 of the ministry; the province may agree another number."),
           group=COMMITTEES, clause=ORDER_40, used=("CommitteeView",)),
    Number("committee_min_by_specialty", "int", 11, PERSONS, 3, 200,
           _("Smallest committee of a specialty"),
           _("Order 40 of the ministry; the province may agree another number."),
           group=COMMITTEES, clause=ORDER_40, used=("CommitteeView",)),
    Number("committee_validity_years", "int", 3, YEARS, 1, 3,
           _("Validity of a committee"),
           _("At most three years by Order 40 of the ministry."),
           group=COMMITTEES, clause=ORDER_40, used=("CommitteeView",)),
    Number("opinion_signers", "int", 3, PERSONS, 3, 25,
           _("Signatures under the opinion of a group"),
           _("At least three experts by Order 40 of the ministry."),
           group=VOTES, clause=ORDER_40, used=("OpinionView", "ResultView")),
    Number("round_limit", "int", 3, TIMES, 1, 9,
           _("Rounds of votes at most"),
           _("Candidates who are then still equal at the cut line do not pass."),
           group=VOTES, used=("VoteView", "ResultView")),
    Number("score_share_percent", "int", 100, PERCENT, 0, 100,
           _("Scores before a round is frozen"),
           _("If fewer of the judges assigned to a candidate have scored, freezing asks first and names the "
             "candidates; it refuses nothing. With 100 every missing score is named, with 0 none."),
           group=VOTES, used=("VoteView", "ResultView")),
    Number("ban_years", "int", 3, YEARS, 3, 10,
           _("Bar after false material"),
           _("How long a person may not apply after a title was revoked or a passed review was cancelled; at "
             "least three years by Order 40 of the ministry."),
           group=ACTS, clause=ORDER_40, used=("ApplicationQueryView", "CertificateView", "BarredApplicationView")),
    Number("expert_needs_senior", "bool", True, YES_OR_NO, 0, 1,
           _("Experts hold a senior title"),
           _("Also those of committees that judge lower levels."),
           group=COMMITTEES, used=("ExpertView",)),
    Number("expert_years", "int", 3, YEARS, 0, 20,
           _("Years with the title before entering a pool"),
           _("Held and employed for so long, counted to the day."),
           group=COMMITTEES, used=("ExpertView",)),
    Number("expert_term_years", "int", 3, YEARS, 1, 3,
           _("Longest term in a pool"),
           _("At most three years by Order 40 of the ministry."),
           group=COMMITTEES, clause=ORDER_40, used=("ExpertView",)),
    Number("expert_scarce_years", "int", 3, YEARS, 0, 10,
           _("Scarce experts beyond the retirement age"),
           _("So long after it they may still enter a pool."),
           group=COMMITTEES, used=("ExpertView",)),
    Number("certificate_region", "text", "43", CODE, 2, 6,
           _("Region code in certificate numbers"),
           _("The first digits of every new certificate number."),
           group=CERTIFICATES, used=("FilingView", "CertificateView")),
    Number("office_min_reason", "int", 4, CHARACTERS, 1, 100,
           _("Shortest reason of a refusal"),
           _("A refusal with a shorter reason is not accepted."),
           group=ACTS, used=("QualificationView",)),
    Number("upload_max_mb", "int", 5, MEGABYTES, 1, 50,
           _("Largest file"),
           _("Holds for every kind of material; a kind may have a smaller limit."),
           group=FILES, used=("Hall",)),
    Number("upload_total_mb", "int", 100, MEGABYTES, 1, 1000,
           _("Largest sum of files of an application"),
           _("All files of one application together."),
           group=FILES, used=("Hall",)),
    Number("upload_max_pages", "int", 300, PAGES, 1, 2000,
           _("Most pages of a PDF file"),
           _("Longer files are refused."),
           group=FILES, used=("Hall",)),
    Number("common_file_cases", "int", 10, CASES, 1, 1000,
           _("Common files from so many cases on"),
           _("A file found in more other cases is a form, a notice or a list of the unit; cases do not show it as found elsewhere."),
           group=FILES, used=("UnitNoticeView", "SuperiorReviewView", "QualificationView")),
    Number("session_idle_minutes", "int", 30, MINUTES, 5, 240,
           _("Sign-out after idleness"),
           _("Without a request for so long, a session ends."),
           weaker="higher",
           group=SIGN_IN, used=("AccountView",)),
    Number("session_absolute_hours", "int", 10, HOURS, 1, 24,
           _("Longest session"),
           _("After so long everybody signs in again."),
           weaker="higher",
           group=SIGN_IN, used=("AccountView",)),
    Number("login_max_failures", "int", 5, TIMES, 3, 20,
           _("Failed sign-ins of an account"),
           _("Then the account is locked for a while, except for devices that have signed in to it before."),
           weaker="higher",
           group=SIGN_IN, used=("AccountView",)),
    Number("login_lock_minutes", "int", 15, MINUTES, 1, 1440,
           _("Lock after failed sign-ins"),
           _("How long an account or address stays locked."),
           weaker="lower",
           group=SIGN_IN, used=("AccountView",)),
    Number("login_address_max_accounts", "int", 20, PERSONS, 3, 1000,
           _("Accounts failing from an address"),
           _("So many different accounts; then only devices that have signed in before do so from there."),
           weaker="higher",
           group=SIGN_IN, used=("AccountView",)),
    Number("password_min_length", "int", 10, CHARACTERS, 8, 64,
           _("Shortest password"),
           _("Applies when a password is next changed."),
           weaker="lower",
           group=SIGN_IN, used=("AccountView",)),
    *(Number(f"second_factor_{role.value}", "bool", role in SECOND_FACTOR, YES_OR_NO, 0, 1,
             _("Second factor: %(role)s", role=role.label),
             _("Whoever works in this role also enters a code of the own telephone when signing in."),
             demo_default=False, weaker="lower",
             group=SIGN_IN, used=("AccountView", "PositionView"))
      for role in Role),
    Number("export_max_rows", "int", 20000, ROWS, 100, 200000,
           _("Most rows of an export"),
           _("Larger lists are cut there; the page and the file say so."),
           group=LISTS),
    Number("count_exact_to", "int", 10000, ROWS, 100, 1000000,
           _("Exact counting of lists up to"),
           _("Longer lists show this number with a plus."),
           group=LISTS),
    Number("page_size_max", "int", 100, ROWS, 10, 500,
           _("Most rows of a page"),
           _("A larger page size in an address is cut to this."),
           group=LISTS),
    Number("saved_views_max", "int", 20, VIEWS, 1, 100,
           _("Saved views of a person per list"),
           _("Further ones are refused until one is deleted."),
           group=LISTS),
    Number("bulk_max_rows", "int", 10000, ROWS, 2, 10000,
           _("Most rows of an act on all that match"),
           _("A search that finds more is to be narrowed first."),
           group=LISTS),
    Number("registrations_per_address", "int", 60, TIMES, 5, 1000,
           _("Registrations from an address"),
           _("Per quarter of an hour. Many people may share one address."),
           group=SIGN_IN, used=("AccountView",)),
    Number("resets_per_address", "int", 20, TIMES, 3, 1000,
           _("Forgotten passwords from an address"),
           _("Per quarter of an hour. Many people may share one address."),
           group=SIGN_IN, used=("AccountView",)),
    Number("digest_on", "bool", True, YES_OR_NO, 0, 1,
           _("Daily digest of what waits"),
           _("One message a day to everybody for whom work waits, and before deadlines. On days off only deadlines are told."),
           group=MESSAGES),
    Number("digest_hour", "int", 8, OCLOCK, 0, 23,
           _("Hour of the daily digest"),
           _("From this full hour on, Beijing time, the digests of the day are sent."),
           group=MESSAGES),
    Number("draft_keep_months", "int", 12, MONTHS, 6, 120,
           _("Drafts never handed in are kept"),
           _("Months without a change, after which they are deleted for good."),
           group=FILES, used=("Hall",)),
    Number("my_data_per_day", "int", 5, TIMES, 1, 100,
           _("Downloads of the own data"),
           _("Per account and day."),
           group=FILES, used=("Hall",)),
    Number("public_query_per_minute", "int", 30, TIMES, 1, 1000,
           _("Public certificate queries"),
           _("Per address and minute."),
           group=CERTIFICATES, used=("CertificateView",)),
)}
# fmt: on
