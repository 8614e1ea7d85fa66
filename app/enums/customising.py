"""States of a set of changes to what the program may be adapted in."""

from flask_babel import lazy_pgettext as _p

from app.enums.base import Labelled


class ChangeSetState(Labelled):
    """A draft holds nothing yet; a published set holds until it is undone."""

    DRAFT = "draft", _p("change set", "Draft")
    SCHEDULED = "scheduled", _p("change set", "Takes effect later")
    PUBLISHED = "published", _p("change set", "Published")
    UNDONE = "undone", _p("change set", "Undone")
    DISCARDED = "discarded", _p("change set", "Discarded")
