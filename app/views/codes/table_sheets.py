"""A code table as a workbook: export, and import as a comparison whose changes go into the draft."""

from typing import Any, ClassVar

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext

from app.engine import Refused
from app.extensions import appbuilder
from app.services.configuration import comparing, configuration_file, table_sheets
from app.services.configuration.tables import TABLES, Table
from app.services.configuration.tables_area import TABLE_ROWS
from app.services.exports import workbook
from app.services.exports.workbook import XLSX
from app.views.codes.value_sheets import ImportForm
from app.views.customising.exchange import comparison_page
from app.views.customising.file_page import file_page
from app.web.security import require_actor


class TableSheets:
    """Routes of a `CodePage` whose rows are a table of the configuration."""

    list_template = "admin/codes/table.html"
    model_class: ClassVar[type[Any]]
    get_url: Any

    def table(self) -> Table:
        return TABLES[self.model_class.__tablename__]

    def may_read_in(self) -> bool:
        """Return whether who is signed in may collect what a file changes: it goes into the draft of 定制."""
        return bool(appbuilder.sm.has_access("can_change", "CustomiseView"))

    @expose("/sheet/")
    def sheet_view(self) -> ResponseReturnValue:
        """Download the rows of the table."""
        table = self.table()
        return workbook.attachment(table_sheets.write(table), f"{table.label}.xlsx", XLSX)

    @expose("/import/", methods=("GET", "POST"))
    def import_view(self) -> ResponseReturnValue:
        """Read a workbook and show what it would change; nothing is stored before it is collected and published."""
        form, table = ImportForm(), self.table()
        if request.method == "POST" and form.validate():
            try:
                with form.file.data.stream as stream:
                    content = table_sheets.read(table, stream)
                found = comparing.compare(
                    require_actor(), content, (TABLE_ROWS.name,), targets=(table.name,)
                )
                return comparison_page(
                    found,
                    configuration_file.write(content),
                    back_url=self.get_url(".index_view"),
                    collect_url=url_for("CustomiseView.collect"),
                )
            except Refused as refusal:
                form.show(refusal)
        note = gettext("Export the table, change the file, read it in here. What the file does not name stays as it is.")  # fmt: skip
        return file_page(form, self.get_url(".index_view"), [note])
