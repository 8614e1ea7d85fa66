"""Export of a dossier to Excel: an overview sheet, one sheet per repeated section, one for the material."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext

from app.models import Application
from app.services.dossier.dossier_display import Shown
from app.services.exports.table_export import Sheet, write_sheets


def dossier_xlsx(application: Application, shown: Sequence[Shown], *, at: datetime) -> bytes:
    """Return the workbook as bytes.

    `shown` are the sections as the reader may see them, from `dossier.display`.
    """
    lists = [one for one in shown if one.kind == "table" and one.columns]
    sheets = [_overview(application, shown, at)]
    sheets += [Sheet(one.label, one.columns, one.rows) for one in lists]
    return write_sheets([*sheets, _material(shown)])


def _overview(application: Application, shown: Sequence[Shown], at: datetime) -> Sheet:
    rows: list[list[object]] = [
        ["", gettext("Application number"), application.number],
        ["", gettext("State"), str(application.state.label)],
        ["", gettext("Exported"), at],
    ]
    for one in shown:
        if one.kind == "pairs" and one.rows:
            pairs = zip(one.columns, one.rows[0], strict=True)
            rows += [[one.label, label, value] for label, value in pairs]
    return Sheet(
        gettext("Overview"), [gettext("Section"), gettext("Field"), gettext("Content")], rows
    )


def _material(shown: Sequence[Shown]) -> Sheet:
    rows = [[one.label, file.name] for one in shown for file in one.attachments]
    return Sheet(gettext("Material"), [gettext("Section"), gettext("File name")], rows)
