"""All screens and the steps that open them, for tests that check every screen."""

from playwright.sync_api import expect

from conftest import choose, rows, slow, stop_timers, tiles
from photos import NATURE


def welcome(page):
    expect(page.locator(".welcome .rules")).to_contain_text("JPEG")


def problem(page):
    page.get_by_text("Create account", exact=True).click()
    page.locator("form").get_by_role("button", name="Create account").click()
    expect(page.get_by_role("alert")).not_to_be_empty()


def developers(page):
    expect(page.get_by_text("Everything is up")).to_be_visible(timeout=30_000)


def gallery(page):
    expect(page.locator(".picture.loaded").first).to_be_visible()


def list_view(page):
    gallery(page)
    # The switch between grid and list is hidden on phones.
    page.evaluate("localStorage.setItem('multires.view', 'list')")
    page.reload()
    expect(page.locator(".list .tile").first).to_be_visible()


def chosen(page):
    gallery(page)
    page.get_by_role("checkbox").first.check()
    page.get_by_role("checkbox").nth(1).check()
    expect(page.get_by_text("2 selected")).to_be_visible()


def undo(page):
    chosen(page)
    stop_timers(page)
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.get_by_role("button", name="Undo").hover()
    return page.get_by_role("button", name="Undo").click


def empty(page):
    expect(page.get_by_text("No pictures yet")).to_be_visible()


def uploading(page):
    slow(page)
    choose(page, [*NATURE[6:9], __file__])
    expect(rows(page, "sending").first).to_be_visible()
    expect(rows(page, "failed")).to_have_count(1)


def viewer(page):
    gallery(page)
    tiles(page).first.locator(".open").click()
    expect(page.locator(".stage img.loaded")).to_be_visible()


def compare(page):
    viewer(page)
    page.get_by_role("button", name="Compare two sizes").click()
    page.get_by_label("Compare with").select_option("thumbnail")


def keys(page):
    viewer(page)
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()


def account(page):
    expect(page.get_by_text("of 1 GB")).to_be_visible()
    expect(page.locator("main [aria-busy]")).to_have_count(0)


def delete_account(page):
    account(page)
    page.get_by_role("button", name="Delete account").click()
    expect(page.get_by_role("dialog")).to_be_visible()


# name: (path, account, steps after opening the path)
SCREENS = {
    "welcome": ("/", None, welcome),
    "problem": ("/", None, problem),
    "developers": ("/developers", None, developers),
    "empty": ("/", "empty", empty),
    "gallery": ("/", "filled", gallery),
    "list": ("/", "filled", list_view),
    "chosen": ("/", "filled", chosen),
    "undo": ("/", "filled", undo),
    "uploading": ("/", "filled", uploading),
    "viewer": ("/", "filled", viewer),
    "compare": ("/", "filled", compare),
    "keys": ("/", "filled", keys),
    "account": ("/account", "filled", account),
    "delete_account": ("/account", "filled", delete_account),
}
