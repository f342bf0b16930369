"""doer: a sentence becomes planned, approved, verified and undoable work in real systems."""
