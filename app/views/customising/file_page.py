"""The page on which a file of changes is chosen; what it would change is shown before anything is stored."""

from collections.abc import Sequence

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.forms.base import base as forms
from app.forms.base.file_fields import FileField


class ChosenFile(forms.Form):
    file = FileField(
        _("File"),
        description=_("A file that 【Export】 on this page has written (JSON)."),
        render_kw={"accept": ".json,application/json", "data-max-mb": "3"},
    )


def file_page(form: forms.Form, back_url: str, notes: Sequence[str] = ()) -> ResponseReturnValue:
    """Show the form, with its refusals where there are any."""
    dry_run = gettext(
        "This is a dry run: the next page shows what would change, nothing is stored."
    )
    page = {
        "title": gettext("Read in a file"),
        "form": form,
        "version": None,
        "back_url": back_url,
        "submit_label": gettext("Show what it would change"),
        "is_multipart": True,
        "notes": [dry_run, *notes],
    }
    is_refused = request.method == "POST"
    return render_template("form.html", page=page), 422 if is_refused else 200
