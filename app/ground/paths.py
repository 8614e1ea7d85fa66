"""Directories of the source tree, from which other modules build the paths of files they read."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"
DATA = APP / "data"
STATIC = APP / "static"
FONT = STATIC / "fonts" / "DroidSansFallbackFull.ttf"
"""The only font shipped with the program: Chinese, Latin and digits for printed PDFs."""
