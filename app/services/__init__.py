"""Guards, effects and computations, one file per subject. No Flask request, no commit."""
