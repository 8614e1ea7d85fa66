"""The unified social credit code (GB 32100) with the organisation code inside it (GB 11714)."""

from flask_babel import lazy_gettext as _

from app.validators import characters
from app.validators.refusal import Invalid

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def credit_code(value: str) -> str:
    """Return the normalised unified social credit code (GB 32100), or raise `Invalid`.

    The organisation code inside it (GB 11714) is checked too; the registering department may be a letter.
    """
    code = characters.number(value)
    _check_credit_shape(code)
    if organisation_check(code[8:16]) != code[16]:
        raise Invalid(
            _(
                "Character 17 of the credit code does not match the organisation code before it "
                "(characters 9 to 16). Compare them with the registration certificate."
            )
        )
    if credit_check(code[:17]) != code[17]:
        raise Invalid(
            _(
                "The last character of the credit code does not match the 17 before it. "
                "At least one of them is mistyped: compare each with the registration certificate."
            )
        )
    return code


def _check_credit_shape(code: str) -> None:
    if len(code) != 18:
        raise Invalid(
            _(
                "The unified social credit code has %(count)s characters instead of 18. "
                "Compare it with the registration certificate.",
                count=len(code),
            )
        )
    for place, character in enumerate(code, start=1):
        is_region = 3 <= place <= 8
        if character not in (ALPHABET[:10] if is_region else ALPHABET):
            raise Invalid(
                _(
                    "Character %(place)s of the credit code is “%(character)s”, which cannot "
                    "stand there. Places 3 to 8 are digits; the letters I, O, S, V and Z never occur.",
                    place=place,
                    character=character,
                )
            )


def credit_check(first17: str) -> str:
    """Return the check character of GB 32100 for the first 17 characters."""
    values = (ALPHABET.index(character) for character in first17)
    total = sum(v * w for v, w in zip(values, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def organisation_check(first8: str) -> str:
    """Return the check character of GB 11714; letters count as in base 36, unlike in GB 32100."""
    values = (int(character, 36) for character in first8)
    total = sum(v * w for v, w in zip(values, ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]
