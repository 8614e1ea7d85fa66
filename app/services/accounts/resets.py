"""A password that a system administrator resets: the person chooses the new one, no administrator sees any.

Where a channel reaches the person, a one-time code is sent there. Where none does, two administrators print one
half of a code each on a slip that is sealed and handed over; only both halves together open the account. The
person is told in either case. Codes are stored as keyed digests.
"""

from datetime import datetime, timedelta

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.engine import Act, Refused
from app.enums import ConsentState, Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Consent, Person, User
from app.services.accounts import accounts, consents, registration
from app.services.credentials import lockout, one_time_codes, passwords, readable_codes, sessions
from app.services.ground.audit import audit
from app.services.messages import channels, outbox

SLIP = "slip"
"""Kind of the consent to print a slip."""
SENT = "reset"
HALVES = ("slip_1", "slip_2")
"""Purposes of the codes: one sent; the halves of who asked and of who agreed."""
LIFE = {SENT: timedelta(hours=24), **dict.fromkeys(HALVES, timedelta(days=7))}
MOST_TRIES = {SENT: one_time_codes.MOST_TRIES, **dict.fromkeys(HALVES, 20)}
GROUPS = 2
"""Groups of a half: 40 bits."""
HALF = GROUPS * readable_codes.GROUP


def may_reset(actor: Actor, user: User) -> None:
    """Raise Refused unless the actor may reset the password of this account.

    An administrator's is reset by the server's operator only: who could reset it could act in his place.
    """
    accounts.require_role(actor, Role.SYSADMIN)
    accounts.refuse_own(actor, user)
    if accounts.is_administrator(user):
        raise Refused(
            gettext(
                "“%(name)s” is an administrator's account; its password is reset"
                " by the operator on the server only.",
                name=user.username,
            )
        )
    if not user.active:
        raise Refused(gettext("The account “%(name)s” is disabled.", name=user.username))


def reachable(user: User) -> Person | None:
    """Return the person of the account if a channel reaches them, else None."""
    person = db.session.scalars(select(Person).where(Person.user_id == user.id)).one_or_none()
    if person is None or not any(way.address_of(person) for way in channels.available()):
        return None
    return person


def new_code(actor: Actor, user: User, *, at: datetime) -> str:
    """Make the code that is sent to the person; the caller commits, sends it and calls `note_sent`.

    Raises Refused where the actor may not, and for a second code within a minute.
    """
    may_reset(actor, user)
    code = one_time_codes.issue(user.id, SENT, at=at, life=LIFE[SENT])
    if code is None:
        raise Refused(gettext("A code was sent a moment ago. Wait a minute."))
    return code


def send(actor: Actor, person: Person, username: str, code: str, *, at: datetime) -> str:
    """Send a code that is stored; return the masked address. Call it outside of a transaction.

    Raises Refused when it cannot be sent; the password then stays as it was.
    """
    try:
        return channels.send_code(person, code, at=at, note=where_to())
    except Refused:
        audit("reset_code", actor=actor, subject=username, ok=False)
        raise


def note_sent(actor: Actor, user: User, *, at: datetime) -> None:
    """Void the old password after the code was sent, and tell the person."""
    _void(user, at)
    audit("reset_code", actor=actor, subject=user.username)
    _tell(user, "account.reset_code", actor.name, at)


def ask_slip(actor: Actor, user: User, *, reason: str, at: datetime) -> Consent:
    """Ask a second administrator to agree to a slip for somebody whom no channel reaches. Raises Refused."""
    may_reset(actor, user)
    return consents.ask(actor, SLIP, subject=user.username, user=user, reason=reason, at=at)


def why_no_slip(consent: Consent) -> str | None:
    """Return why no slip can be made for the account any more, or None."""
    user = consent.user
    if user is None or not user.active:
        return gettext("The account “%(name)s” is disabled.", name=consent.subject)
    if accounts.is_administrator(user):
        return gettext(
            "“%(name)s” is an administrator's account; its password is reset"
            " by the operator on the server only.",
            name=consent.subject,
        )
    return None


