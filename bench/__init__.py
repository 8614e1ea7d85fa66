"""Measurements of the running program; never part of the tests."""
