"""Lists in Chromium: a row's acts are in view at 1366 px, the place in the list is found again after a press."""

from typing import Any

from app.enums import ApplicationState, Role
from app.extensions import db
from tests.browser.chromium import DESKTOP
from tests.support import factories, signing
