"""Wordings of messages that administrators change: what may stand in them, and what was shipped."""

import re
from collections.abc import Collection, Iterator

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import MessageTemplate
from app.services.messages import templates

BRACED = re.compile(r"\{([^{}\n]{0,60})\}")
FULL_WIDTH = re.compile("[｛｝]")
PLAIN = re.compile(r"\w{1,40}")
MOST_FAULTS = 5


def faults(wording: str, known: Collection[str]) -> list[str]:
    """Return what is wrong with a wording that may name the variables `known`, a sentence each."""
    return list(dict.fromkeys(_faults(wording, known)))[:MOST_FAULTS]


def is_sound(template: MessageTemplate) -> bool:
    """Return whether a stored template can be sent: otherwise the default wording is sent instead."""
    known = templates.variables_of(template.key)
    return not any(_faults(f"{template.subject}\n{template.body}", known))


def unsound(session: Session) -> list[MessageTemplate]:
    """Return the stored templates that name a variable which does not exist (any more), by subject."""
    found = session.scalars(select(MessageTemplate).order_by(MessageTemplate.key))
    return [one for one in found if not is_sound(one)]


def default_of(template: MessageTemplate) -> tuple[str, str] | None:
    """Return subject and text as shipped, None for a message that the program does not send any more."""
    return templates.defaults().get(template.key)


def is_changed(template: MessageTemplate) -> bool:
    """Return whether an administrator changed the wording."""
    return (template.subject, template.body) != default_of(template)


def restore(template: MessageTemplate) -> None:
    """Set subject and text to those shipped; without any the template stays as it is."""
    template.subject, template.body = default_of(template) or (template.subject, template.body)
    db.session.add(template)


def _faults(wording: str, known: Collection[str]) -> Iterator[str]:
    for found in BRACED.finditer(wording):
        yield from _variable_faults(found[1], known)
    if any(one in BRACED.sub("", wording) for one in "{}"):
        yield gettext("A brace stands alone. A variable is written {name}, with both braces.")
    if FULL_WIDTH.search(wording):
        yield gettext("Write braces as half-width characters: { and }.")


def _variable_faults(name: str, known: Collection[str]) -> Iterator[str]:
    if name in known:
        return
    typed = f"{{{name}}}"
    if not name.strip():
        yield gettext("“{}” names no variable. Choose one of the list.")
    elif PLAIN.fullmatch(name) and not name.isdigit():
        yield gettext(
            "This message has no variable “%(typed)s”. Choose one of the list beside it.",
            typed=typed,
        )
    else:
        yield gettext(
            "“%(typed)s”: a variable is a plain name of the list in braces, without dots, brackets, formats or blanks.",
            typed=typed,
        )
