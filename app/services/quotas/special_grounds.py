"""Special grounds for posts beyond the vacancy (特殊情况职数): senior levels only, in time, with reason and proof.

Order 40 knows no quota: the rule is the province's own. The batch of the committee that judges the posts sets the
last day.
"""

from collections.abc import Iterator, Sequence

from flask_babel import gettext
from sqlalchemy import select

from app.engine import Act
from app.enums import BatchState, Level, QuotaKind
from app.ground import clock
from app.models import (
    Attachment,
    Batch,
    Committee,
    CommitteeSpecialty,
    Quota,
    Specialty,
    Unit,
)
from app.services.registers import regions
from app.services.registers.batches import Fault
from app.validators import Invalid, reason

PROOF = "quota_proof"
"""Kind of attachment: the proof of a special case."""
SENIOR_LEVELS = (Level.SENIOR, Level.ASSOCIATE)


def faults(act: Act) -> Iterator[Fault]:
    """Yield what is wrong with a line on a special ground: not senior, too late, without reason or proof."""
    quota: Quota = act.record
    if quota.level not in SENIOR_LEVELS:
        yield (
            "kind",
            gettext(
                "Special grounds are for senior posts only, not for “%(level)s”. Choose the ground “%(ground)s” "
                "and ask for as many posts as are vacant.",
                level=quota.level.label,
                ground=QuotaKind.VACANCY.label,
            ),
        )
    yield from _deadline_faults(act)
    yield from _reason_faults(quota)
    if not act.details.get("proof") and not _has_proof(act):
        yield (
            "proof",
            gettext("A special ground needs a proof: attach the report on the special case."),
        )


def _deadline_faults(act: Act) -> Iterator[Fault]:
    """Yield a fault when every batch that may judge the posts has passed its day for special grounds."""
    today = clock.local_date(act.at)
    days = {batch: batch.special_quota_end for batch in batches_of(act)}
    over = {batch: day for batch, day in days.items() if day is not None and day < today}
    if not over or len(over) < len(days):
        return
    last = max(over, key=lambda batch: over[batch])
    yield (
        "kind",
        gettext(
            "Special grounds of the batch “%(batch)s” were taken until %(day)s. Ask for vacant posts, or ask the "
            "committee's office “%(committee)s”.",
            batch=last.name,
            day=last.special_quota_end,
            committee=last.committee.name,
        ),
    )


def batches_of(act: Act) -> Sequence[Batch]:
    """Return the opened batches of the year whose committees judge the level and specialty in the unit's region."""
    quota = act.record
    unit = act.session.get_one(Unit, quota.unit_id)
    series = act.session.get_one(Specialty, quota.specialty_code).series_code
    own = select(CommitteeSpecialty.specialty_code).where(
        CommitteeSpecialty.committee_id == Committee.id
    )
    found = act.session.scalars(
        select(Batch)
        .join(Committee, Committee.id == Batch.committee_id)
        .where(
            Batch.review_year == quota.review_year,
            Batch.state.in_((BatchState.OPEN, BatchState.CLOSED)),
            Batch.levels.contains(quota.level.value),
            Committee.series_code == series,
            Committee.is_by_specialty.is_(False)
            | own.where(CommitteeSpecialty.specialty_code == quota.specialty_code).exists(),
        )
        .order_by(Batch.id)
    )
    return [one for one in found if regions.lies_in(unit.region_code, one.committee.region_code)]


def _reason_faults(quota: Quota) -> Iterator[Fault]:
    try:
        reason(quota.note or "", max_length=500)
    except Invalid as invalid:
        yield "note", gettext("A special ground needs its reason: %(why)s", why=invalid)


def _has_proof(act: Act) -> bool:
    if act.record.id is None:
        return False
    found = select(Attachment.id).where(
        Attachment.subject_type == Quota.__tablename__,
        Attachment.subject_id == act.record.id,
        Attachment.kind == PROOF,
        Attachment.removed_at.is_(None),
    )
    return act.session.scalars(found.limit(1)).first() is not None
