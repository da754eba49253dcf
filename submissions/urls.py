"""Addresses."""

from django.urls import path

from submissions.views import (
    files,
    hold,
    mention,
    place,
    review,
    saved_replies,
    settlement,
    talk,
    work,
)

app_name = "submissions"
urlpatterns = [
    # Handing in
    path("learners/<uuid:learner>/hand-in/", work.start, name="start"),
    path("learners/<uuid:learner>/projects/<uuid:project>/system/", work.system, name="system"),
    path("submissions/<uuid:submission>/draft/", work.draft, name="draft"),
    path("submissions/<uuid:submission>/preview/", work.preview, name="preview"),
    path("submissions/<uuid:submission>/files/", work.file_add, name="file_add"),
    path("submissions/<uuid:submission>/files/<uuid:file>/removal/", work.file_remove, name="file_remove"),
    path("submissions/<uuid:submission>/submit/", work.submission_submit, name="submission_submit"),
    path("versions/<uuid:version>/take-back/", work.take_back, name="take_back"),
    path("versions/<uuid:version>/discard/", work.discard, name="discard"),
    # What was handed in
    path("files/<uuid:file>/<str:name>", files.file, name="file"),
    path("files/<uuid:file>/raw/<str:name>", files.file_raw, name="file_raw"),
    path("files/<uuid:file>/cells/<int:image>/", files.file_cell, name="file_cell"),
    path("drawing/", files.drawing, name="drawing"),
    # The answer to it
    path("submissions/<uuid:uuid>/opening/", hold.opening, name="opening"),
    path("submissions/<uuid:uuid>/hold/", hold.hold, name="hold"),
    path("submissions/<uuid:uuid>/threads/", talk.thread_new, name="thread_new"),
    path("submissions/<uuid:uuid>/threads/<int:number>/", talk.threads_at_rest, name="threads_at_rest"),
    path("threads/<uuid:uuid>/comments/", talk.comment_new, name="comment_new"),
    path("anchors/<uuid:uuid>/placement/", place.placement_pin, name="placement_pin"),
    path("comments/<uuid:uuid>/", talk.comment_change, name="comment_change"),
    path("comments/<uuid:uuid>/words/", talk.comment_words, name="comment_words"),
    path("submissions/<uuid:uuid>/several/", settlement.several, name="several"),
    path("submissions/<uuid:uuid>/undo/", settlement.undo, name="undo"),
    path("submissions/<uuid:uuid>/people/", mention.people, name="people"),
    path("saved-replies/", saved_replies.saved_replies, name="saved_replies"),
    path("saved-replies/<uuid:uuid>/", saved_replies.saved_reply, name="saved_reply"),
    path("reviews/<uuid:uuid>/", review.review_draft, name="review_draft"),
    path("reviews/<uuid:uuid>/carry-over/", review.review_carry_over, name="review_carry_over"),
    path("reviews/<uuid:uuid>/hand-over/", review.review_hand_over, name="review_hand_over"),
    path("reviews/<uuid:uuid>/take-over/", review.review_take_over, name="review_take_over"),
    path("reviews/<uuid:uuid>/withdrawal/", review.review_withdraw, name="review_withdraw"),
]
