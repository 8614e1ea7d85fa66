"""Fill in forms and upload files for invented applicants: complete, or half done for a draft."""

from datetime import datetime

from app.demo.sections import sections_of
from app.demo.world import World
from app.enums import Level, Sex
from app.ground.actor import Actor
from app.models import Application, Attachment, Section
from app.services.dossier import dossier, materials

KINDS = (
    "id_card", "education", "appointment", "assessment", "continuing_education",
    "achievement", "paper", "commitment",
)  # fmt: skip
BEGUN = 4
"""Number of sections filled in of a draft."""


def fill(world: World, application: Application, at: datetime) -> None:
    """Fill in every section, upload all required files and sign the commitment."""
    sections = world.fitted(application, sections_of(world, application))
    world.session.add_all(
        Section(application_id=application.id, key=key, rows=rows, saved_at=at)
        for key, rows in sections.items()
    )
    _upload(world, application, KINDS, at)
    application.is_secret_free = True
    application.committed_at = at
    application.commitment_version = dossier.form_of(application).commitment_version
    world.session.flush()


def begin_filling(world: World, application: Application, at: datetime) -> None:
    """Fill in only the first sections, as an unfinished draft."""
    sections = world.fitted(application, sections_of(world, application))
    world.session.add_all(
        Section(application_id=application.id, key=key, rows=rows, saved_at=at)
        for key, rows in list(sections.items())[:BEGUN]
    )
    _upload(world, application, ("id_card",), at)
    world.session.flush()


def correct(application: Application, key: str, actor: Actor, at: datetime) -> None:
    """Add what a return asked for to the first row of a section and sign the commitment again."""
    saved = dossier.stored(application)[key]
    first, *others = saved.rows
    longer = f"{first['outcome']}，已通过验收并附验收意见和使用证明"
    dossier.save_section(
        application,
        key,
        [first | {"outcome": longer}, *others],
        actor=actor,
        at=at,
        seen_revision=saved.revision,
    )
    dossier.commit_to(application, is_true=True, is_secret_free=True, at=at)


def _upload(world: World, application: Application, kinds: tuple[str, ...], at: datetime) -> None:
    form = dossier.form_of(application)
    lent = {kind: world.drawer.sheet(kind) for kind in kinds}
    if len(kinds) > 1:
        lent["photo"] = world.drawer.portrait(application.person.sex or Sex.MALE)
        lent |= {kind: world.drawer.sheet(kind) for kind in _special_kinds(application)}
    world.session.add_all(
        Attachment(
            subject_type=Application.__tablename__,
            subject_id=application.id,
            kind=kind,
            name=name,
            file_id=stored.id,
            section=form.section_of_material(kind),
            added_by=application.person.user_id,
            added_at=at,
        )
        for kind, (stored, name) in lent.items()
    )


def _special_kinds(application: Application) -> list[str]:
    """Return the kinds of material required besides `KINDS`, which depend on title held, level and series."""
    kinds = {"current_title"} if application.level.rank > Level.ASSISTANT.rank else set()
    asked = materials.asked(application, dossier.form_of(application))
    kinds |= {one.kind.code for one in asked if one.is_required}
    return sorted(kinds.difference(KINDS, {"photo"}))
