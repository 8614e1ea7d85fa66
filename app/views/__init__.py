"""The web pages: every menu is a declarative subclass of one base view."""
