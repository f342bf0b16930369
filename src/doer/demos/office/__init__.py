"""The scenario `office`: an everyday office, with its mail, calendar, repository, files, database and shop."""
