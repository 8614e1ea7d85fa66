"""Scopes of results of meetings."""

from sqlalchemy import select

from app.ground.actor import Actor
from app.models import (
    Filing,
    Result,
)
from app.scopes.meeting import of_my_plans, plan_ids, plans_of_my_region
from app.scopes.relations import Condition


def results_of_my_committees(actor: Actor) -> Condition:
    """Results of the office's own meetings."""
    return of_my_plans(Result.plan_id, actor)


def results_of_my_region(actor: Actor) -> Condition:
    """Results in the authority's region, once they are filed."""
    filed = select(Filing.plan_id)
    return Result.plan_id.in_(filed) & Result.plan_id.in_(plan_ids(plans_of_my_region(actor)))
