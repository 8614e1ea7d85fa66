"""Forms of lists: keeping and changing a saved view."""

from flask_babel import lazy_gettext as _

from app.forms.base.base import Form, radio, text, tick

LONGEST_NAME = 40


class SavedViewForm(Form):
    """Name and sharing of a saved view; `sharing.offered` is set to what the position may choose."""

    name = text(_("Name of the view"), LONGEST_NAME)
    sharing = radio(_("Who can use it"), [], default="own")
    is_default = tick(_("Open this list with it"))
