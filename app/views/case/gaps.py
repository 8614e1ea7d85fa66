"""URLs of the places where missing parts of an application are filled in."""

from typing import Any

from flask import url_for

from app.models import Application
from app.services.dossier import (
    completeness,
)
from app.services.dossier.completeness import Missing
from app.services.form.form_definition import MATERIALS


def gap_url(view: Any, application: Application, gap: Missing) -> str:
    """Return the URL of the place where the applicant can fill in what `gap` names as missing."""
    if gap.section == completeness.PERSON:
        return f"{url_for('OwnData.list')}#{gap.anchor}"
    if gap.section == MATERIALS:
        return f"{view.url('material', pk=application.id)}#{gap.anchor}"
    return f"{view.url('section', pk=application.id, key=gap.section)}#{gap.anchor}"
