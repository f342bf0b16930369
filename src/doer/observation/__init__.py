"""Observation: readings of the journal for people and for measures."""
