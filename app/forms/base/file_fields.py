"""Fields for uploaded files. A file that was not at fault stays chosen when its form is refused.

A browser never fills in a file field, so the page of a refused form would lose the file. The field therefore keeps
it (`services.files.kept_uploads`) while the page is drawn, and shows it as a ticked box under its own name; the
token in the box brings the file back. A file that was refused itself has to be chosen again, and the field says so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

import wtforms
from flask import Response, after_this_request
from flask_babel import gettext
from flask_login import current_user
from markupsafe import Markup
from werkzeug.datastructures import FileStorage
from wtforms import widgets
from wtforms.validators import ValidationError

from app.engine import Refused
from app.forms.base.aliases import Label
from app.forms.base.fields import Stop
from app.ground import clock
from app.services.files import kept_uploads
from app.services.files.attached_files import clean_name
from app.services.files.file_store import TemporaryRefusal
from app.services.files.kept_uploads import KeptUpload
from app.validators import Invalid

KILOBYTE = 1024


@dataclass
class SentFile:
    """A file of the request, newly chosen or brought back by its token, and whether it was refused itself."""

    file: FileStorage
    kept: KeptUpload | None = None
    is_at_fault: bool = False

    @property
    def name(self) -> str:
        return clean_name(self.file.filename or "")


class KeepingFileInput(widgets.FileInput):
    """A file input, followed by the files that stay chosen and those that have to be chosen again."""

    def __call__(self, field: "FileField", **kwargs: Any) -> Markup:
        control = super().__call__(field, **kwargs)
        return control + remaining(field.sent, field.name, are_at_fault=field.are_at_fault())


class FileField(wtforms.FileField):
    """One uploaded file, as `FileStorage` or None; `services.files` checks its content."""

    widget = KeepingFileInput()
    takes_several = False
    data: Any

    def __init__(
        self,
        label: Label | None = None,
        *,
        is_required: bool = True,
        kinds: Sequence[str] = (),
        max_mb: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, **kwargs)
        self.is_required, self.kinds, self.max_mb = is_required, kinds, max_mb
        self.flags.required = is_required
        self.sent: list[SentFile] = []
        self.is_expired = self.is_judged = False

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the files of the request; a newly chosen one takes the place of the only one kept."""
        self.sent, self.is_expired = received(valuelist, takes_several=self.takes_several)
        self._set_data([one.file for one in self.sent])

    def pre_validate(self, form: wtforms.Form) -> None:
        if self.is_expired:
            raise Stop(gettext("The file chosen before is not kept any longer. Choose it again."))
        if self.is_required and not self.data:
            raise Stop(gettext("Choose a file."))

    def judge(self, take: Callable[[FileStorage], Any]) -> None:
        """Make the data what `take` returns for each file; raise ValidationError with what it refuses."""
        self.is_judged = True
        taken, sentences = [], []
        for one in self.sent:
            try:
                taken.append(take(one.file))
            except (Refused, Invalid) as refusal:
                one.is_at_fault = not isinstance(refusal, TemporaryRefusal)
                sentences.append(str(refusal))
        if sentences:
            raise ValidationError(" ".join(sentences))
        self._set_data(taken)

    def are_at_fault(self) -> bool:
        """Whether the field has an error that is about its files, which only the import of the form has read."""
        return bool(self.errors) and not self.is_judged and not self.is_expired

    def _set_data(self, values: list[Any]) -> None:
        self.data = values if self.takes_several else next(iter(values), None)


class MultipleFileField(FileField):
    """Several uploaded files, as a list."""

    widget = KeepingFileInput(multiple=True)
    takes_several = True

    def pre_validate(self, form: wtforms.Form) -> None:
        self.data = self.data or []
        super().pre_validate(form)


def received(values: Sequence[Any], *, takes_several: bool = True) -> tuple[list[SentFile], bool]:
    """Return the files of a field, newly chosen or brought back, and whether one of these is not there any more.

    Where only one file is taken, a newly chosen one takes the place of the kept one.
    """
    chosen = [SentFile(one) for one in values if isinstance(one, FileStorage) and one.filename]
    if chosen and not takes_several:
        return chosen, False
    tokens = dict.fromkeys(one for one in values if isinstance(one, str) and one)
    kept = [_found(token) for token in tokens]
    return [*(SentFile(_opened(one), one) for one in kept if one), *chosen], None in kept


def remaining(sent: Sequence[SentFile], field: str, *, are_at_fault: bool = False) -> Markup:
    """Keep the files that are not at fault and return a box for each; the others are to be chosen again."""
    parts = []
    for one in sent:
        kept = None if are_at_fault or one.is_at_fault else _keep(one)
        parts.append(_lost(one.name) if kept is None else _box(field, kept))
    return Markup().join(parts)


def _keep(one: SentFile) -> KeptUpload | None:
    owner = _owner()
    if one.kept is None and owner is not None:
        one.kept = kept_uploads.keep(one.file.stream, one.name, owner=owner)
    return one.kept


def _found(token: str) -> KeptUpload | None:
    owner = _owner()
    return None if owner is None else kept_uploads.find(token, owner=owner, at=clock.now())


def _owner() -> int | None:
    return current_user.id if current_user and current_user.is_authenticated else None


def _opened(kept: KeptUpload) -> FileStorage:
    """Open a kept file until the answer of this request is made."""
    stream = kept.path.open("rb")
    after_this_request(partial(_close, stream))
    return FileStorage(stream, kept.name)


def _close(stream: IO[bytes], response: Response) -> Response:
    stream.close()
    return response


def _box(field: str, kept: KeptUpload) -> Markup:
    label = gettext(
        "%(name)s · %(size)s KB · chosen before and kept; take the tick away to leave it out.",
        name=kept.name,
        size=max(1, kept.size // KILOBYTE),
    )
    return Markup(
        '<span class="kept"><label class="choice">'
        '<input type="checkbox" name="{name}" value="{token}" checked> {label}</label></span>'
    ).format(name=field, token=kept.token, label=label)


def _lost(name: str) -> Markup:
    sentence = gettext("“%(name)s” is not kept: choose the file again.", name=name)
    return Markup('<p class="error">{sentence}</p>').format(sentence=sentence)
