"""Messages about what an authority or superior decided, to the side that handed it in.

An effect of the acts that agree or return; the template is named `<object>.<event>`.
"""

from app.engine import Act
from app.enums import Role
from app.models import Plan
from app.services.messages import recipients

PLANS, FILINGS, BATCHES, QUOTAS = "/g/1.2.2/", "/g/1.2.7/", "/g/1.4.2/", "/g/1.5.1/"
LINES = "/g/1.2.2/lines/"


def tell_of_plan(act: Act) -> None:
    """Tell the committee's office that its plan was agreed or returned."""
    _tell_office(act, act.record.committee_id, PLANS, name=act.record.name)


def tell_of_plan_change(act: Act) -> None:
    """Tell the committee's office that other lines of its meeting were agreed to or not."""
    plan = act.session.get_one(Plan, act.record.plan_id)
    _tell_office(act, plan.committee_id, LINES, name=plan.name)


def tell_of_batch(act: Act) -> None:
    """Tell the committee's office that its batch was opened or returned."""
    _tell_office(act, act.record.committee_id, BATCHES, name=act.record.name)


def tell_of_filing(act: Act) -> None:
    """Tell the committee's office that the filing of its meeting was agreed or returned."""
    plan = act.session.get_one(Plan, act.record.plan_id)
    _tell_office(
        act,
        plan.committee_id,
        FILINGS,
        name=plan.name,
        number=act.record.document_number,
        approval=act.record.approval_number,
    )


def tell_of_quota(act: Act) -> None:
    """Tell the unit that its post quota was granted or returned."""
    quota = act.record
    recipients.tell(
        act,
        recipients.of_unit(quota.unit_id, Role.UNIT),
        f"quota.{act.event}",
        url=f"{QUOTAS}{quota.id}",
        year=quota.review_year,
        level=str(quota.level.label),
        specialty=quota.specialty.name,
        asked=quota.asked,
        granted=quota.granted,
    )


def _tell_office(act: Act, committee_id: int, menu: str, **payload: str) -> None:
    recipients.tell(
        act,
        recipients.of_committee(act.session, committee_id, Role.OFFICE),
        f"{act.record.__tablename__}.{act.event}",
        url=f"{menu}{act.record.id}",
        **payload,
    )
