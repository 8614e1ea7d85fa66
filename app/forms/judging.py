"""Form of judges: upload of a filled score sheet (Excel)."""

from typing import Any

from flask_babel import lazy_gettext as _

from app.forms.base import base


class SheetForm(base.Form):
    """Upload of a filled sheet, imported as drafts or submitted at once."""

    sheet: Any = base.upload(
        _("Filled sheet"), ("xlsx",), help=_("The file that was downloaded here.")
    )
    is_final: Any = base.tick(
        _("Submit directly"),
        help=_("Submitted sheets are locked. Without the tick the rows become drafts."),
    )
