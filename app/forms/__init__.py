"""Forms: one base, a few kinds of fields, and forms built from definitions in data."""
