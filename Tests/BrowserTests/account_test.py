"""The account page."""

import urllib.error

import pytest
from playwright.sync_api import expect

from conftest import sign_in
from stack import PASSWORD


@pytest.fixture
def page(window, account):
    page = window(account).open("/account")
    expect(page.get_by_text("of 1 GB")).to_be_visible()
    return page


def test_usage_is_shown_against_the_quota(page):
    expect(page.get_by_role("meter", name="Storage")).to_be_visible()
    expect(page.get_by_text("0 of 10,000")).to_be_visible()


def test_a_changed_password_keeps_this_browser_signed_in_and_works_at_the_next_sign_in(page, account):
    page.get_by_label("Current password").fill("wrong horse battery")
    page.get_by_label("New password").fill("staple battery horse")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("The current password is wrong.")).to_be_visible()
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("The password was changed.").first).to_be_visible()
    page.reload()
    expect(page.get_by_text("of 1 GB")).to_be_visible()
    page.locator("main").get_by_role("button", name="Sign out", exact=True).first.click()
    sign_in(page, account["email"], "staple battery horse")
    expect(page.get_by_role("button", name="Upload photos")).to_be_visible()


def test_a_changed_password_offers_to_revoke_the_keys_that_still_work(page, stack, account):
    keys = [
        stack.request(
            "POST", "/api/auth/keys", {"name": name, "scopes": ["read"], "expiresAt": None}, account["accessToken"]
        )["key"]
        for name in ("blog", "camera")
    ]
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password").fill("staple battery horse")
    page.get_by_role("button", name="Change password").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("listitem")).to_have_count(2)
    dialog.get_by_role("button", name="Revoke blog").click()
    expect(dialog.get_by_role("listitem")).to_have_count(1)
    assert refused(stack, keys[0]) and not refused(stack, keys[1])
    dialog.get_by_role("button", name="Keep them").click()
    section = page.get_by_role("region", name="API keys")
    expect(section.get_by_role("button", name="Revoke camera")).to_be_visible()
    expect(section.get_by_role("button", name="Revoke blog")).to_have_count(0)
    assert not refused(stack, keys[1])


def refused(stack, token):
    try:
        stack.request("GET", "/api/images", token=token)
        return False
    except urllib.error.HTTPError as error:
        assert error.code == 401
        return True


def test_sessions_are_listed_and_ended(page, stack, account):
    stack.request("POST", "/api/auth/login", {"email": account["email"], "password": PASSWORD})
    page.reload()
    section = page.get_by_role("region", name="Sessions")
    expect(section.get_by_role("listitem")).to_have_count(2)
    section.get_by_role("listitem").filter(has_not_text="this session").get_by_role("button").last.click()
    expect(section.get_by_role("listitem")).to_have_count(1)


def test_a_key_is_created_shown_once_and_revoked(page, stack):
    page.get_by_role("button", name="New API key").click()
    page.get_by_label("Name").fill("blog")
    page.get_by_role("button", name="Create key").click()
    key = page.get_by_label("The new key").input_value()
    assert key.startswith("mr_")
    assert stack.request("GET", "/api/images", token=key)["images"] == []
    page.get_by_role("button", name="I have copied it").click()
    page.reload()
    expect(page.get_by_role("listitem").filter(has_text="blog")).to_contain_text("Last used")
    page.get_by_role("button", name="Revoke blog").click()
    expect(page.get_by_text("There are no API keys.")).to_be_visible()


def test_deleting_the_account_asks_for_the_password_and_shows_a_receipt(page, stack, account):
    page.get_by_role("button", name="Delete account").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Delete everything").click()
    expect(dialog.get_by_role("alert")).to_have_text("Enter a password.")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Delete everything").click()
    expect(dialog.get_by_text("This was removed")).to_be_visible()
    expect(dialog.get_by_text(account["email"])).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(page.get_by_label("Email")).to_be_visible()
    with pytest.raises(urllib.error.HTTPError, match="401"):
        stack.request("POST", "/api/auth/login", {"email": account["email"], "password": PASSWORD})
