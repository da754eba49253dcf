"""A cohort as its mentors see it: learners by months, as stones, with the state in words beside them."""

from collections import defaultdict
from dataclasses import dataclass

from curriculum.pages import PlannedMonth, plan_of
from people.models import Cohort, Membership
from progress.standing import Sum, sums
from submissions.models import State, Submission


@dataclass
class Square:
    """One learner in one month."""

    planned: PlannedMonth
    sum: Sum

    @property
    def css(self) -> str:
        return "laid" if self.sum.complete else "begun" if self.sum.met else ""


@dataclass
class Line:
    """One learner of the cohort."""

    learner: Membership
    squares: list[Square]
    waiting: int = 0
    """Submissions that wait for a mentor."""
    answering: int = 0
    """Submissions on which it is the learner's turn."""

    @property
    def complete(self) -> int:
        return sum(square.sum.complete for square in self.squares)


class CohortPage:
    """Everything the cohort page shows: the plan, the learners, the record and the work, a query each."""

    def __init__(self, cohort: Cohort) -> None:
        self.cohort = cohort
        self.months = plan_of(cohort.curriculum_id).months
        learners = Membership.objects.current().learners().filter(cohort=cohort)
        record = sums(learners)
        states: dict[int, list[State]] = defaultdict(list)
        for work in Submission.objects.filter(learner__in=learners).with_state():
            states[work.learner_id].append(work.state)
        self.lines = [
            Line(
                learner,
                [Square(month, record.get((learner.pk, month.pk), Sum())) for month in self.months],
                states[learner.pk].count(State.WAITING),
                states[learner.pk].count(State.CHANGES),
            )
            for learner in learners.select_related("user", "mentor")
        ]
