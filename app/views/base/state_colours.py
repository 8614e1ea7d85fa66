"""The colour of a state: always beside its words, never instead of them."""

from typing import Any

from app import enums
from app.enums import Labelled, S

_OK = (
    S.CERTIFIED, S.PASSED, S.QUALIFIED, S.RESULT_CLEAR,
    enums.NoticeState.OVER, enums.ObjectionState.REJECTED, enums.BatchState.OPEN, enums.PlanState.APPROVED,
    enums.PlanState.CONCLUDED, enums.FilingState.AGREED, enums.QuotaState.APPROVED,
    enums.RouteState.CONFIRMED, enums.CertificateState.VALID, enums.ExpertState.ADMITTED,
    enums.DrawState.DRAWN, enums.SeatState.ACCEPTED, enums.SeatState.PRESENT,
)  # fmt: skip
_WAIT = (
    S.AT_UNIT, S.RETURNED, S.CHECKED, S.NOTICE_OVER, S.AT_OFFICE, S.IN_CORRECTION, S.CORRECTED,
    enums.BatchState.SUBMITTED, enums.BatchState.RETURNED, enums.PlanState.REPORTED,
    enums.PlanState.RETURNED, enums.PlanState.ENTERED, enums.FilingState.REPORTED,
    enums.FilingState.RETURNED, enums.QuotaState.SUBMITTED, enums.QuotaState.RETURNED,
    enums.RouteState.PENDING, enums.ExpertState.APPLIED, enums.ExpertState.RECOMMENDED,
    enums.DrawState.FROZEN, enums.DrawState.COMMITTED, enums.DrawState.OPENING, enums.SeatState.CALLED,
    enums.RecusalState.ASKED,
)  # fmt: skip
_STOP = (
    S.ENDED, S.LAPSED, S.CANCELLED, S.REVOKED, S.FAILED, S.DISPUTED, S.RESULT_DISPUTED,
    enums.ObjectionState.OPEN, enums.ObjectionState.UPHELD, enums.RouteState.DISPUTED,
    enums.CertificateState.REVOKED, enums.ExpertState.REFUSED, enums.ExpertState.REMOVED,
    enums.SeatState.DECLINED,
)  # fmt: skip
_REST = (
    S.DRAFT,
    S.WITHDRAWN,
    S.DISCARDED,
    enums.NoticeState.CANCELLED,
    enums.BatchState.CLOSED,
    enums.ExpertState.LEFT,
    enums.ExpertState.EXPIRED,
    enums.DrawState.VOID,
    enums.SeatState.RELEASED,
    enums.SeatState.GONE,
    enums.RecusalState.REFUSED,
)


def tone_of(state: Labelled) -> str:
    """Return ok, wait, stop or rest for a state, or '' for one that is simply under way."""
    key = (type(state), state.value)
    return _TONES.get(key, "")


_TONES: dict[tuple[Any, str], str] = {
    (type(state), state.value): tone
    for tone, states in (("ok", _OK), ("wait", _WAIT), ("stop", _STOP), ("rest", _REST))
    for state in states
}
