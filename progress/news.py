"""What people are told of the record, and of content that was reworded under them."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from curriculum.models import Month
from curriculum.prepared import Prepared
from people.models import Membership, Notification
from progress.models import Completion, Entry

TOLD: dict[str, str] = {
    Entry.Decision.MET: Notification.Kind.MET,
    Entry.Decision.NOT_YET: Notification.Kind.NOT_YET,
    Entry.Decision.WITHDRAWN: Notification.Kind.WITHDRAWN,
    Entry.Kind.COMPLETE: Notification.Kind.COMPLETE,
    Entry.Kind.REOPENED: Notification.Kind.REOPENED,
    Entry.Kind.DEFENCE: Notification.Kind.DEFENCE,
    Entry.Kind.CLAIM: Notification.Kind.CLAIMED,
}
"""What is told of an entry, by its decision or its kind."""


def month_path(learner: Membership, month: Month) -> str:
    return reverse("progress:month_detail", args=[learner.uuid, month.slug])


def tell(entry: Entry, what: str) -> None:
    """The mentors hear of a claim, the learner of everything else; a claim that was answered waits no more."""
    learner, about = entry.learner, entry.criterion or entry.month
    assert entry.month is not None, "what is told is about a month"
    assert about is not None, "which is there at least"
    place = month_path(learner, entry.month)
    if entry.kind == Entry.Kind.MARK:
        Notification.objects.settle(learner, about.uuid, Notification.Kind.CLAIMED)
    Notification.objects.tell(
        learner.answerers() if entry.kind == Entry.Kind.CLAIM else [learner.user],
        TOLD[entry.decision or entry.kind],
        actor=entry.author,
        learner=learner,
        what=what,
        about=about.uuid,
        url=f"{place}#criterion-{about.uuid}" if entry.criterion else place,
    )


def tell_reworded(tasks: Iterable[UUID]) -> None:
    """Whoever ticked one of these tasks for other words hears, once a month, that it has new ones. Their ticks stay."""
    ticks = (
        Completion.objects.done()
        .reworded()
        .filter(task__uuid__in=list(tasks), learner__in=Membership.objects.current())
    )
    told: set[tuple[int, int]] = set()
    rows = ticks.select_related("learner__user", "learner__cohort", "task__month").order_by("task__position")
    for tick in rows.iterator():
        month = tick.task.month
        if (tick.learner_id, month.pk) in told:
            continue
        told.add((tick.learner_id, month.pk))
        Notification.objects.tell(
            [tick.learner.user],
            Notification.Kind.REWORDED,
            actor=None,
            learner=tick.learner,
            what=str(month),
            about=month.uuid,
            url=f"{month_path(tick.learner, month)}#task-{tick.task.uuid}",
        )


def forget_reworded(tasks: Iterable[UUID], learner: Membership | None = None) -> None:
    """Takes back what was told of these tasks' months and is not true any more: the words are the old ones again, or
    the tick is gone. `learner` says that only one of those who were told is meant.

    A mail that waits to tell it, and has nothing else to tell, is not sent then.
    """
    months = Month.objects.filter(tasks__uuid__in=list(tasks)).values("uuid")
    still = Completion.objects.done().reworded()
    still = still.filter(learner=OuterRef("learner"), task__month__uuid=OuterRef("about"))
    told = Notification.objects.unread().filter(kind=Notification.Kind.REWORDED, about__in=months)
    told = told.filter(learner=learner) if learner else told
    told.exclude(Exists(still)).delete()


def is_reworded_told(learner: Membership, month: Month) -> bool:
    """Whether the learner was told of new words in the month and has not read it: seldom, and quicker to know."""
    return bool(_told(learner.pk, month.uuid))


@Prepared
def _told(learner: int, month: UUID) -> "QuerySet[Notification, int]":
    told = Notification.objects.unread().filter(kind=Notification.Kind.REWORDED)
    return told.filter(learner=learner, about=month).values_list("pk", flat=True)


def settle_reworded(learner: Membership, month: Month) -> None:
    """Who has seen all new words of a month need not be told of them any more."""
    if not Completion.objects.done().reworded().filter(learner=learner, task__month=month).exists():
        about = {"kind": Notification.Kind.REWORDED, "learner": learner, "about": month.uuid}
        Notification.objects.filter(**about).mark_read()
