"""A course of steps, who takes it, and what they did."""

from django.contrib.auth.models import User
from django.db import models


class Course(models.Model):
    """What a person takes."""

    name = models.CharField(max_length=200)

    class Meta:
        app_label = "yardstick"

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """A person's place in a course."""

    person = models.OneToOneField(User, models.CASCADE)
    course = models.ForeignKey(Course, models.CASCADE)

    class Meta:
        app_label = "yardstick"

    def __str__(self) -> str:
        return f"{self.person_id} in {self.course_id}"


class Step(models.Model):
    """One thing to do, in a week of the course."""

    course = models.ForeignKey(Course, models.CASCADE)
    week = models.IntegerField()
    order = models.IntegerField()
    words = models.TextField()

    class Meta:
        app_label = "yardstick"

    def __str__(self) -> str:
        return f"{self.week}.{self.order}"


class Mark(models.Model):
    """A step that a person has done."""

    person = models.ForeignKey(User, models.CASCADE)
    step = models.ForeignKey(Step, models.CASCADE)

    class Meta:
        app_label = "yardstick"
        constraints = [models.UniqueConstraint(fields=["person", "step"], name="mark_once")]

    def __str__(self) -> str:
        return f"{self.person_id}, {self.step_id}"


class Paper(models.Model):
    """What a person handed in for a step."""

    person = models.ForeignKey(User, models.CASCADE)
    step = models.ForeignKey(Step, models.CASCADE)
    file = models.CharField(max_length=200)
    sent = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "yardstick"
        indexes = [models.Index(fields=["-sent"], name="paper_newest")]

    def __str__(self) -> str:
        return self.file


class News(models.Model):
    """A line that tells a person something."""

    person = models.ForeignKey(User, models.CASCADE)
    line = models.CharField(max_length=300)
    told = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "yardstick"
        indexes = [models.Index(fields=["person", "-told"], name="news_newest")]

    def __str__(self) -> str:
        return self.line
