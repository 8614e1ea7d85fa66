"""The sections of the application form in use, for whoever chooses among them."""

from collections.abc import Iterator, Mapping

from app.extensions import db
from app.services.form import form_definition
from app.views.base.aliases import Label


class FormSections(Mapping[str, Label]):
    """The sections of the form in use: key → label, read anew each time."""

    def _read(self) -> dict[str, Label]:
        session = db.session()
        form = form_definition.load(session, form_definition.newest_version(session))
        return {section.key: section.label for section in form.sections}

    def __getitem__(self, key: str) -> Label:
        return self._read()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())
