"""Addresses of every page that adds up, and of what is done there."""

from django.urls import path

from progress.views import (
    cohort,
    comparison,
    copies,
    criteria,
    defences,
    desk,
    fork,
    looking,
    news,
    own_data,
    preview,
    search,
    submission,
)
from progress.views import path as pages

app_name = "progress"
LEARNER = "learners/<uuid:learner>/"
urlpatterns = [
    path("", pages.home, name="home"),
    path("path/", pages.path, name="path"),
    path("welcome/", pages.welcome, name="welcome"),
    path(LEARNER, pages.learner_path, name="learner_path"),
    path(LEARNER + "curriculum/", pages.curriculum_detail, name="curriculum_detail"),
    path(LEARNER + "months/<slug:month>/", pages.month_detail, name="month_detail"),
    path(LEARNER + "months/<slug:month>/changes/", looking.month_changes, name="month_changes"),
    path(LEARNER + "months/<slug:month>/look/", looking.month_look, name="month_look"),
    path(LEARNER + "months/<slug:month>/copy/", copies.month_copy, name="month_copy"),
    path(LEARNER + "fork/", fork.fork, name="fork"),
    path(LEARNER + "copy/", copies.curriculum_copy, name="curriculum_copy"),
    path(LEARNER + "tasks/<uuid:task>/completion/", pages.completion, name="completion"),
    path(LEARNER + "tasks/<uuid:task>/note/", pages.completion_note, name="completion_note"),
    path(LEARNER + "tasks/<uuid:task>/wording/", pages.wording, name="wording"),
    path(LEARNER + "criteria/<uuid:criterion>/claim/", criteria.claim, name="claim"),
    path(LEARNER + "criteria/<uuid:criterion>/mark/", criteria.mark, name="mark"),
    path(LEARNER + "months/<slug:month>/defence/", defences.defence_new, name="defence_new"),
    path("calendar/<str:token>.ics", pages.calendar, name="calendar"),
    path("desk/", desk.desk, name="desk"),
    path("cohorts/<uuid:cohort>/", cohort.cohort_detail, name="cohort_detail"),
    path("cohorts/<uuid:cohort>/learners.csv", cohort.cohort_sheet, name="cohort_sheet"),
    path("submissions/<uuid:uuid>/", submission.submission_detail, name="submission_detail"),
    path("submissions/<uuid:uuid>/evidence/", criteria.evidence_new, name="evidence_new"),
    path("submissions/<uuid:uuid>/news/", news.news, name="news"),
    path("account/data/", own_data.own_data, name="own_data"),
    path("account/data/archive/", own_data.own_data_archive, name="own_data_archive"),
    path("submissions/<uuid:uuid>/comparison/", comparison.comparison, name="comparison"),
    path("submissions/<uuid:uuid>/finish/", submission.review_finish, name="review_finish"),
    path("search/", search.search, name="search"),
    path("documents/<uuid:document>/preview/", preview.preview, name="preview"),
]
