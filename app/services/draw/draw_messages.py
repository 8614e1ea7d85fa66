"""Messages to the two sides of a draw; they contain no judge's name."""

from sqlalchemy import select

from app.engine import Act
from app.enums import Role
from app.models import Plan, User
from app.services.messages import outbox, recipients

DRAWS = "/g/1.2.3/draws/"


def tell_side(act: Act, plan: Plan, role: Role, template: str, *, url: str, **payload: str) -> None:
    """Queue a message to everybody who works as `role` (office or supervisor) of the plan's committee."""
    accounts = recipients.of_committee(act.session, plan.committee_id, role)
    for user_id in act.session.scalars(accounts):
        outbox.queue_message(
            act.session, user_id, template, at=act.at, url=url, plan=plan.name, **payload
        )


def tell_to_commit(act: Act) -> None:
    """Tell office and supervisor that the pool is frozen and both secrets are to be committed."""
    plan = act.session.get_one(Plan, act.record.plan_id)
    both = recipients.of_committee(act.session, plan.committee_id, Role.OFFICE, Role.SUPERVISOR)
    _tell(act, plan, both, "draw.commit_due")


def tell_to_reveal(act: Act) -> None:
    """Tell the supervisor who committed that the office has revealed its secret."""
    plan = act.session.get_one(Plan, act.record.plan_id)
    committed = select(User.id).where(User.id == act.record.supervisor_by)
    _tell(act, plan, committed, "draw.reveal_due")


def _tell(act: Act, plan: Plan, accounts: recipients.Accounts, template: str) -> None:
    recipients.tell(act, accounts, template, url=f"{DRAWS}{act.record.id}", plan=plan.name)
