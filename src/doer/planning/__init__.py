"""Planning: a grounded goal becomes a valid plan, a question, or an abstention."""

from doer.planning.order import critical_path, topological
from doer.planning.propose import SkillPlanner
from doer.planning.skills.file import load_skills, read_skill
from doer.planning.skills.skill import Skill
from doer.planning.validate import validate

__all__ = ["Skill", "SkillPlanner", "critical_path", "load_skills", "read_skill", "topological", "validate"]
