"""Facts (name → value) of an application, against which stored conditions are evaluated.

Kinds of material, parts of the form and eligibility rules have such conditions.
"""

from collections.abc import Mapping

from app.models import Application

FACTS = ("by", "mode", "series", "level", "title", "employment", "unit_kind")


def facts_of(application: Application) -> Mapping[str, str]:
    """Return the facts of one application, as stored codes."""
    return {
        "by": "applicant",
        "mode": application.mode.value,
        "series": application.series_code,
        "level": application.level.value,
        "title": application.title_code,
        "employment": application.person.employment.value,
        "unit_kind": application.unit.kind.value,
    }
