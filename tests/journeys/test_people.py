"""Joining, logging in and the account in a real browser, and a school run in the admin."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import LazySettings
from django.core.cache import cache
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from people.models import Cohort, Membership, User
from tests.factories import (
    PASSWORD,
    CohortFactory,
    InvitationFactory,
    MembershipFactory,
    MonthFactory,
    UserFactory,
    mentor_of,
)

Axe = Callable[[Page], None]
Shot = Callable[[Page, str], None]
Contexts = Callable[..., BrowserContext]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
LOOKS = [(PHONE, "dark"), pytest.param(DESK, "light", marks=pytest.mark.prove)]


@pytest.fixture
def site(transactional_db: None, live_server: LiveServer, settings: LazySettings) -> str:
    """The site under a name that browsers give passkeys for, without https."""
    cache.clear()
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    return re.sub(r"//[^:/]+", "//localhost", str(live_server.url))


def log_in(page: Page, site: str, user: User) -> None:
    page.goto(f"{site}/accounts/login/")
    page.get_by_label("E-mail").or_(page.get_by_label("Email")).fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page).not_to_have_url(re.compile("/accounts/login/"))


def security_key(page: Page, verifies: bool = True) -> None:
    """A device that answers for its owner, if it `verifies`. It is gone once `axe` looks at the page: the end of any
    debugger's session ends it."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": verifies,
                "isUserVerified": verifies,
                "automaticPresenceSimulation": True,
            }
        },
    )


def person(email: str = "ana@example.org", **fields: object) -> User:
    user: User = UserFactory.create(email=email, name="Ana Prior", **fields)
    user.confirm_address()
    return user


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_stranger_joins(
    site: str, new_context: Contexts, axe: Axe, shot: Shot, size: dict[str, int], scheme: str
) -> None:
    cohort = CohortFactory.create(name="Spring 2027", starts=date(2027, 1, 4))
    invitation = InvitationFactory.create(
        cohort=cohort,
        email="ana@example.org",
        name="Ana",
        mentor=mentor_of(cohort, name="Tomas"),
        created_by=UserFactory.create(name="Rosa"),
    )
    page = new_context(viewport=size, color_scheme=scheme, timezone_id="Asia/Tokyo").new_page()
    page.goto(site + invitation.url)
    axe(page)
    shot(page, "join")
    page.get_by_label("Password", exact=True).fill("short")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")
    page.get_by_role("button", name="Join").click()
    expect(page.locator(".errorlist")).to_be_visible()
    axe(page)
    shot(page, "join-error")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Join").dblclick()
    expect(page).to_have_url(re.compile(r"/(path/)?$"))
    member = Membership.objects.get(user__email="ana@example.org")
    assert member.user.time_zone == "Asia/Tokyo"
    page.goto(f"{site}/join/nothing/")
    axe(page)
    shot(page, "unknown")


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_pages_of_log_in(
    site: str,
    new_context: Contexts,
    settings: LazySettings,
    axe: Axe,
    shot: Shot,
    size: dict[str, int],
    scheme: str,
) -> None:
    settings.DEMO = True
    user = person()
    page = new_context(viewport=size, color_scheme=scheme).new_page()
    for name in ("login", "signup", "password/reset", "password/reset/done", "inactive"):
        page.goto(f"{site}/accounts/{name}/")
        axe(page)
        shot(page, name.replace("/", "-"))
    page.goto(f"{site}/accounts/login/")
    page.get_by_label("E-mail").or_(page.get_by_label("Email")).fill(user.email)
    page.get_by_label("Password", exact=True).fill("not this one")
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.locator(".errorlist")).to_be_visible()
    axe(page)
    shot(page, "login-error")
    log_in(page, site, user)
    for name in (
        "account/",
        "accounts/logout/",
        "accounts/password/change/",
        "accounts/email/",
        "accounts/2fa/",
        "accounts/2fa/webauthn/",
        "accounts/reauthenticate/",
    ):
        page.goto(f"{site}/{name}")
        axe(page)
        shot(page, name.replace("/", "-"))


def test_account_offers_the_browsers_zone(site: str, new_context: Contexts) -> None:
    user = person()
    page = new_context(timezone_id="America/New_York").new_page()
    log_in(page, site, user)
    page.goto(f"{site}/account/")
    page.get_by_role("button", name="America/New_York").click()
    page.get_by_label("dark").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    user.refresh_from_db()
    assert user.time_zone == "America/New_York"


