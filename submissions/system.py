"""The system that a learner builds a month's project for: an idea of the month, or one of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from curriculum.markdown import render_inline
from curriculum.models import Project
from people.models import Membership
from submissions.forms import SystemForm
from submissions.models import Submission


@dataclass(unsafe_hash=True)  # it is looked up among kept fragments, when nothing of it changes any more
class System:
    """What `_system.html` shows. A page that knows the project's ideas already makes it without a query."""

    learner: UUID
    project: UUID
    ideas: Sequence[tuple[UUID, str]]
    """Each idea's id and its safe HTML, in the month's order."""
    idea: str = ""
    """The chosen idea's id, "own" for the learner's own, or nothing yet."""
    sentence: str = ""
    editable: bool = False
    form: SystemForm | None = None
    """With what was typed, when it was not taken."""

    @classmethod
    def of(cls, learner: Membership, project: Project, **values: Any) -> "System":
        """As the database has it; two queries."""
        ideas = [
            (idea.uuid, str(render_inline(idea.text))) for idea in project.ideas.filter(archived_at=None)
        ]
        chosen = Submission.objects.filter(learner=learner, project=project).select_related("idea").first()
        system = cls(learner.uuid, project.uuid, ideas, **values)
        if chosen and chosen.idea:
            system.idea = str(chosen.idea.uuid)
            if chosen.idea.archived_at:
                system.ideas = [*ideas, (chosen.idea.uuid, str(render_inline(str(chosen.idea))))]
        elif chosen and chosen.system:
            system.idea, system.sentence = SystemForm.OWN, chosen.system
        if system.form:
            system.idea = system.form.data.get("idea", "")
        return system

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """Each idea with whether it is the chosen one."""
        return [(str(uuid), html, str(uuid) == self.idea) for uuid, html in self.ideas]

    @property
    def is_own(self) -> bool:
        return self.idea == SystemForm.OWN

    @property
    def words(self) -> str:
        """The chosen idea as safe HTML; nothing for an own system."""
        return next((html for uuid, html in self.ideas if str(uuid) == self.idea), "")
