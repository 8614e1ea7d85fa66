"""State machines: one engine, one table of rows per kind of record."""
