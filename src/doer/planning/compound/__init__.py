"""Compound goals: several requests, conditions, loops, limits, later times, corrections, and earlier runs."""
