"""Form of the public certificate query, open to anybody without an account."""

from flask_babel import lazy_gettext as _

from app.forms.base import base


class CertificateQueryForm(base.Form):
    """Query by certificate number and name; both are needed."""

    number = base.text(_("Certificate number"), 40, help=_("As printed, with or without blanks."))
    name = base.text(_("Name"), 50, help=_("The full name as it stands on the certificate."))
