"""A password that a system administrator resets: the person chooses the new one, no administrator sees any.

Where a channel reaches the person, a code is sent there. Where none does, two administrators print one half of a
code each on a slip that is sealed and handed over; only both halves of one slip together open the account, and only
while no later reset has taken its place. The person is told in either case. Codes are stored as keyed digests.

They are long enough that nobody guesses one, so tries are limited by address alone: limited by account, a stranger
who knows the user name could use them up.
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
"""Purpose of the code that is sent; see `_half_purpose` for those of a slip."""
SENT_LIFE, SLIP_LIFE = timedelta(hours=24), timedelta(days=7)
GROUPS_SENT, GROUPS_HALF = 3, 2
"""Groups of the code that is sent (59 bits) and of a half (40 bits)."""
SENT_LENGTH, HALF = GROUPS_SENT * readable_codes.GROUP, GROUPS_HALF * readable_codes.GROUP


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
    code = readable_codes.generate(GROUPS_SENT)
    if not one_time_codes.issue(user.id, SENT, code, at=at, life=SENT_LIFE):
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


def note_sent(actor: Actor, user: User, *, reason: str, at: datetime) -> None:
    """Void the old password after the code was sent, and tell the person."""
    _void(user, at)
    audit("reset_code", actor=actor, subject=user.username, details={"reason": reason})
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
    consent.details = {**consent.details, "voided_at": _voided_at(consent.user)}
    one_time_codes.end(consent.user_id, SENT, at=act.at)
    facts = {"asked_by": consent.asker, "reason": consent.reason}
    audit("reset_slip", actor=act.actor, subject=consent.subject, details=facts)
    both = gettext(", ").join([consent.asker, act.actor.name])
    _tell(consent.user, "account.reset_slip", both, act.at)


KIND = consents.register(
    consents.Kind(
        SLIP, _("Print a sealed slip with a code for a new password"), _agreed, why_no_slip
    )
)


def half_of(actor: Actor, consent: Consent) -> int | None:
    """Return which half (0 or 1) of a slip this administrator still has to print, or None."""
    if consent.kind != SLIP or _slip_of(consent.user_id or 0) is not consent:
        return None
    half = {consent.asked_by: 0, consent.answered_by: 1}.get(actor.user_id or 0)
    return None if half is None or half in consent.details.get("printed", []) else half


def print_half(actor: Actor, consent: Consent, *, at: datetime) -> tuple[int, str]:
    """Make this administrator's half, once; return which one it is and the half in plain text.

    Raises Refused for anybody but the two, for a half printed before or of a slip that a later reset replaced,
    and a week after the agreement.
    """
    half = half_of(actor, consent)
    user = consent.user
    if half is None or user is None:
        raise Refused(
            gettext("This half was printed already, or is not yours. Ask for a new slip.")
        )
    if at >= consent.expires_at + consents.LIFE:
        raise Refused(gettext("This slip is too old. Ask for a new one."))
    code = readable_codes.generate(GROUPS_HALF)
    one_time_codes.store(user.id, _half_purpose(consent, half), code, at=at, life=SLIP_LIFE)
    consent.details = {
        **consent.details,
        "printed": [*consent.details.get("printed", []), half],
    }
    audit("slip_print", actor=actor, subject=user.username, details={"half": half + 1})
    return half, code


def try_code(typed_account: str, typed: str, *, at: datetime) -> tuple[int, tuple[int, ...]] | None:
    """Return the ids of account and codes when `typed` is right, else None; the caller limits tries by address."""
    account = lockout.account_of(typed_account)
    user_id = account.id if account else 0
    code = readable_codes.normal(typed)
    parts = {SENT: code} if len(code) == SENT_LENGTH else _halves(user_id, code)
    found = [one_time_codes.right(user_id, purpose, part, at=at) for purpose, part in parts.items()]
    ids = tuple(one for one in found if one is not None)
    return (user_id, ids) if ids and len(ids) == len(parts) else None


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
        raise Refused(wrong_code(), "code")
    passwords.set_password(user, password, must_change=False, at=at)
    lockout.clear_failures(user.username)
    row = audit("password_reset", subject=user.username)
    row.actor_id, row.actor_name = user.id, user.get_full_name()


def wrong_code() -> str:
    """Return the sentence for a code or slip that does not open the account."""
    return gettext(
        "Account or code are not right, or the code was used, has expired or was replaced by a later one. Compare "
        "both; then ask the system administrator for a new one, or use “Forgot password”."
    )


def where_to() -> str:
    """Return where the code is entered, for the message and the slip."""
    return gettext(
        "Enter it with your username or ID number under “Forgot password” – “I have a code”."
    )


def _slip_of(user_id: int) -> Consent | None:
    """Return the slip that may open the account: the newest one agreed to, unless the password was reset since."""
    query = select(Consent).where(
        Consent.user_id == user_id,
        Consent.kind == SLIP,
        Consent.state == ConsentState.AGREED,
    )
    newest = db.session.scalars(query.order_by(Consent.id.desc()).limit(1)).one_or_none()
    if newest is None or newest.details.get("voided_at") != _voided_at(newest.user):
        return None
    return newest


def _voided_at(user: User | None) -> str | None:
    """Return when the password was voided, None while the account has one."""
    if user is None or user.password is not None or user.password_changed_at is None:
        return None
    return user.password_changed_at.isoformat()


def _half_purpose(consent: Consent, half: int) -> str:
    """Return the purpose of a half (0: of who asked, 1: of who agreed); halves of two slips never go together."""
    return f"slip_{half + 1}:{consent.id}"


def _halves(user_id: int, code: str) -> dict[str, str]:
    """Return purpose and text of the halves in a typed code; nothing where no slip is valid."""
    slip = _slip_of(user_id)
    if slip is None:
        return {}
    return {_half_purpose(slip, 0): code[:HALF], _half_purpose(slip, 1): code[HALF:]}


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
