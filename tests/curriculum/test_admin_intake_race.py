"""A double click on bringing in: both halves find it done, once."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from curriculum.models import Curriculum, Edition
from people.models import User
from tests.curriculum.samples import MONTH
from tests.factories import UserFactory
from tests.turns import interleaved


def click(boss: User) -> Callable[[], int]:
    client = Client(raise_request_exception=False)
    client.force_login(boss)
    form = {"title": "AI", "apply": "yes", "markdown": SimpleUploadedFile("month.md", MONTH.encode())}
    return lambda: client.post(reverse("admin:curriculum_curriculum_intake"), form).status_code


@pytest.mark.parametrize("table", ["curriculum", "document"])
def test_double_click_brings_in_once(transactional_db: None, table: str) -> None:
    boss = UserFactory.create(is_staff=True, is_superuser=True)
    if table == "document":
        Curriculum.objects.create(slug="ai", title="AI")
    ends = interleaved(click(boss), f'INSERT INTO "curriculum_{table}"', click(boss))
    assert ends == [302, 302]
    assert (Curriculum.objects.count(), Edition.objects.count()) == (1, 1)
