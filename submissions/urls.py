"""Addresses."""

from django.urls import path

from submissions.views import hold, review, talk

app_name = "submissions"
urlpatterns = [
    # The answer to it
    path("submissions/<uuid:uuid>/opening/", hold.opening, name="opening"),
    path("submissions/<uuid:uuid>/hold/", hold.hold, name="hold"),
    path("submissions/<uuid:uuid>/threads/", talk.thread_new, name="thread_new"),
    path("threads/<uuid:uuid>/comments/", talk.comment_new, name="comment_new"),
    path("comments/<uuid:uuid>/", talk.comment_change, name="comment_change"),
    path("reviews/<uuid:uuid>/", review.review_draft, name="review_draft"),
    path("reviews/<uuid:uuid>/carry-over/", review.review_carry_over, name="review_carry_over"),
    path("reviews/<uuid:uuid>/hand-over/", review.review_hand_over, name="review_hand_over"),
    path("reviews/<uuid:uuid>/withdrawal/", review.review_withdraw, name="review_withdraw"),
]
