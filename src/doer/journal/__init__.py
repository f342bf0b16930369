"""The journal: one record, append-only, chained and signed; the only source of truth."""
