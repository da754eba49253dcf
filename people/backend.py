"""Who is logged in, with what every page says of them."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from curriculum.prepared import Prepared
from people.models import Membership, Notification, User


class Backend(AuthenticationBackend):
    """As allauth's, but a request learns with its person all that a page's head says: no query of its own."""

    def get_user(self, user_id: Any) -> User | None:
        user = next(iter(_person(int(user_id))), None)
        return user if user and self.user_can_authenticate(user) else None


@Prepared
def _person(pk: int) -> QuerySet[User]:
    # Under these names the annotations fill the properties that would ask for them, which the types take for a clash.
    mine = Notification.objects.unread().filter(user=OuterRef("pk")).order_by().values("user")
    own = Membership.objects.current().filter(user=OuterRef("pk"))
    return User.objects.filter(pk=pk).annotate(  # type: ignore[no-redef]
        unread=Coalesce(Subquery(mine.annotate(count=Count("pk")).values("count")), 0),
        is_mentor=Exists(own.mentors()),
        is_learner=Exists(own.learners()),
    )