def _agreed(act: Act) -> None:
    """Void the old password once two administrators agreed, and tell the person."""
    consent = act.record
    _void(consent.user, act.at)
    audit("reset_slip", actor=act.actor, subject=consent.subject)
    _tell(consent.user, "account.reset_slip", f"{consent.asker}、{act.actor.name}", act.at)


KIND = consents.register(
    consents.Kind(
        SLIP, _("Print a sealed slip with a code for a new password"), _agreed, why_no_slip
    )
)


def half_of(actor: Actor, consent: Consent) -> int | None:
    """Return which half (0 or 1) of a slip this administrator still has to print, or None."""
    if consent.kind != SLIP or consent.state is not ConsentState.AGREED:
        return None
    half = {consent.asked_by: 0, consent.answered_by: 1}.get(actor.user_id or 0)
    return None if half is None or half in consent.details.get("printed", []) else half


def print_half(actor: Actor, consent: Consent, *, at: datetime) -> tuple[int, str]:
    """Make this administrator's half, once; return which one it is and the half in plain text.

    Raises Refused for anybody but the two, for a half printed before, and a week after the agreement.
    """
    half = half_of(actor, consent)
    user = consent.user
    if half is None or user is None:
        raise Refused(
            gettext("This half was printed already, or is not yours. Ask for a new slip.")
        )
    if at >= consent.expires_at + consents.LIFE:
        raise Refused(gettext("This slip is too old. Ask for a new one."))
    code = readable_codes.generate(GROUPS)
    one_time_codes.store(user.id, HALVES[half], code, at=at, life=LIFE[HALVES[half]])
    consent.details = {
        **consent.details,
        "printed": [*consent.details.get("printed", []), half],
    }
    audit("slip_print", actor=actor, subject=user.username, details={"half": half + 1})
    return half, code


def try_code(typed_account: str, typed: str, *, at: datetime) -> tuple[int, tuple[int, ...]] | None:
    """Count a try and return the ids of account and codes when `typed` is right, else None.

    The caller must commit at once, so that the try counts whatever follows.
    """
    account = lockout.account_of(typed_account)
    user_id = account.id if account else 0
    code = readable_codes.normal(typed)
    parts = {SENT: code} if len(code) == one_time_codes.DIGITS else _halves(code)
    found = [
        one_time_codes.attempt(user_id, purpose, part, at=at, most=MOST_TRIES[purpose])
        for purpose, part in parts.items()
    ]
    ids = tuple(one for one in found if one is not None)
    return (user_id, ids) if len(ids) == len(parts) else None


def replace(user_id: int, code_ids: tuple[int, ...], password: str, *, at: datetime) -> None:
    """Use the codes, store the password that the person chose and end all sessions of the account.

    Raises Refused for a weak password, a disabled account and a code that was used already.
    """
    user = db.session.get_one(User, user_id)
    person = db.session.scalars(select(Person).where(Person.user_id == user_id)).one_or_none()
    own = {"id_number": person.id_number, "phone": person.phone} if person else {}
    if why := registration.why_weak(password, own) or passwords.why_weak(password, user.username):
        raise Refused(why, "new")
    if not user.active or not all(one_time_codes.spend(one, at=at) for one in code_ids):
        raise Refused(registration.wrong_code(), "code")
    passwords.set_password(user, password, must_change=False, at=at)
    lockout.clear_failures(user.username)
    row = audit("password_reset", subject=user.username)
    row.actor_id, row.actor_name = user.id, user.get_full_name()


def where_to() -> str:
    """Return where the code is entered, for the message and the slip."""
    return gettext(
        "Enter it with your username or ID number under “Forgot password” – “I have a code”."
    )


def _halves(code: str) -> dict[str, str]:
    return {HALVES[0]: code[:HALF], HALVES[1]: code[HALF:]}


def _void(user: User, at: datetime) -> None:
    user.password, user.must_change_password = None, False
    user.password_changed_at = at
    sessions.end_all(user.id, "password", at=at)
    lockout.clear_failures(user.username)


def _tell(user: User, template: str, by: str, at: datetime) -> None:
    outbox.queue_message(
        db.session(),
        user.id,
        template,
        at=at,
        url="/session/",
        by=by,
        time=f"{clock.local(at):%Y-%m-%d %H:%M}",
    )
