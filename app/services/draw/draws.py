"""Guards and effects of the two-party draw of judges: freeze the pool, commit, reveal, fill the seats.

The office freezes the pool and reveals its secret first; the supervisor reveals last, so that the party that
starts the draw is never the last to reveal. A plan has at most one draw that is not void; voiding needs a
reason and the other party's agreement.
"""

from datetime import date, timedelta

from flask_babel import gettext
from sqlalchemy import func, select

from app import settings
from app.engine import Act, Refused, require_reason
from app.enums import DrawState, MeetingMode, PlanState
from app.ground import clock
from app.models import Committee, Draw, Plan
from app.services.draw import draw_pool, draw_rules, seat_invitations
from app.services.draw.draw_rules import OFFICE, SUPERVISOR
from app.services.meeting import meeting_groups, seats
from app.services.registers import committees

MOST_REASONS = 3


def is_own_committee(act: Act) -> str | None:
    """Refuse actors of another committee."""
    plan = act.session.get(Plan, act.record.plan_id or 0)
    if plan is not None and plan.committee_id in act.actor.committee_ids:
        return None
    return gettext("This belongs to another committee. Switch to your position in that committee.")


def meeting_is_due(act: Act) -> str | None:
    """Refuse a plan without a draw: an offline meeting, a plan not approved, a meeting that is over."""
    plan = act.session.get_one(Plan, act.record.plan_id)
    if plan.mode is not MeetingMode.ONLINE:
        return gettext("This meeting is held offline; its judges are not drawn here.")
    if plan.state is not PlanState.APPROVED:
        return gettext(
            "The plan is in the state “%(state)s”; judges are drawn for agreed plans only.",
            state=plan.state.label,
        )
    if clock.local_date(act.at) > plan.closes_on:
        return gettext("The meeting ended on %(day)s.", day=plan.closes_on)
    return None


def first_day(plan: Plan) -> date:
    """Return the first day on which the judges of `plan` may be drawn."""
    return plan.opens_on - timedelta(days=settings.get("draw_days_before"))


def is_late_enough(act: Act) -> str | None:
    """Refuse a draw earlier than `draw_days_before` days before the meeting, so that names do not leak."""
    plan = act.session.get_one(Plan, act.record.plan_id)
    first = first_day(plan)
    if clock.local_date(act.at) >= first:
        return None
    raise Refused(
        gettext(
            "Judges are drawn %(count)s days before the meeting at the earliest: from %(day)s on.",
            count=settings.get("draw_days_before"),
            day=first,
        ),
        "plan_id",
    )


def is_only_one(act: Act) -> str | None:
    """Refuse a second draw while one is not void or judges have seats; set the number of the attempt.

    A plan has at most one result.
    """
    draw = act.record
    seat_invitations.lock_plan(act.session, draw.plan_id)
    with act.session.no_autoflush:
        live = select(Draw).where(Draw.plan_id == draw.plan_id, Draw.state != DrawState.VOID)
        other = act.session.scalars(live).first()
        last = select(func.max(Draw.attempt)).where(Draw.plan_id == draw.plan_id)
        draw.attempt = (act.session.scalar(last) or 0) + 1
        seated = seats.count_live(act.session, draw.plan_id)
    if other is None and not seated:
        return None
    if other is None:
        raise Refused(
            gettext("%(count)s judges have seats in this meeting already.", count=seated), "plan_id"
        )
    raise Refused(
        gettext(
            "Attempt %(attempt)s of this plan is in the state “%(state)s”. A new draw needs it to be void first.",
            attempt=other.attempt,
            state=other.state.label,
        ),
        "plan_id",
    )


def says_why_again(act: Act) -> str | None:
    """Require a reason for the second and later attempts."""
    if act.record.attempt == 1:
        return None
    act.notes["reason"] = require_reason(act.details.get("reason"), "reason")
    return None


def is_composed(act: Act) -> str | None:
    """Refuse an even or too small number of seats, or one unequal to the groups' sum (Order 40, art. 10)."""
    plan = act.session.get_one(Plan, act.record.plan_id)
    committee = act.session.get_one(Committee, plan.committee_id)
    grouped = sum(int(one["seats"]) for one in meeting_groups.groups_of_plan(plan))
    if plan.seats % 2 == 0:
        return gettext("The number of seats must be odd (Order 40, art. 10).")
    least = committees.least_members(committee)
    if plan.seats < least:
        return gettext(
            "This committee sits with at least %(least)s judges; %(seats)s are too few "
            "(Order 40, art. 10).",
            least=least,
            seats=plan.seats,
        )
    if grouped != plan.seats:
        return gettext(
            "The groups of the plan have %(grouped)s seats together, the meeting has %(seats)s. "
            "Report another plan with the right groups.",
            grouped=grouped,
            seats=plan.seats,
        )
    return None


def freeze_pool(act: Act) -> str | None:
    """Store the frozen pool in the draw; refuse a pool that cannot fill the seats."""
    draw = act.record
    with act.session.no_autoflush:
        plan = act.session.get_one(Plan, draw.plan_id)
        draw.alg, draw.salt = draw_rules.ALG, draw_pool.new_salt()
        pool = draw_pool.build_pool(act.session, plan, draw.attempt, draw.salt)
    draw.pool = draw_rules.pool_text(pool)
    draw.pool_hash = draw_rules.pool_hash(draw.pool)
    draw.pool_size = len(pool.entries)
    draw.eligible_size = sum(not one.exclusions for one in pool.entries)
    act.notes.update(pool_hash=draw.pool_hash, eligible=draw.eligible_size)
    _refuse_shortage(pool, draw.pool_hash, "plan_id")
    return None


