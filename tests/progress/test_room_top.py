"""What stands at the top of the room: the newest review, and the filter of its comments."""

import re

from django.test import Client

from submissions.models import Review
from tests.cast import Cast


def test_newest_review_stands_before_the_work_and_earlier_ones_behind_it(cast: Cast, client: Client) -> None:
    version = cast.hand_in()
    for summary in ("The first words", "The second words"):
        review = Review.objects.begin(version, cast.mentor)
        review.save_draft("changes", summary, review.revision)
        review.publish("changes")
    client.force_login(cast.learner.user)

    page = client.get(version.submission.get_absolute_url()).text

    places = [page.index(one) for one in ("The second words", "1 earlier review", "The first words", 'id="work"')]
    assert places == sorted(places)


def test_place_of_reviews_is_there_before_the_first_so_that_it_can_come(cast: Cast, client: Client) -> None:
    client.force_login(cast.learner.user)
    page = client.get(cast.hand_in().submission.get_absolute_url()).text
    assert len(re.findall('id="reviews"', page)) == 1
    assert 'class="review ' not in page