@pytest.mark.prove
def test_passkey_is_added_used_and_removed(site: str, new_context: Contexts, shot: Shot) -> None:
    user = person()
    page = new_context(viewport=DESK).new_page()
    log_in(page, site, user)
    security_key(page)
    page.goto(f"{site}/accounts/2fa/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    shot(page, "add")
    page.get_by_label("Name").fill("my laptop")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    shot(page, "codes")
    assert Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).count() == 1
    page.goto(f"{site}/accounts/logout/")
    page.get_by_role("button", name="Log out").click()

    page.goto(f"{site}/accounts/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page).not_to_have_url(re.compile("/accounts/login/"))
    page.goto(f"{site}/accounts/logout/")
    page.get_by_role("button", name="Log out").click()

    page.goto(f"{site}/accounts/login/")
    page.get_by_label("E-mail").or_(page.get_by_label("Email")).fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    shot(page, "second-step")
    page.get_by_role("button", name="Use a passkey or security key").click()
    expect(page).not_to_have_url(re.compile("/accounts/"))

    page.goto(f"{site}/accounts/2fa/webauthn/")
    expect(page.get_by_text("my laptop")).to_be_visible()
    shot(page, "keys")
    page.get_by_role("link", name="Remove").click()
    if page.get_by_role("button", name="Use a passkey or security key").is_visible():
        shot(page, "is-it-you")
        page.get_by_role("button", name="Use a passkey or security key").click()
    elif page.get_by_role("button", name="Confirm").is_visible():
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
    shot(page, "remove")
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("No key yet")).to_be_visible()
    assert not Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).exists()


def test_passkey_that_fails_is_told(site: str, new_context: Contexts, axe: Axe) -> None:
    user = person()
    page = new_context().new_page()
    log_in(page, site, user)
    page.goto(f"{site}/accounts/2fa/webauthn/add/")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    axe(page)
    security_key(page, verifies=False)
    page.get_by_label("Name").fill("nothing")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("could not use a passkey")).to_be_visible()
    axe(page)


def test_authenticator_app_is_set_up_and_asked_for(
    site: str, new_context: Contexts, axe: Axe, shot: Shot
) -> None:
    user = person()
    page = new_context(viewport=PHONE).new_page()
    log_in(page, site, user)
    page.goto(f"{site}/accounts/2fa/totp/activate/")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("svg.qr")).to_be_visible()
    axe(page)
    shot(page, "activate")
    secret = page.get_by_label("Without a camera").input_value()
    page.get_by_label("code", exact=False).last.fill(code(secret))
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    recovery = page.locator(".codes code").first.inner_text()
    page.goto(f"{site}/accounts/2fa/")
    axe(page)
    shot(page, "index")
    page.goto(f"{site}/accounts/logout/")
    page.get_by_role("button", name="Log out").click()
    page.goto(f"{site}/accounts/login/")
    page.get_by_label("E-mail").or_(page.get_by_label("Email")).fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    axe(page)
    shot(page, "second-step")
    page.locator("input[name=code]").fill(recovery)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page).not_to_have_url(re.compile("/accounts/"))
    page.goto(f"{site}/account/")
    expect(page.get_by_role("heading", name="Account")).to_be_visible()


def code(secret: str) -> str:
    """What the app shows now."""
    counter = next(iter(yield_hotp_counters_from_time()))
    assert get_adapter()
    return str(format_hotp_value(hotp_value(secret, counter)))


@pytest.mark.prove
def test_school_is_run_in_the_admin(site: str, new_context: Contexts, shot: Shot) -> None:
    admin = UserFactory.create(name="Rosa", is_staff=True, is_superuser=True)
    cohort = CohortFactory.create(name="Spring 2027")
    MembershipFactory.create(cohort=cohort, user__name="Lena", mentor=mentor_of(cohort, name="Tomas"))
    MonthFactory.create(document__curriculum=cohort.curriculum)
    page = new_context(viewport=DESK).new_page()
    log_in(page, site, admin)
    for model in ("user", "cohort", "membership", "invitation"):
        page.goto(f"{site}/admin/people/{model}/add/")
        shot(page, f"{model}-add")
        page.goto(f"{site}/admin/people/{model}/")
        shot(page, model)
    page.goto(f"{site}/admin/people/cohort/")
    page.get_by_role("link", name="Spring 2027").click()
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator(".messagelist")).to_contain_text("changed successfully")
    shot(page, "cohort-change")
    assert Cohort.objects.get().month_starts.count() == 1
    page.get_by_role("link", name="Add people").click()
    page.get_by_label("People").fill("Ana <ana@example.org>\nnobody")
    page.get_by_role("button", name="See what would happen").click()
    shot(page, "preview")
    page.get_by_role("button", name="Invite without mail").click()
    expect(page.locator(".messagelist")).to_contain_text("1 invitation was written")
    shot(page, "invited")
    expect(page.locator("input[data-copy]")).to_have_value(re.compile(r"^http://localhost:\d+/join/.+/$"))
