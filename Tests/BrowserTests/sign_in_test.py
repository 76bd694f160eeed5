"""Signing in, staying signed in, and signing out."""

import uuid

from playwright.sync_api import expect

from conftest import sign_in
from stack import PASSWORD, eventually


def test_a_new_account_is_created_and_opens_the_gallery(window):
    page = window().open()
    page.get_by_text("Create account", exact=True).click()
    page.get_by_label("Email").fill(f"{uuid.uuid4().hex[:12]}@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("form").get_by_role("button", name="Create account").click()
    expect(page.get_by_text("No pictures yet")).to_be_visible()


def test_an_error_is_shown_and_its_field_is_focused(window, account):
    page = window().open()
    sign_in(page, "nobody")
    expect(page.get_by_role("alert")).to_contain_text("name@example.org")
    expect(page.get_by_label("Email")).to_be_focused()
    sign_in(page, account["email"], "wrong horse battery")
    expect(page.get_by_role("alert")).to_have_text("The email or the password is wrong.")
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    page.get_by_text("Create account", exact=True).click()
    page.get_by_label("Password", exact=True).fill("short")
    page.locator("form").get_by_role("button", name="Create account").click()
    expect(page.get_by_role("alert")).to_contain_text("At least 8 characters")


def test_signing_in_opens_the_requested_page(window, account):
    page = window().open("/account")
    sign_in(page, account["email"])
    expect(page.get_by_role("heading", name="Account", exact=True)).to_be_visible()


def test_a_browser_sends_its_device_token_at_the_next_sign_in(window, account):
    page = window().open()
    sent = []
    page.context.on(
        "request",
        lambda request: sent.append(request.post_data_json) if request.url.endswith("/api/auth/login") else None,
    )
    sign_in(page, account["email"])
    expect(page.get_by_role("button", name="Upload photos")).to_be_visible()
    page.get_by_role("button", name="Sign out").first.click()
    kept = page.evaluate(f"localStorage.getItem('multires.device:{account['email']}')")
    assert kept
    sign_in(page, account["email"].upper())
    expect(page.get_by_role("button", name="Upload photos")).to_be_visible()
    assert [body.get("deviceToken") for body in sent] == [None, kept]


def test_signing_out_ends_the_session_in_every_tab_and_at_the_service(window, account, stack):
    browser = window(account)
    first, second = browser.open(), browser.open("/account")
    first.get_by_role("button", name="Sign out").click()
    for page in (first, second):
        expect(page.get_by_label("Email")).to_be_visible()
    assert first.evaluate("localStorage.getItem('multires.session')") is None
    eventually(lambda: is_refused(stack, account["accessToken"]))


def is_refused(stack, token):
    try:
        stack.request("GET", "/api/auth/me", token=token)
    except Exception as error:
        return "401" in str(error)


def test_two_tabs_renew_once_when_the_token_expires(window, own_stack):
    stack = own_stack(JWT_ACCESS_EXPIRE="5s")
    account = stack.register()
    browser = window(account, on=stack)
    asked = []
    browser.context.on("request", lambda request: asked.append(request) if "refresh" in request.url else None)
    pages = [browser.open(), browser.open("/account")]
    eventually(lambda: pages[0].evaluate("true") and len(asked) >= 2, 20)
    eventually(lambda: all(request.response() for request in asked))
    # Each request has the refresh token of the previous response: none was sent twice.
    assert [request.response().status for request in asked] == [200] * len(asked)
    tokens = [request.post_data_json["refreshToken"] for request in asked]
    assert len(set(tokens)) == len(tokens)
    for page in pages:
        expect(page.get_by_role("button", name="Sign out").first).to_be_visible()


def test_a_session_that_was_ended_elsewhere_leads_to_the_sign_in_form_with_a_message(window, account, stack):
    page = window(account).open("/account")
    # All sections are loaded. A request that fails later would open the sign-in form before the click.
    expect(page.locator("main [aria-busy]")).to_have_count(0)
    stack.request("POST", "/api/auth/logout-all", {}, account["accessToken"])
    page.get_by_role("link", name="Pictures").click()
    expect(page.get_by_text("Your session has ended.").first).to_be_visible()
    sign_in(page, account["email"])
    expect(page.get_by_role("button", name="Upload photos")).to_be_visible()


def test_signing_out_leaves_the_account_page(page):
    page.get_by_role("link", name="Account").click()
    page.locator("main").get_by_role("button", name="Sign out", exact=True).first.click()
    expect(page.get_by_label("Email")).to_be_visible()
    assert page.evaluate("location.pathname") == "/"
