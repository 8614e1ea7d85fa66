"""A rehearsal: this year's configuration with invented people in a database of its own, thrown away with one command.

`flask rehearsal begin` makes the place and marks the database (`beginning.py`), then a process with the
rehearsal's settings copies the configuration (`tables.py`, `copying.py`) and invents people (`inventing.py`).
"""
