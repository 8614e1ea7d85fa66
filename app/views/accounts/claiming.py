"""The second step of registering over a record that a unit or an office entered: the proof.

What was typed in the first step travels with the page, encrypted, with the password as its hash; nothing of it
is stored before the proof is right.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.engine import Refused
from app.enums import Proof
from app.extensions import db
from app.forms.accounts import ProofForm
from app.ground import clock, crypto
from app.models import Person, User
from app.services.accounts import claims, persons, registration
from app.services.messages import channels

PURPOSE = "registration"
LIFE = timedelta(minutes=30)
REFUSED = 422


@dataclass(frozen=True)
class Held:
    """A registration that waits for its proof: whose record, what was typed, the hash of the password."""

    token: str
    person_id: int
    facts: dict[str, Any]
    password: str


def first_page(
    person: Person, facts: dict[str, Any], password: str, sentence: str
) -> ResponseReturnValue:
    """Send a code to the telephone on record, if that is possible, and ask for a proof."""
    at = clock.now()
    plain = {k: v if isinstance(v, str | None) else v.isoformat() for k, v in facts.items()}
    until = int((at + LIFE).timestamp())
    token = crypto.encrypt(json.dumps([PURPOSE, person.id, plain, password, until]))
    held = Held(token, person.id, facts, password)
    return page(ProofForm(formdata=None), held, [sentence, _send(person, at)]), REFUSED


def read(token: str, *, at: datetime) -> Held | None:
    """Return the registration that a page carries, or None if it is damaged or older than half an hour."""
    try:
        purpose, person_id, plain, password, until = json.loads(crypto.decrypt(token))
    except (ValueError, TypeError):
        return None
    if purpose != PURPOSE or datetime.fromtimestamp(until, UTC) < at:
        return None
    facts, faults = persons.read(_restored(plain), at=at)
    return None if faults else Held(token, person_id, facts, password)


def take_over(held: Held, typed: str, *, at: datetime) -> User:
    """Store the account if the proof is right; return it. Raises Refused."""
    right = claims.attempt(held.person_id, typed, at=at)
    db.session.commit()
    if right is None:
        raise Refused(claims.wrong_code())
    claims.spend(right, at=at)
    name = held.facts["name"]
    user = User(real_name=name, first_name="", last_name=name, active=True)
    user.password, user.password_changed_at = held.password, at
    registration.register(user, held.facts, at=at, proof=Proof(right.kind.value))
    return user


def again(held: Held) -> ResponseReturnValue:
    """Send another code."""
    person = db.session.get(Person, held.person_id)
    said = _send(person, clock.now()) if person else ""
    return page(ProofForm(formdata=None), held, [said])


def page(form: ProofForm, held: Held, notes: list[str] | None = None) -> str:
    """Return the page that asks for the proof; it offers to send a code where one can reach the person."""
    person = db.session.get(Person, held.person_id)
    ways = channels.available() if person else []
    return render_template(
        "registration/proof.html",
        form=form,
        held=held.token,
        notes=[note for note in notes or [] if note],
        can_send=any(way.address_of(person) for way in ways),
    )


def _send(person: Person, at: datetime) -> str:
    """Send a code to the telephone or mail on record and say what was done; commits before sending."""
    ways = channels.available()
    if not any(way.address_of(person) for way in ways):
        return gettext(
            "No code can be sent to you; ask the title clerk of your unit for a claim code."
        )
    code = claims.new_code(person, at=at)
    phone = person.phone or ""
    db.session.expunge(person)
    db.session.commit()
    if code is None:
        return gettext("A code was sent a moment ago; use that one, or wait a minute.")
    try:
        channels.send_code(person, code, at=at)
    except Refused as refusal:
        return refusal.sentence
    return gettext(
        "A code was sent to the mobile or mail on record (mobile ending in %(end)s). If that is not yours any"
        " more, ask the title clerk of your unit for a claim code.",
        end=phone[-2:] or "–",
    )


def _restored(plain: dict[str, Any]) -> dict[str, Any]:
    born = plain.get("birth_date")
    return {**plain, "birth_date": datetime.fromisoformat(born).date() if born else None}
