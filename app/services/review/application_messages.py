"""Messages sent to the applicant after acts on the application."""

from app.engine import Act
from app.enums import ApplicationState
from app.ground import clock
from app.services.dossier import dossier, return_reasons
from app.services.messages.outbox import queue_message
from app.services.review import custody

QUIET = frozenset(
    {
        "application.begin",
        "application.take_in",
        "application.discard",
        "application.restore",
        "application.entrust",
        "application.release",
    }
)
"""Message templates of the acts that send the applicant no message."""


def tell_applicant(act: Act) -> None:
    """Send the applicant a message about the act; an effect of every act on the application.

    Nothing is sent for `QUIET` acts or to an applicant without an account.
    """
    record = act.record
    template = f"application.{act.event}"
    if template in QUIET:
        return
    user_id = record.person.user_id
    if user_id is None:
        return
    queue_message(
        act.session,
        user_id,
        template,
        at=act.at,
        url=f"/me/application/{record.id}/",
        number=record.number,
        name=record.name,
        state=str(record.state.label),
        opinion=act.opinion,
        reasons=_reasons(act),
        unit=act.actor.unit_name,
        holder=custody.holder_name(act),
        time=f"{clock.local(act.at):%Y-%m-%d %H:%M}",
        due=clock.text(record.due_at) if record.due_at else "",
    )


def _reasons(act: Act) -> str:
    """Return the reason of each returned section, one per line, if the act returned the application."""
    if act.record.state not in (ApplicationState.RETURNED, ApplicationState.IN_CORRECTION):
        return ""
    names = {one.key: one.label for one in dossier.form_of(act.record).sections}
    lines = [
        f"{names.get(key, '')}：{one.text}".removeprefix("：")
        for key, one in return_reasons.reasons_of(act.record).items()
        if key != return_reasons.WHOLE and one.text
    ]
    return "".join(f"\n{line}" for line in lines)
