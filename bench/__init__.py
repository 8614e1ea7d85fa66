"""Performance measurements of the program; not part of the tests."""
