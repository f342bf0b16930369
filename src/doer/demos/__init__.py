"""Scenarios: one folder each, with its real local services, its sentence and an observer of its world."""
