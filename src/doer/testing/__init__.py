"""Shipped for tests of tools, skills and scenarios: the conformance kit, fakes at the seams, and faults."""
