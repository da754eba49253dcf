"""What most tests of handing in begin with."""

import pytest
from django.test import Client

from submissions.models import Submission
from tests.cast import Cast


@pytest.fixture
def submission(cast: Cast) -> Submission:
    """The learner's work on the deliverable, with nothing in it."""
    return Submission.objects.create(learner=cast.learner, deliverable=cast.deliverable)


@pytest.fixture
def learner(cast: Cast, client: Client) -> Client:
    """The browser of the cast's learner."""
    client.force_login(cast.learner.user)
    return client
