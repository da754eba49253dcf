"""A person's account, their absences as a mentor, what they are told, and joining by an invitation."""

from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people.forms import AbsenceForm, AccountForm, JoinForm
from people.letters import stopped
from people.models import Absence, Invitation, Mail, Notification, User
from people.request import Request

NOTIFICATIONS = 30
"""On one page of the list."""

page_with_form = require_http_methods(["GET", "HEAD", "POST"])
"""A page whose form is sent to its own address, so that reloading it after an error shows the page."""

STATUS = {"person": 403, "role": 409, "ended": 403}
"""How a refused invitation is answered, by the code of the refusal; a closed link is gone (410)."""


@page_with_form
def account(request: Request) -> HttpResponse:
    person = request.user
    form = AccountForm(person, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        form.instance.save(update_fields=list(form.fields))
        Mail.objects.reschedule(form.instance)
        messages.success(request, _("Your account is saved."))
        return redirect("people:account")
    feed = reverse("progress:calendar", args=[person.feed_token]) if person.has_feed else ""
    context = {"form": form, "feed": request.build_absolute_uri(feed) if feed else ""}
    return render(request, "people/account.html", context, status=422 if form.errors else 200)


@require_safe
def notifications(request: Request) -> HttpResponse:
    """What the person was told, newest first; reading the page marks nothing."""
    rows = Notification.objects.of(request.user).newest_first()
    page = Paginator(rows, NOTIFICATIONS).get_page(request.GET.get("page"))
    return render(request, "people/notifications.html", {"page": page, "here": "notifications"})


@require_POST
def reading(request: Request) -> HttpResponse:
    """Marks as read what leads to the page that the form names, or everything."""
    unread = Notification.objects.unread().filter(user=request.user)
    place = request.POST.get("page", "")
    if "\0" in place:
        raise BadRequest("no page has such an address")
    if place:
        unread = unread.filter(Q(url=place) | Q(url__startswith=f"{place}#") | Q(url__startswith=f"{place}?"))
    request.user.unread -= unread.mark_read()
    if request.htmx:
        return render(request, "people/_unread.html")
    return redirect("people:notifications")


@login_not_required
@csrf_exempt
@never_cache
@page_with_form
def mail_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ends mails of one kind by the link in each of them, with one click and without logging in (RFC 8058)."""
    try:
        person, kind = stopped(token)
    except User.DoesNotExist:
        return render(request, "people/mail_stop.html", status=404)
    if request.method == "POST":
        person.stop_mails(kind)
    context = {"person": person, "kind": kind, "is_stopped": person.mails(kind) == User.Mails.NEVER}
    return render(request, "people/mail_stop.html", context)


@require_POST
def feed(request: Request) -> HttpResponse:
    """A new address for the person's calendar, or none: the one before works no more."""
    state = request.POST.get("state")
    if state not in ("on", "off"):
        raise BadRequest("a calendar is on or off")
    before = request.user.has_feed
    request.user.renew_feed(on=state == "on")
    if before:
        said = _("The calendar has a new address; the one before works no more.")
        messages.success(request, said if state == "on" else _("The calendar's address works no more."))
    return redirect(reverse("people:account") + "#calendar")


@login_not_required
@require_POST
def opened(request: HttpRequest, token: str) -> HttpResponse:
    """The page of an invitation says that a browser shows it."""
    try:
        Invitation.objects.by_token(token).note_opening()
    except Invitation.DoesNotExist:
        raise Http404 from None
    return HttpResponse()


@page_with_form
@transaction.atomic
def absences(request: Request) -> HttpResponse:
    """When a mentor is away, and who stands in; the form announces another absence."""
    if not request.user.is_mentor:
        raise PermissionDenied
    form = AbsenceForm(request.user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        form.absence.save()
        said = _("%(name)s stands in for you: %(days)s.")
        messages.success(request, said % {"name": form.absence.stand_in, "days": form.absence.days})
        return redirect("people:absences")
    rows = Absence.objects.ahead().filter(membership__user=request.user, membership__ended_at=None)
    context = {"form": form, "absences": rows.select_related("membership__cohort", "stand_in")}
    return render(request, "people/absences.html", context, status=422 if form.errors else 200)


@require_POST
def absence_end(request: Request, uuid: UUID) -> HttpResponse:
    """The mentor is back, or does not go: the absence ends yesterday, or never was."""
    rows = Absence.objects.filter(membership__user=request.user).select_related("membership__cohort")
    absence = get_object_or_404(rows, uuid=uuid)
    absence.finish()
    messages.success(request, _("What waits for you comes to you again."))
    return redirect("people:absences")


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@page_with_form
def join(request: HttpRequest, token: str) -> HttpResponse:
    try:
        invitation = Invitation.objects.by_token(token)
    except Invitation.DoesNotExist:
        return render(request, "people/join_unknown.html", status=404)
    user = request.user if request.user.is_authenticated else None
    try:
        membership = invitation.consider(user)
        if request.method != "POST":
            form = None if user else JoinForm(invitation)
            return joining(request, invitation, form=form, membership=membership)
        return accepted(request, invitation, user) if user else joined(request, invitation)
    except ValidationError as refusal:
        context = {"invitation": invitation, "sentence": refusal.messages[0], "code": refusal.code}
        return render(
            request, "people/join_refused.html", context, status=STATUS.get(refusal.code or "", 410)
        )


def joining(
    request: HttpRequest, invitation: Invitation, status: int = 200, **context: object
) -> HttpResponse:
    """The invitation's page."""
    return render(request, "people/join.html", {"invitation": invitation, **context}, status=status)


def accepted(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponse:
    """Lets a person who is logged in join; raises ValidationError where the invitation does not."""
    membership = invitation.accept(user)
    messages.success(request, _("You are in %(cohort)s now.") % {"cohort": membership.cohort})
    return redirect(settings.LOGIN_REDIRECT_URL)


def joined(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """Lets a new person join, or one who has an account and types its password; raises as `accepted` does."""
    form = JoinForm(invitation, request.POST)
    if not form.is_valid():
        return joining(request, invitation, 422, form=form)
    email, password = form.cleaned_data["email"], form.cleaned_data["password"]
    if not form.has_account:
        try:
            with transaction.atomic():
                person = User.objects.create_user(
                    email, password, name=form.cleaned_data["name"], time_zone=form.cleaned_data["time_zone"]
                )
                person.confirm_address(verified=bool(invitation.email))
                invitation.accept(person)
        except IntegrityError:
            pass  # The other half of a double click made the account a moment ago: go on with it.
        else:
            perform_login(request, person, email=email)
            if not invitation.email:
                EmailAddress.objects.get(user=person).send_confirmation(request, signup=True)
            return accepted(request, invitation, person)
    return with_account(request, invitation, form, email, password)


def with_account(
    request: HttpRequest, invitation: Invitation, form: JoinForm, email: str, password: str
) -> HttpResponse:
    """Logs a person in with their password, rate limit and second factor included, and lets them join."""
    try:
        person = get_adapter(request).authenticate(request, email=email, password=password)
    except ValidationError as too_often:
        form.add_error(None, too_often)
        return joining(request, invitation, 422, form=form)
    if person is None:
        return joining(request, invitation, 422, form=form, has_account=True)
    answer: HttpResponse = perform_login(request, person, email=email, redirect_url=invitation.url)
    if isinstance(request.user, User) and request.user == person:
        return accepted(request, invitation, person)
    return answer
