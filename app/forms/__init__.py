"""Forms: a common base, field kinds, and forms built from stored form definitions."""
