"""The application factory: the only place where the parts are wired together."""

from collections.abc import Mapping
from typing import Any

import click
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import config as settings_file
from app.extensions import appbuilder, csrf, db, migrate
from app.web import templating


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Create the Flask application; `config` overrides single settings of the environment.

    Creates no tables and writes nothing; `flask prepare` does that.
    """
    app = Flask(__name__)
    app.jinja_environment = templating.PageEnvironment
    app.config.from_mapping(settings_file.read())
    app.config.from_mapping(config or {})
    _guard(app)
    _connect_database(app)
    # imported outside an application context, so that no lazy text is translated at import time
    from app import menu, workflow  # noqa: F401 - registers the views and the transition tables

    with app.app_context():
        _build(app)
    return app


def _guard(app: Flask) -> None:
    """Install what applies to every request: proxy, log, safe headers, compression, error pages, /healthz."""
    from app.web import compression, device_cookie, errors, headers, health, journal

    if hops := app.config["PROXY_HOPS"]:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # the way werkzeug wraps an app
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    journal.init_app(app)
    headers.init_app(app)
    device_cookie.init_app(app)
    compression.init_app(app)
    errors.init_app(app)
    app.register_blueprint(health.blueprint)


def _connect_database(app: Flask) -> None:
    from app.ground import database, rehearsal
    from app.web import journal

    rehearsal.hold(app)
    database.configure(app, is_patient=click.get_current_context(silent=True) is not None)
    db.init_app(app)
    with app.app_context():
        database.register_listeners(db.engine, is_rehearsal=app.config["REHEARSAL"])
    journal.register_listeners()
    migrate.init_app(
        app, db, directory=str(settings_file.ROOT / "app" / "migrations"), compare_type=True
    )


def _build(app: Flask) -> None:
    from app import commands, menu, models  # noqa: F401 - the models must be known before any view
    from app.forms.base import attributes
    from app.services.ground import log_chain
    from app.views.accounts import account
    from app.views.customising import onlooking
    from app.views.frame import home, shell
    from app.web import wording
    from app.web.security import SecurityManager

    # before AppBuilder, which exempts its token APIs from CSRF protection
    csrf.init_app(app)
    # AppBuilder is a module-level object: drop the views of an application created earlier in this process
    appbuilder.baseviews.clear()
    appbuilder.menu = None
    SecurityManager.authdbview = account.Session
    appbuilder.security_manager_class = SecurityManager
    appbuilder.indexview = home.Home
    appbuilder.init_app(app, db.session)
    menu.register(app, appbuilder)
    wording.init_app(app)
    attributes.install()
    shell.init_app(app)
    onlooking.init_app(app)
    log_chain.register()
    commands.init_app(app)
