"""Surveys: what a connection's system says of itself and of what is in it, found with reads only."""

from doer.connectors.surveys.survey import Ability, Entity, EntityKind, Survey, Surveyor

__all__ = ["Ability", "Entity", "EntityKind", "Survey", "Surveyor"]
