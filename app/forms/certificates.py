"""The form anybody may fill in without an account."""

from flask_babel import lazy_gettext as _

from app.forms import base


class CertificateQueryForm(base.Form):
    """Number and name together: neither alone tells anything."""

    number = base.text(_("Certificate number"), 40, help=_("As printed, with or without blanks."))
    name = base.text(_("Name"), 50, help=_("The full name as it stands on the certificate."))
