"""The admin at work."""

import pytest
from django.test import Client

from people.models import User
from tests.factories import UserFactory


@pytest.fixture
def admin(db: None, client: Client) -> User:
    user: User = UserFactory.create(name="Rosa", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user
