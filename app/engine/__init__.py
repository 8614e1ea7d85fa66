"""Workflow engine: the only code that writes `state`, moving records along the rows of transition tables."""

from app.engine.acts import fire, fire_all, for_all, read_ahead
from app.engine.refusals import Refused, RefusedFields, RefusedRows, require_reason
from app.engine.rules import first_refusal, refuse, why_not
from app.engine.tables import Act, Branch, Effect, Guard, Transition, Workflow, workflow_of

__all__ = [
    "Act", "Branch", "Effect", "Guard", "Refused", "RefusedFields", "RefusedRows", "Transition", "Workflow", "fire",
    "fire_all", "first_refusal", "for_all", "read_ahead", "refuse", "require_reason", "why_not", "workflow_of",
]  # fmt: skip
