"""Directories of the source tree. A file below them is named from here, wherever the code that reads it stands."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"
DATA = APP / "data"
STATIC = APP / "static"
FONT = STATIC / "fonts" / "DroidSansFallbackFull.ttf"
"""The one font that the program ships: Chinese, Latin and digits for printed papers."""
