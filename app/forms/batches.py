"""Forms of the committee's office and of the post quotas (chapters 1.2, 1.4 and 1.5)."""

from collections.abc import Mapping, Sequence
from typing import Any

import wtforms
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app import settings
from app.enums import ApplyMode, BatchState, Level, QuotaKind
from app.extensions import db
from app.forms import base
from app.forms.aliases import Groups, Pair, Records
from app.forms.base import ActForm, Form, RowForm, SignedForm
from app.ground import clock
from app.ground.actor import Actor
from app.models import Batch, Committee, MaterialKind
from app.services.dossier import dossier, return_reasons
from app.services.files import attached_files
from app.services.form import form_definition


def supplement_choices(form: form_definition.Form) -> list[Pair]:
    """Return the choices of a supplement item: sections of a form, kinds of material, further material."""
    named: list[Pair] = [(part.key, part.label) for part in form.sections]
    kinds = [
        (f"{return_reasons.KIND}{code}", gettext("Material: %(kind)s", kind=name))
        for code, name in material_kinds()
    ]
    return [*named, *kinds, (form_definition.MATERIALS, gettext("Further material"))]


def _of_newest_form() -> list[Pair]:
    return supplement_choices(
        form_definition.load(db.session(), form_definition.newest_version(db.session()))
    )


def material_kinds() -> list[Pair]:
    """Return the kinds of material a batch may ask every applicant for."""
    kinds = db.session.scalars(select(MaterialKind).order_by(MaterialKind.order, MaterialKind.code))
    return [(kind.code, kind.name) for kind in kinds if _is_of_applicant(kind)]


def _is_of_applicant(kind: MaterialKind) -> bool:
    uploaders = (kind.condition or {}).get("by")
    return uploaders is None or "applicant" in uploaders


def committees_of(actor: Actor) -> list[Pair]:
    """Return the committees of the actor's office, as choices."""
    query = select(Committee.id, Committee.name).where(Committee.id.in_(actor.committee_ids))
    return list(db.session.execute(query.order_by(Committee.id)).tuples().all())


def open_batches_of(actor: Actor) -> list[Pair]:
    """Return the open batches of the actor's committees, as choices."""
    query = select(Batch.id, Batch.name).where(
        Batch.committee_id.in_(actor.committee_ids), Batch.state == BatchState.OPEN
    )
    return list(db.session.execute(query.order_by(Batch.id.desc())).tuples().all())


def set_choices(field: wtforms.Field, pairs: Sequence[Pair]) -> None:
    """Set the choices of a field at request time."""
    field.offered = list(pairs)
    field.__dict__.pop("_pairs", None)


def choose_only(field: wtforms.Field) -> None:
    """Preselect the only choice, if there is just one."""
    if len(field.offered) == 1:
        field.data = field.offered[0][0]


class ItemForm(RowForm):
    """One item of a supplement."""

    section = base.choice(_("Section or kind of material"), _of_newest_form, required=False)
    text = base.text(_("What is to be supplied"), 500, required=False)


class QualificationForm(SignedForm):
    """1.2.1: pass, refuse, or ask once for all missing items."""

    items = base.rows(
        _("Items to be supplied"),
        ItemForm,
        min_rows=1,
        max_rows=30,
        render_kw={"data-show-when": "decision=ask_correction"},
        description=_("Name all of them now: there is only one supplement."),
    )
    deadline = base.day(
        _("Supplement due on"),
        required=False,
        help=_("Empty: after the working days set by the parameter."),
        render_kw={"data-show-when": "decision=ask_correction"},
    )

    def bind(self, records: Records, actor: Actor) -> None:
        """Offer the sections of a single application; for several, those of the newest form version."""
        super().bind(records, actor)
        if len(records) == 1:
            pairs = supplement_choices(dossier.form_of(records[0]))
            label = _("Section or kind of material")
            base.offer_in_rows(self.items, ItemForm, "section", label, pairs)


class BatchForm(Form):
    """1.4.2: the annual batch."""

    committee_id = base.choice(_("Committee"), ())
    name = base.text(_("Name of the batch"), 120, min_length=2)
    review_year = base.integer(_("Review year"), 2000, 2100)
    modes = base.many(_("Ways of applying"), ApplyMode)
    levels = base.many(_("Levels"), Level)
    apply_start = base.day(_("Applications from"))
    apply_end = base.day(_("Applications until"))
    resubmit_end = base.day(_("Returned ones until"))
    unit_end = base.day(_("Units report until"))
    superior_end = base.day(_("Superior units until"))
    office_end = base.day(_("Qualification check until"))
    material_cutoff = base.day(
        _("Achievements count until"), help=_("Later achievements do not count this year.")
    )
    seniority_date = base.day(_("Years counted until"))
    senior_cap = base.integer(_("Cap for full senior (%)"), 0, 100)
    associate_cap = base.integer(_("Cap for associate senior (%)"), 0, 100)
    required_materials = base.many(_("Required material"), material_kinds, required=False)
    note = base.area(_("Remark"), 500, required=False)

    def bind(self, records: Records, actor: Actor) -> None:
        set_choices(self.committee_id, committees_of(actor))
        if not records and not self.is_submitted():
            self._suggest()

    def _suggest(self) -> None:
        year = clock.local_date(clock.now()).year
        choose_only(self.committee_id)
        self.review_year.data = year
        self.seniority_date.data = f"{year}-12-31"
        self.senior_cap.data = settings.get("senior_cap_percent")
        self.associate_cap.data = settings.get("associate_cap_percent")

    def groups(self) -> Groups:
        return [
            (
                gettext("Batch"),
                [self.committee_id, self.name, self.review_year, self.modes, self.levels],
            ),
            (
                gettext("Deadlines (each day ends at its 24:00)"),
                [
                    self.apply_start,
                    self.apply_end,
                    self.resubmit_end,
                    self.unit_end,
                    self.superior_end,
                    self.office_end,
                    self.material_cutoff,
                    self.seniority_date,
                ],
            ),
            (gettext("Caps"), [self.senior_cap, self.associate_cap]),
            (gettext("Material"), [self.required_materials, self.note]),
        ]


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

    def values(self, *, without: Sequence[str] = ()) -> dict[str, Any]:
        data = super().values(without=without)
        data["proof"] = stored_files(data.get("proof") or ())
        return data


def stored_files(uploads: Sequence[Any]) -> list[tuple[Any, str]]:
    """Store uploaded files and return (stored file, name) pairs. Raises Refused for an invalid file."""
    return [
        (attached_files.store(upload.stream, upload.filename), upload.filename)
        for upload in uploads
    ]


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


def model_columns(data: Mapping[str, Any], model: Any) -> dict[str, Any]:
    """Return the items of `data` whose keys are columns of `model`."""
    names = set(model.__table__.c.keys())
    return {key: value for key, value in data.items() if key in names}


def column_values(record: Any) -> dict[str, Any]:
    """Return {column: value} of `record`, to fill a form with."""
    return {column.key: getattr(record, column.key) for column in type(record).__table__.c}
