"""The Flask extension objects, created once per process and bound to the application in create_app()."""

from flask_appbuilder import AppBuilder
from flask_appbuilder.utils.legacy import get_sqla_class
from flask_migrate import Migrate
from flask_wtf import CSRFProtect


class Builder(AppBuilder):
    """AppBuilder without the stock "back" and language-switch views."""

    def _add_admin_views(self) -> None:
        self.add_view_no_menu(self.indexview)
        self.sm.register_views()


db = get_sqla_class()()
appbuilder = Builder(update_perms=False)
migrate = Migrate()
csrf = CSRFProtect()
