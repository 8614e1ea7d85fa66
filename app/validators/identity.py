"""Numbers of ID documents: GB 11643 and permits with and without its format."""

import re
from collections.abc import Callable
from datetime import date

from flask_babel import lazy_gettext as _

from app.enums import IdKind, Sex
from app.validators import characters
from app.validators.refusal import Invalid

YOUNGEST, OLDEST = 16, 100
DIGITS = frozenset("0123456789")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"

OLD_RESIDENT = re.compile(r"[0-9]{15}")
CITIZEN = re.compile(r"[0-9]{17}[0-9X]")
HMT_AREAS = ("81", "82", "83")
HMT_PASS = re.compile(r"[HM][0-9]{8}([0-9]{2})?|[0-9]{8}|[0-9]{10}(\([A-Z]\))?")
FOREIGN_OLD = re.compile(r"[A-Z]{3}[0-9]{12}")
PASSPORT = re.compile(r"(?=.*[0-9])[A-Z0-9]{5,17}")


def id_number(
    kind: IdKind, value: str, *, sex: Sex | None = None, birth: date | None = None, today: date
) -> str:
    """Return the normalised number of an ID document of `kind`, or raise `Invalid`.

    A resident number follows GB 11643. Any area code is accepted, as numbers keep codes that were
    abolished long ago. `sex` and `birth` are compared when given. On `today` the age must be 16 to
    100.
    """
    number = characters.number(value)
    if not number:
        raise Invalid(_("Enter the ID number."))
    ID_CHECKERS[kind](number, today)
    if is_citizen_form(number):
        _check_agrees(number, sex, birth)
    return number


def is_citizen_form(number: str) -> bool:
    """Return whether `number` has the format of a resident number: area, birth, sequence, check character."""
    return CITIZEN.fullmatch(number) is not None


def birth_of(number: str) -> date | None:
    """Return the date of birth an 18-character number carries; None for other numbers."""
    if not is_citizen_form(number):
        return None
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def sex_of(number: str) -> Sex | None:
    """Return the sex an 18-character number carries; None for other numbers."""
    if not is_citizen_form(number):
        return None
    return Sex.MALE if int(number[16]) % 2 else Sex.FEMALE


def mask_id(number: str) -> str:
    """Return `number` with its middle masked by stars; at most the first and last four characters remain."""
    shown = min(4, len(number) // 4)
    hidden = len(number) - 2 * shown
    return number[:shown] + "*" * hidden + number[len(number) - shown :]


def age_on(birth: date, day: date) -> int:
    """Return the full years between `birth` and `day`."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def _resident(number: str, today: date) -> None:
    if OLD_RESIDENT.fullmatch(number):
        raise Invalid(
            _(
                "This is an old 15-digit number, which is no longer valid. "
                "Enter the 18-character number of the present card."
            )
        )
    _citizen_form(number, today)


def _hmt_residence(number: str, today: date) -> None:
    if not number.startswith(HMT_AREAS):
        raise Invalid(
            _(
                "The number of a residence permit for Hong Kong, Macao and Taiwan begins with "
                "81, 82 or 83. Compare it with the card, or choose another kind of ID."
            )
        )
    _citizen_form(number, today)


def _foreign_residence(number: str, today: date) -> None:
    if FOREIGN_OLD.fullmatch(number):
        return
    if not number.startswith("9"):
        raise Invalid(
            _(
                "A foreigner's permanent residence card has an 18-character number beginning with "
                "9, or 3 letters and 12 digits on an older card. Compare it with the card."
            )
        )
    _citizen_form(number, today)


def _hmt_pass(number: str, today: date) -> None:
    if not HMT_PASS.fullmatch(number):
        raise Invalid(
            _(
                "A travel permit has H or M and 8 digits (Hong Kong, Macao), or 8 digits (Taiwan). "
                "Compare the number with the permit."
            )
        )


def _passport(number: str, today: date) -> None:
    if not PASSPORT.fullmatch(number):
        raise Invalid(
            _(
                "A passport number has 5 to 17 letters and digits, without spaces, "
                "and at least one digit. Compare it with the passport."
            )
        )


ID_CHECKERS: dict[IdKind, Callable[[str, date], None]] = {
    IdKind.RESIDENT: _resident,
    IdKind.HMT_RESIDENCE: _hmt_residence,
    IdKind.HMT_PASS: _hmt_pass,
    IdKind.FOREIGN_RESIDENCE: _foreign_residence,
    IdKind.PASSPORT: _passport,
}


def _citizen_form(number: str, today: date) -> None:
    _check_id_shape(number)
    birth = birth_of(number)
    if birth is None:
        raise Invalid(
            _(
                "The ID number holds the birth date %(digits)s, which does not exist. "
                "Compare digits 7 to 14 with the card.",
                digits=number[6:14],
            )
        )
    if birth > today:
        raise Invalid(
            _(
                "The ID number holds the birth date %(day)s, which lies in the future. "
                "Compare digits 7 to 14 with the card.",
                day=birth.isoformat(),
            )
        )
    if id_check(number[:17]) != number[17]:
        raise Invalid(
            _(
                "The last character of the ID number does not match the 17 before it. "
                "At least one of them is mistyped: compare each with the card."
            )
        )
    _check_age(birth, today)


def _check_id_shape(number: str) -> None:
    if len(number) != 18:
        raise Invalid(
            _(
                "The ID number has %(count)s characters instead of 18. Compare it with the card.",
                count=len(number),
            )
        )
    for place, character in enumerate(number, start=1):
        if character not in DIGITS and (place < 18 or character != "X"):
            raise Invalid(
                _(
                    "Character %(place)s of the ID number is “%(character)s”. "
                    "Only digits may stand there, and X only in the last place.",
                    place=place,
                    character=character,
                )
            )


def _check_age(birth: date, today: date) -> None:
    age = age_on(birth, today)
    if not YOUNGEST <= age <= OLDEST:
        raise Invalid(
            _(
                "By the ID number the age is %(age)s; it must be %(youngest)s to %(oldest)s. "
                "Compare digits 7 to 10 with the card.",
                age=age,
                youngest=YOUNGEST,
                oldest=OLDEST,
            )
        )


def _check_agrees(number: str, sex: Sex | None, birth: date | None) -> None:
    if sex is not None and sex_of(number) != sex:
        raise Invalid(
            _(
                "Digit 17 of the ID number does not fit the sex entered. "
                "Correct the number or the sex."
            )
        )
    if birth is not None and birth_of(number) != birth:
        raise Invalid(
            _(
                "The ID number holds another date of birth than the one entered (%(day)s). "
                "Correct the number or the date.",
                day=birth.isoformat(),
            )
        )


def id_check(first17: str) -> str:
    """Return the check character of GB 11643 for the first 17 digits."""
    total = sum(int(d) * w for d, w in zip(first17, WEIGHTS, strict=True))
    return CHECKS[total % 11]
