"""Where a text of the program is used, in the words of the menu: found in the source that the program runs from."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import PurePosixPath
from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.ground import paths
from app.services.customising.words import GUIDE, Word, items
from app.views.base.aliases import Label
from app.views.customising.rights_catalogue import menu_label
from app.views.frame.menu_tree import current_menu

STRINGS = {
    ".py": re.compile(r'"((?:[^"\\\n]|\\.)*)"'),
    ".html": re.compile(r"""(?<!\w)'((?:[^'\\\n]|\\.)*)'|(?<=\()"((?:[^"\\\n]|\\.)*)\""""),
}
"""Texts in sources of each kind."""
BROKEN = re.compile(r'"\s*\n\s*"')
"""Where a long text is continued on the next line."""
MOST_NAMED = 4
ROOMS: dict[str, Label] = {
    "accounts": _p("place", "Accounts and positions"),
    "base": _p("place", "Lists, searches and forms in general"),
    "case": _p("place", "Pages of an application"),
    "certificates": _("Certificates"),
    "course": _p("place", "Page of a meeting"),
    "credentials": _p("place", "Sign-in"),
    "customising": _("Customise"),
    "desk": _p("place", "Pages of an application"),
    "dossier": _p("place", "Filling in and handing in"),
    "draw": _p("place", "Draw of judges"),
    "enums": _p("place", "States and closed lists"),
    "experts": _p("place", "Pool of judges"),
    "exports": _p("place", "Excel and PDF files"),
    "files": _p("place", "Uploaded files"),
    "form": _p("place", "Application form"),
    "form_editor": _p("place", "Application form"),
    "forms": _p("place", "Forms"),
    "frame": _p("place", "Frame of every page"),
    "handling": _p("place", "Handlers and deputies"),
    "imports": _p("place", "Excel files that come back"),
    "interviews": _p("place", "Interviews"),
    "judging": _p("place", "Scores and opinions"),
    "lists": _p("place", "Lists, searches and forms in general"),
    "macros": _p("place", "Lists, searches and forms in general"),
    "me": _p("place", "Filling in and handing in"),
    "meeting": _p("place", "Page of a meeting"),
    "messages": _("Messages"),
    "models": _p("place", "Names of fields"),
    "phone": _p("place", "Pages on the phone"),
    "print": _p("place", "Printed sheets"),
    "public": _("Public pages"),
    "quotas": _("Post quotas"),
    "registers": _p("place", "Registers and code tables"),
    "registration": _p("place", "Registration"),
    "results": _p("place", "Results"),
    "review": _p("place", "Audit along the review tree"),
    "rights": _("Menu permissions"),
    "rules": _("Conditions for applying"),
    "second_factor": _p("place", "Sign-in"),
    "settings": _("Parameters"),
    "statistics": _p("place", "Figures"),
    "todos": _p("place", "To-dos and daily digest"),
    "validators": _p("place", "Checks of what is typed"),
    "voting": _p("place", "Votes"),
    "web": _p("place", "Frame of every page"),
}
"""What a folder of sources is about."""


def places(word: Word) -> str:
    """Return where a text is used: menus where its page has one, otherwise what it is about."""
    if word.target == GUIDE:
        return gettext("Page “Guide” of the menu %(number)s", number=word.key.partition(" ")[0])
    files = _files_by_text().get((word.context, word.text), frozenset())
    names = list(dict.fromkeys(name for file in sorted(files) for name in _names(file)))
    if not names:
        return gettext("The program in general")
    named = gettext(", ").join(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    if more <= 0:
        return named
    return ngettext(
        "%(places)s and %(num)s more place",
        "%(places)s and %(num)s more places",
        more,
        places=named,
    )


def _names(file: str) -> Iterator[str]:
    if menus := _menus_by_file().get(file):
        yield from (menu_label(view) for view in menus)
        return
    folders = (part.removesuffix(".py") for part in reversed(PurePosixPath(file).parts))
    if label := next((ROOMS[one] for one in folders if one in ROOMS), None):
        yield str(label)


def _menus_by_file() -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for menu, view in current_menu().entries():
        file = view.__module__.replace(".", "/") + ".py"
        if menu not in found[file]:
            found[file].append(menu)
    return found


@cache
def _files_by_text() -> Mapping[tuple[str, str], frozenset[str]]:
    """Return the files of each context and text; the sources do not change while the program runs."""
    known = {(word.context, word.text) for word in items().values()}
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for kind, pattern in STRINGS.items():
        for path in sorted(paths.APP.rglob(f"*{kind}")):
            file = path.relative_to(paths.ROOT).as_posix()
            source = BROKEN.sub("", path.read_text(encoding="utf-8"))
            before, end = "", 0
            for match in pattern.finditer(source):
                text = next(filter(None, match.groups()), "")
                context = before if source[end : match.start()].strip() == "," else ""
                # an argument before a text looks like its context
                for key in {("", text), (context, text)} & known:
                    found[key].add(file)
                before, end = text, match.end()
    return {key: frozenset(files) for key, files in found.items()}
