"""Intent: words become typed values, each with the words it came from; doubt stays visible as several readings."""

from doer.intent.grounder import Grounder
from doer.intent.mention import Kind, Mention, Reading, Setting
from doer.intent.text import check

__all__ = ["Grounder", "Kind", "Mention", "Reading", "Setting", "check"]
