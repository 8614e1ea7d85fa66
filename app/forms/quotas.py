"""Forms of the post quotas (menus 1.5.1, 1.5.2)."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _

from app.enums import Level, QuotaKind
from app.forms.base import base
from app.forms.base.aliases import Records
from app.forms.base.base import ActForm, Form
from app.forms.base.file_fields import FileField
from app.forms.review import store_upload
from app.ground import clock
from app.ground.actor import Actor


class QuotaForm(Form):
    """1.5.1: the posts of one level and specialty."""

    review_year = base.integer(_("Review year"), 2000, 2100)
    level = base.choice(_("Level"), Level)
    specialty_code = base.lookup(_("Specialty"), "specialty")
    posts = base.integer(_("Approved posts"), 0, 100_000)
    held = base.integer(_("Posts held"), 0, 100_000)
    asked = base.integer(_("Posts asked"), 1, 100_000)
    kind = base.radio(
        _("Ground"), QuotaKind, help=_("More posts than are vacant need a special ground.")
    )
    note = base.area(_("Reason"), 500, required=False, help=_("Required with a special ground."))
    proof = base.upload(
        _("Report on the special case"),
        required=False,
        several=True,
        help=_("Required with a special ground."),
    )

    def bind(self, records: Records, actor: Actor) -> None:
        if not records and not self.is_submitted():
            self.review_year.data = clock.local_date(clock.now()).year
            self.kind.data = QuotaKind.VACANCY.value

    def validate_proof(self, field: FileField) -> None:
        store_upload(field)

    def values(self, *, without: Sequence[str] = ()) -> dict[str, Any]:
        data = super().values(without=without)
        data["proof"] = [(one.stored, one.name) for one in data.get("proof") or ()]
        return data


class GrantForm(ActForm):
    """1.5.2: how many of the posts asked for are granted."""

    granted = base.integer(
        _("Posts granted"),
        1,
        100_000,
        required=False,
        help=_("Empty: as many as were asked for."),
        render_kw={"data-show-when": "decision=approve"},
    )
