"""The framework's objects, made once and bound to the application in create_app()."""

from flask_appbuilder import AppBuilder
from flask_appbuilder.utils.legacy import get_sqla_class
from flask_migrate import Migrate
from flask_wtf import CSRFProtect


class Builder(AppBuilder):
    """The framework's application builder without its own way back and its own choice of a language."""

    def _add_admin_views(self) -> None:
        self.add_view_no_menu(self.indexview)
        self.sm.register_views()


db = get_sqla_class()()
appbuilder = Builder(update_perms=False)
migrate = Migrate()
csrf = CSRFProtect()
