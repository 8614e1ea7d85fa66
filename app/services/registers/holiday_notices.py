"""Reads the State Council's notice of a year's holidays: days off and worked weekends, as its text names them.

Only days that stand right before “放假” or “上班” count (or after “放假时间：”), so that dates of newspapers, signatures
and advice to employers do no harm. What the notice says of itself is checked: weekdays, numbers of days.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from flask_babel import gettext, ngettext

from app.engine import Refused

Day = tuple[bool, str]
"""Whether a day is worked, and its note."""
LONGEST = 20_000
"""Characters of a pasted text; the longest notice has a tenth of it."""
MOST_TOLD = 8
EXAMPLE = "元旦：1月1日至3日放假调休，共3天。1月4日上班。"
SATURDAY = 5
WEEKDAYS = {name: number for number, name in enumerate("一二三四五六日")} | {"天": 6}
ONE_DAY = timedelta(days=1)
LONGEST_HOLIDAY = 15

NAME = r"(?:元旦|除夕|春节|清明节?|劳动节|五一|端午节?|中秋节?|国庆节?|[\u4e00-\u9fff]{2,4}纪念日)"
NAMES = re.compile(rf"{NAME}(?:[、和与及]{NAME})*")
HEADING = re.compile(rf"({NAME}(?:[、和与及]{NAME})*):")
DAY = r"(?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日(?:\([^()]{0,30}\))?"
SPAN = rf"{DAY}(?:(?:至|到|-|—|~)+{DAY})?"
SPANS = rf"{SPAN}(?:[、,和及与]{SPAN})*"
STATED = re.compile(rf"({SPANS})(?:,?(?:均|都|照常|正常|共|为))*,?(放假|休假|公休|上班|补班|休息)")
LISTED = re.compile(rf"(放假|休假|上班|补班)(?:时间|日期|安排)?:({SPANS})")
SPLIT_SPAN = re.compile(rf"({DAY})(?:(?:至|到|-|—|~)+({DAY}))?")
PARTS = re.compile(r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:\(([^()]*)\))?")
WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
COUNT = re.compile(r"[^。;\d]{0,8}?(?:共|放假)?(\d{1,2})天")
SENTENCE = re.compile(r"[^。;!?]+")
ADVICE = ("鼓励", "建议", "可以", "提倡")
YEAR = re.compile(
    rf"(?:关于|调整|将|对)(?:调整)?(\d{{4}})年(?:度|全年)?(?:部分|法定|{NAME}|节假日|放假)"
)
NUMBER = re.compile(r"国办发(?:明电)?[\[〔(](\d{4})[\]〕)]\d{1,3}号")


@dataclass
class Reading:
    """What a text says: the year, its days off and worked weekends, where it comes from, what was left out."""

    year: int
    days: dict[date, Day] = field(default_factory=dict)
    source: str = ""
    left_out: list[str] = field(default_factory=list)


@dataclass
class _Found:
    """Days collected so far, and what is wrong with them."""

    year: int
    days: dict[date, Day] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def add(self, day: date, *, is_working: bool, name: str) -> None:
        """Take a day; two statements about it must agree."""
        note = name if not is_working else f"{name}调休上班"
        known = self.days.get(day)
        if known is None:
            self.days[day] = (is_working, note)
        elif known[0] != is_working:
            self.faults.append(
                gettext("%(day)s is named as a day off and as a working day.", day=day.isoformat())
            )
        elif not is_working and known[1] != note:
            self.faults.append(
                gettext(
                    "%(day)s belongs to “%(first)s” and to “%(second)s”: the days overlap.",
                    day=day.isoformat(),
                    first=known[1],
                    second=note,
                )
            )


def read(text: str, year: int | None = None) -> Reading:
    """Return what the text of a notice says about one year, `year` if it does not say which.

    Raises Refused with every fault in words: no day, two years, another year than `year`, days that do not exist or
    overlap, weekdays or numbers of days that do not agree, a make-up workday that is no weekend.
    """
    if len(text) > LONGEST:
        raise Refused(
            gettext(
                "The text is too long for a notice (%(count)s characters, at most %(most)s). Paste the notice alone.",
                count=len(text),
                most=LONGEST,
            ),
            "text",
        )
    plain = _plain(text)
    found = _Found(_year_of(plain, year))
    for name, sentence in _sentences(plain):
        _read_sentence(found, name, sentence)
    _refuse_none(found)
    check(found.days, found.year, found.faults)
    number = NUMBER.search(plain)
    return Reading(found.year, dict(sorted(found.days.items())), number.group(0) if number else "")


def check(days: dict[date, Day], year: int, faults: list[str]) -> None:
    """Refuse days that cannot belong to the calendar of `year`, together with `faults` found before."""
    for day, (is_working, _note) in sorted(days.items()):
        if day.year != year and not (day.year == year - 1 and day.month == 12):
            faults.append(
                gettext("%(day)s lies outside of %(year)s.", day=day.isoformat(), year=year)
            )
        elif is_working and day.weekday() < SATURDAY:
            faults.append(
                gettext(
                    "%(day)s is named as a make-up workday, but is a %(weekday)s in %(year)s, worked anyway. Is it the"
                    " notice of another year?",
                    day=day.isoformat(),
                    weekday=weekday_name(day),
                    year=day.year,
                )
            )
    if faults:
        refuse(faults)


def refuse(faults: list[str]) -> None:
    """Raise Refused with the faults, the first ones in words."""
    told = list(dict.fromkeys(faults))
    more = len(told) - MOST_TOLD
    if more > 0:
        rest = ngettext("And %(num)s further one.", "And %(num)s further ones.", more)
        told = [*told[:MOST_TOLD], rest]
    raise Refused(" ".join(told), "text")


def weekday_name(day: date) -> str:
    """Return the name of the day of the week."""
    names = (
        gettext("Monday"), gettext("Tuesday"), gettext("Wednesday"), gettext("Thursday"),
        gettext("Friday"), gettext("Saturday"), gettext("Sunday"),
    )  # fmt: skip
    return names[day.weekday()]


def _plain(text: str) -> str:
    """Return the text in plain width, without spaces, with one kind of full stop."""
    folded = unicodedata.normalize("NFKC", text)
    folded = re.sub(r"[–—―－〜～]+", "-", folded).replace("號", "号").replace("．", ".")
    return re.sub(r"[\s\u200b\ufeff*#]+", "", folded)


def _year_of(plain: str, wanted: int | None) -> int:
    years = sorted({int(one) for one in YEAR.findall(plain)})
    if len(years) > 1:
        raise Refused(
            gettext(
                "The text holds notices of different years: %(years)s. Paste one notice at a time.",
                years=gettext(", ").join(str(one) for one in years),
            ),
            "text",
        )
    if years and wanted is not None and years[0] != wanted:
        raise Refused(
            gettext(
                "This is the notice of %(found)s, but %(wanted)s was chosen. Choose the year of the notice or paste"
                " the other one.",
                found=years[0],
                wanted=wanted,
            ),
            "year",
        )
    if not years and wanted is None:
        raise Refused(
            gettext("The text does not say for which year it is. Choose the year."), "year"
        )
    return years[0] if years else wanted or 0


def _sentences(plain: str) -> Iterator[tuple[str, str]]:
    """Yield the sentences that name days, each with the holiday it belongs to; advice is left out."""
    name = ""
    for sentence in SENTENCE.findall(plain):
        if sentence.startswith(ADVICE):
            continue
        pieces = HEADING.split(sentence)
        if len(pieces) == 1 and name == "" and (named := NAMES.search(sentence)):
            name = named.group(0)
        yield name, pieces[0]
        for heading, body in zip(pieces[1::2], pieces[2::2], strict=True):
            name = heading
            yield name, body


def _read_sentence(found: _Found, name: str, sentence: str) -> None:
    for match in STATED.finditer(sentence):
        spans, verb = match.groups()
        before = NAMES.findall(sentence[: match.start()])
        _take(found, before[-1] if before else name, spans, verb, sentence[match.end() :])
    for match in LISTED.finditer(sentence):
        verb, spans = match.groups()
        _take(found, name, spans, verb, sentence[match.end() :])


def _take(found: _Found, name: str, spans: str, verb: str, rest: str) -> None:
    is_working, total = verb in ("上班", "补班"), 0
    given: tuple[int | None, int | None] = (None, None)
    for first_text, last_text in SPLIT_SPAN.findall(spans):
        first, given = _day(found, first_text, given)
        last = first
        if last_text:
            last, given = _day(found, last_text, given)
        if first is None or last is None:
            return
        if last < first and first.month == 12 and last.month == 1:
            first = first.replace(year=last.year - 1)
        if not first <= last <= first + LONGEST_HOLIDAY * ONE_DAY:
            found.faults.append(
                gettext("“%(words)s” is no span of days.", words=f"{first_text}至{last_text}")
            )
            return
        total += (last - first).days + 1
        for offset in range((last - first).days + 1):
            found.add(first + offset * ONE_DAY, is_working=is_working, name=name)
    counted = None if is_working else COUNT.match(rest)
    if counted and int(counted.group(1)) != total:
        found.faults.append(
            gettext(
                "“%(name)s”: the text says %(said)s days, its dates are %(count)s.",
                name=name,
                said=counted.group(1),
                count=total,
            )
        )


def _day(
    found: _Found, words: str, given: tuple[int | None, int | None]
) -> tuple[date | None, tuple[int | None, int | None]]:
    """Return a day; its year and month may stand at the day before it, `given`."""
    match = PARTS.match(words)
    year, month, number, aside = match.groups() if match else (None, None, None, None)
    new_year = int(year) if year else given[0]
    new_month = int(month) if month else given[1]
    if new_month is None or number is None:
        found.faults.append(gettext("“%(words)s” has no month.", words=words))
        return None, given
    try:
        day = date(new_year or found.year, new_month, int(number))
    except ValueError:
        found.faults.append(gettext("There is no day “%(words)s”.", words=words))
        return None, given
    if new_year is not None and new_year < found.year and new_month == 1 and not year:
        day = day.replace(year=found.year)
    said = WEEKDAY.search(aside or "")
    if said and WEEKDAYS[said.group(1)] != day.weekday():
        found.faults.append(
            gettext(
                "“%(words)s”: %(day)s is a %(weekday)s. Is it the notice of another year?",
                words=words,
                day=day.isoformat(),
                weekday=weekday_name(day),
            )
        )
    return day, (new_year, new_month)


def _refuse_none(found: _Found) -> None:
    if found.faults:
        refuse(found.faults)
    if not found.days:
        raise Refused(
            gettext(
                "No day was found in the text. Paste the notice with its dates, such as “%(example)s”",
                example=EXAMPLE,
            ),
            "text",
        )
