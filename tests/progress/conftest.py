import pytest

from tests.progress.school import School, make_school


@pytest.fixture
def school(db: None) -> School:
    return make_school()
