"""Addresses of every page that adds up, and of what is done there."""

from django.urls import path

from progress.views import criteria, defences, desk, search, submission
from progress.views import path as pages

app_name = "progress"
LEARNER = "learners/<uuid:learner>/"
urlpatterns = [
    path("", pages.home, name="home"),
    path("path/", pages.path, name="path"),
    path("welcome/", pages.welcome, name="welcome"),
    path(LEARNER, pages.learner_path, name="learner_path"),
    path(LEARNER + "months/<slug:month>/", pages.month_detail, name="month_detail"),
    path(LEARNER + "tasks/<uuid:task>/completion/", pages.completion, name="completion"),
    path(LEARNER + "tasks/<uuid:task>/note/", pages.completion_note, name="completion_note"),
    path(LEARNER + "criteria/<uuid:criterion>/claim/", criteria.claim, name="claim"),
    path(LEARNER + "criteria/<uuid:criterion>/mark/", criteria.mark, name="mark"),
    path(LEARNER + "months/<slug:month>/defence/", defences.defence_new, name="defence_new"),
    path("desk/", desk.desk, name="desk"),
    path("cohorts/<uuid:cohort>/", desk.cohort_detail, name="cohort_detail"),
    path("submissions/<uuid:uuid>/", submission.submission_detail, name="submission_detail"),
    path("submissions/<uuid:uuid>/finish/", submission.review_finish, name="review_finish"),
    path("search/", search.search, name="search"),
]
