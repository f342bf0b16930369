"""The skills that doer ships: data, one folder for each kind of connection; reviewed like any skill of a workspace."""
