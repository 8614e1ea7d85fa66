"""Form values of staff acts besides the decision: person responsible, and the ticks of a first check."""

from typing import Any

from app.models import Application
from app.services.review import first_checks
from tests.support import factories

LEADER = {"leader": factories.LEADER}
EACH_CHECKED = {"is_each_checked": True}
"""Details of a first check of somebody whose sections do not matter to the test."""


def ticks(application: Application) -> dict[str, str]:
    """Return a tick for every section of one application, as the form of the first check sends them."""
    typed = {}
    for place, key in enumerate(first_checks.sections_of(application)):
        typed |= {f"checks-{place}-key": key, f"checks-{place}-is_checked": "y"}
    return typed


def check_pass(*applications: Application) -> dict[str, Any]:
    """Return what passes the first check of one application, or of several at once."""
    told = ticks(applications[0]) if len(applications) == 1 else {"is_each_checked": "y"}
    return {"decision": "check_pass", **LEADER, **told}


def returned(application: Application, section: str, reason: str) -> dict[str, Any]:
    """Return what sends one application back from the first check for one section."""
    keys = list(first_checks.sections_of(application))
    typed = {f"checks-{place}-key": key for place, key in enumerate(keys)}
    typed[f"checks-{keys.index(section)}-reason"] = reason
    return {"decision": "refuse", "way": "check_return", **LEADER, **typed}
