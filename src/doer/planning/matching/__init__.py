"""Matching: which skill or tool a request fits, what fills its slots, and what must be asked first."""
