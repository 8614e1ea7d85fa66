"""The colour (tone) of each state; a state is always shown with its label as well."""

from app import enums
from app.enums import ApplicationState, Labelled

_OK = (
    ApplicationState.CERTIFIED, ApplicationState.PASSED, ApplicationState.QUALIFIED, ApplicationState.RESULT_CLEAR,
    enums.NoticeState.OVER, enums.ObjectionState.REJECTED, enums.BatchState.OPEN, enums.PlanState.APPROVED,
    enums.PlanState.CONCLUDED, enums.FilingState.AGREED, enums.QuotaState.APPROVED,
    enums.RouteState.CONFIRMED, enums.CertificateState.VALID, enums.ExpertState.ADMITTED,
    enums.ExtensionState.IN_FORCE, enums.PlanChangeState.AGREED, enums.DrawState.DRAWN, enums.SeatState.ACCEPTED, enums.SeatState.PRESENT,
)  # fmt: skip
_WAIT = (
    ApplicationState.AT_UNIT, ApplicationState.RETURNED, ApplicationState.CHECKED, ApplicationState.NOTICE_OVER, ApplicationState.AT_OFFICE, ApplicationState.IN_CORRECTION, ApplicationState.CORRECTED,
    enums.BatchState.SUBMITTED, enums.BatchState.RETURNED, enums.PlanState.REPORTED,
    enums.PlanState.RETURNED, enums.PlanState.ENTERED, enums.FilingState.REPORTED,
    enums.FilingState.RETURNED, enums.QuotaState.SUBMITTED, enums.QuotaState.RETURNED,
    enums.RouteState.PENDING, enums.ExpertState.APPLIED, enums.ExpertState.RECOMMENDED,
    enums.DrawState.FROZEN, enums.DrawState.COMMITTED, enums.DrawState.OPENING, enums.SeatState.CALLED,
    enums.RecusalState.ASKED, enums.PlanChangeState.REPORTED, enums.ExtensionState.PROPOSED,
)  # fmt: skip
_STOP = (
    ApplicationState.ENDED, ApplicationState.LAPSED, ApplicationState.CANCELLED, ApplicationState.REVOKED, ApplicationState.FAILED, ApplicationState.DISPUTED, ApplicationState.RESULT_DISPUTED,
    enums.ObjectionState.OPEN, enums.ObjectionState.UPHELD, enums.RouteState.DISPUTED,
    enums.CertificateState.REVOKED, enums.ExpertState.REFUSED, enums.ExpertState.REMOVED,
    enums.SeatState.DECLINED,
)  # fmt: skip
_REST = (
    ApplicationState.DRAFT,
    ApplicationState.WITHDRAWN,
    ApplicationState.DISCARDED,
    enums.NoticeState.CANCELLED,
    enums.BatchState.CLOSED,
    enums.ExtensionState.ENDED,
    enums.ExtensionState.WITHDRAWN,
    enums.PlanChangeState.REFUSED,
    enums.PlanChangeState.WITHDRAWN,
    enums.ExpertState.LEFT,
    enums.ExpertState.EXPIRED,
    enums.DrawState.VOID,
    enums.SeatState.RELEASED,
    enums.SeatState.GONE,
    enums.RecusalState.REFUSED,
)


def tone_of(state: Labelled) -> str:
    """Return the tone of a state: ok, wait, stop or rest; '' for a state that is just in progress."""
    key = (type(state), state.value)
    return _TONES.get(key, "")


_TONES: dict[tuple[type[Labelled], str], str] = {
    (type(state), state.value): tone
    for tone, states in (("ok", _OK), ("wait", _WAIT), ("stop", _STOP), ("rest", _REST))
    for state in states
}
