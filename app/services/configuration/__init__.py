"""The configuration of an installation: rows of the tables that administrators maintain, and all of it as one file."""