def _refuse_shortage(pool: draw_rules.Pool, seed_value: str, field: str | None = None) -> None:
    for short in draw_rules.shortages(pool, seed_value)[:1]:
        most_frequent = draw_rules.count_exclusions(pool).most_common(MOST_REASONS)
        reasons = gettext(", ").join(
            gettext("%(reason)s (%(count)s)", reason=draw_pool.REASONS[code], count=count)
            for code, count in most_frequent
        )
        raise Refused(
            gettext(
                "Not enough experts for “%(group)s”: %(wanted)s wanted, %(found)s found; the pool has %(size)s. "
                "Most are kept out by: %(reasons)s.",
                group=short.group or gettext("the whole meeting"),
                wanted=short.wanted,
                found=short.found,
                size=len(pool.entries),
                reasons=reasons or "—",
            ),
            field,
        )


def _commitment_of(draw: Draw, role: str) -> str | None:
    return draw.office_digest if role == OFFICE else draw.supervisor_digest


def _committed_by(draw: Draw, role: str) -> int | None:
    return draw.office_by if role == OFFICE else draw.supervisor_by


def _other_party(role: str) -> str:
    return SUPERVISOR if role == OFFICE else OFFICE


def role_of(act: Act) -> str:
    """Return the party of an event, read from the end of its name (`…_office`, `…_supervisor`)."""
    return act.event.rsplit("_", 1)[-1]


def is_uncommitted(act: Act) -> str | None:
    """Refuse a second commitment of the same party."""
    if _commitment_of(act.record, role_of(act)) is None:
        return None
    return gettext("Your side has committed already. The other side is due.")


def is_another_person(act: Act) -> str | None:
    """Refuse one person acting for both parties, even in different positions."""
    if _committed_by(act.record, _other_party(role_of(act))) != act.actor.user_id:
        return None
    return gettext(
        "You acted for the other side in this draw. Somebody else must act for this one."
    )


def next_state(act: Act) -> DrawState:
    """Return COMMITTED when the other party has committed, FROZEN otherwise."""
    has_both = _commitment_of(act.record, _other_party(role_of(act))) is not None
    return DrawState.COMMITTED if has_both else DrawState.FROZEN


def is_commitment(act: Act) -> str | None:
    """Refuse an invalid digest; a typed secret is hashed at once and only its digest is kept."""
    draw, role = act.record, role_of(act)
    digest = (act.details.get("digest") or "").strip().lower()
    if not digest:
        digest = draw_rules.commitment(draw.pool_hash, role, _secret(act))
    if not draw_rules.DIGEST.fullmatch(digest) or digest == _commitment_of(
        draw, _other_party(role)
    ):
        raise Refused(
            gettext("A commitment is a digest of 64 characters 0–9, a–f; make it anew."), "digest"
        )
    act.notes["digest"] = digest
    return None


def keep_commitment(act: Act) -> None:
    """Store the commitment and its author for the acting party."""
    draw, digest = act.record, act.notes["digest"]
    if role_of(act) == OFFICE:
        draw.office_digest, draw.office_by = digest, act.actor.user_id
    else:
        draw.supervisor_digest, draw.supervisor_by = digest, act.actor.user_id


def _secret(act: Act) -> str:
    secret = draw_rules.plain_secret(act.details.get("secret") or "")
    if draw_rules.SECRET.fullmatch(secret):
        return secret
    raise Refused(
        gettext("A secret has 16 to 128 letters a–z and digits; spaces and hyphens do not count."),
        "secret",
    )


def is_the_one_who_committed(act: Act) -> str | None:
    """Refuse everyone except the person who committed for this party."""
    if _committed_by(act.record, role_of(act)) == act.actor.user_id:
        return None
    return gettext("Who committed opens. If that person cannot, the draw must be made void.")


def opens_commitment(act: Act) -> str | None:
    """Refuse a secret that does not match the commitment; store the matching one."""
    draw, role = act.record, role_of(act)
    secret = _secret(act)
    if draw_rules.commitment(draw.pool_hash, role, secret) != _commitment_of(draw, role):
        raise Refused(
            gettext("This secret does not open the commitment. Enter the one you noted then."),
            "secret",
        )
    if role == OFFICE:
        draw.office_secret = secret
    else:
        draw.supervisor_secret = secret
    return None


def makes_seed(act: Act) -> str | None:
    """Compute and store the seed; refuse a changed pool, and a draw that gives a group too few judges.

    A guard writes the seed because the database refuses a drawn record without one.
    """
    draw = act.record
    if draw_rules.pool_hash(draw.pool) != draw.pool_hash:
        return gettext("The frozen pool was changed afterwards: this draw must be made void.")
    draw.seed = draw_rules.seed(
        draw.pool_hash, draw.office_secret, draw.supervisor_secret, draw.public_value
    )
    draw.drawn_at = act.at
    act.notes["seed"] = draw.seed
    _refuse_shortage(draw_rules.read_pool(draw.pool), draw.seed)
    return None


def fill_seats(act: Act) -> None:
    """Create the seats and alternates that follow from the seed, and call the judges of the seats."""
    draw = act.record
    drawn = draw_rules.draw_seats(draw_rules.read_pool(draw.pool), draw.seed)
    seat_invitations.seat_drawn(act, draw, drawn)


def lock(act: Act) -> str | None:
    """Lock the plan, so that acts on the seats of one meeting run one after the other; never refuses."""
    seat_invitations.lock_plan(act.session, act.record.plan_id)
    return None
