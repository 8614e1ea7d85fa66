"""Formats of single values: ID numbers, credit codes, telephones, texts, names and reasons.

Each check returns the value as it is to be stored or raises `Invalid` with a sentence for the user.
"""

from app.validators.credit import credit_code
from app.validators.identity import birth_of, id_number, mask_id, sex_of
from app.validators.refusal import Invalid
from app.validators.texts import code, email, person_name, phone, reason, text

__all__ = [
    "Invalid",
    "birth_of",
    "code",
    "credit_code",
    "email",
    "id_number",
    "mask_id",
    "person_name",
    "phone",
    "reason",
    "sex_of",
    "text",
]
