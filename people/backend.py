"""Who is logged in, with what every page says of them."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from people.models import Notification, User


class Backend(AuthenticationBackend):
    """As allauth's, but a request learns with its person how much they have not read yet: no query of its own."""

    def get_user(self, user_id: Any) -> User | None:
        mine = Notification.objects.unread().filter(user=OuterRef("pk")).order_by().values("user")
        count = Coalesce(Subquery(mine.annotate(count=Count("pk")).values("count")), 0)
        # Under this name it fills the property that would ask for it; the types see a clash.
        found = User.objects.filter(pk=user_id).annotate(unread=count)  # type: ignore[no-redef]
        user: User | None = found.first()
        return user if user and self.user_can_authenticate(user) else None
