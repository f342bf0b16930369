"""The demos: one folder a scenario, with its real services, its sentence, and an independent view of its world."""
