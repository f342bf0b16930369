"""Execution: decides what comes next, and performs it, never knowingly twice."""
