"""Searching, selecting and deleting images in the gallery."""

import pytest
from playwright.sync_api import expect

from conftest import DESKTOP, shifts, stop_timers, tiles
from photos import numbered
from stack import PASSWORD, eventually


@pytest.fixture
def filled(stack, account, tmp_path):
    """Five photos, newest first: 004 … 000."""
    for photo in numbered(tmp_path, 5):
        stack.upload(photo, account["accessToken"], fit="inside")
    return account


@pytest.fixture
def page(window, filled):
    page = window(filled).open()
    expect(tiles(page)).to_have_count(5)
    return page


def left(stack, account):
    return [
        image["originalName"] for image in stack.request("GET", "/api/images", token=account["accessToken"])["images"]
    ]


def box(page, number):
    return page.get_by_role("checkbox", name=f"Select photo-{number:03}.jpg")


def test_images_are_shown_newest_first_and_in_their_proportions(page):
    names = page.locator(".tile .name").all_inner_texts()
    assert names == [f"photo-{number:03}.jpg" for number in (4, 3, 2, 1, 0)]

    def is_shaped(tile):
        area = tile.bounding_box()
        return area and area["height"] and abs(area["width"] / area["height"] - 4 / 3) < 0.02

    for tile in page.locator(".tile").all():
        eventually(lambda: is_shaped(tile), 15)


def test_search_filter_and_list_view(page):
    page.get_by_label("Search by name").fill("003")
    expect(tiles(page)).to_have_count(1)
    page.get_by_label("Search by name").fill("nothing like it")
    expect(page.get_by_text("No pictures found.")).to_be_visible()
    page.get_by_label("Search by name").fill("")
    expect(tiles(page)).to_have_count(5)
    page.get_by_label("Show", exact=True).select_option("failed")
    expect(page.locator(".tile")).to_have_count(0)
    page.get_by_label("Show", exact=True).select_option("complete")
    expect(tiles(page)).to_have_count(5)
    page.get_by_text("List", exact=True).click()
    expect(page.locator(".list .facts").first).to_contain_text("400 × 300")
    page.reload()
    expect(page.locator(".list .tile")).to_have_count(5)


def test_shift_click_selects_all_between(page):
    box(page, 4).click()
    box(page, 1).click(modifiers=["Shift"])
    expect(page.get_by_text("4 selected")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("4 selected")).to_be_hidden()


def test_undo_brings_deleted_images_back_and_no_request_was_sent(page, stack, filled):
    stop_timers(page)
    asked = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "DELETE" else None)
    box(page, 4).check()
    box(page, 2).check()
    page.keyboard.press("Delete")
    expect(tiles(page)).to_have_count(3)
    page.get_by_role("button", name="Undo").click()
    expect(tiles(page)).to_have_count(5)
    # A deletion that still waits would be sent when the page is closed.
    page.reload()
    expect(tiles(page)).to_have_count(5)
    assert asked == [] and len(left(stack, filled)) == 5


def test_images_are_deleted_when_the_time_for_the_undo_has_passed(page, stack, filled):
    stop_timers(page)
    box(page, 4).check()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Dismiss").click()
    eventually(lambda: len(left(stack, filled)) == 4)


def test_images_are_deleted_when_the_page_is_closed(page, stack, filled):
    box(page, 4).check()
    box(page, 3).check()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(tiles(page)).to_have_count(3)
    page.goto("about:blank")
    eventually(lambda: left(stack, filled) == ["photo-002.jpg", "photo-001.jpg", "photo-000.jpg"])


SIGN_OUTS = {
    "menu": lambda page: page.get_by_role("navigation").get_by_role("button", name="Sign out"),
    "this session": lambda page: page.get_by_role("listitem").filter(has_text="this session").get_by_role("button"),
    "all sessions": lambda page: page.get_by_role("region", name="Sessions").get_by_role("button").last,
}


@pytest.mark.parametrize("way", SIGN_OUTS)
def test_images_are_deleted_before_every_kind_of_sign_out(page, stack, filled, way):
    other = stack.request("POST", "/api/auth/login", {"email": filled["email"], "password": PASSWORD})
    stop_timers(page)
    box(page, 4).check()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(tiles(page)).to_have_count(4)
    page.get_by_role("link", name="Account").click()
    SIGN_OUTS[way](page).click()
    expect(page.get_by_label("Email")).to_be_visible()
    if way == "all sessions":
        other = stack.request("POST", "/api/auth/login", {"email": filled["email"], "password": PASSWORD})
    assert len(left(stack, {**filled, **other})) == 4


def test_selected_images_are_published_and_downloaded(page, stack, filled):
    box(page, 4).check()
    page.get_by_role("button", name="Make public").click()
    expect(page.get_by_text("The picture is public now").first).to_be_visible()
    shown = stack.request("GET", "/api/images", token=filled["accessToken"])["images"]
    assert [image["visibility"] for image in shown] == ["public"] + ["private"] * 4
    box(page, 0).check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "photo-000.jpg"


@pytest.fixture
def many(stack, account, tmp_path):
    """An account with more images than one page of the list has."""
    for photo in numbered(tmp_path, 70, width=80, height=60):
        stack.request(
            "POST",
            f"/api/images/upload?filename={photo.name}",
            photo.read_bytes(),
            account["accessToken"],
            {"Content-Type": "image/jpeg"},
        )
    eventually(
        lambda: (
            len(stack.request("GET", "/api/images?limit=200&status=complete", token=account["accessToken"])["images"])
            == 70
        ),
        90,
    )
    return account


@pytest.mark.parametrize("size", [DESKTOP, {"width": 2560, "height": 1440}], ids=["desktop", "large"])
def test_more_images_are_fetched_while_scrolling_and_nothing_shifts(window, many, size):
    """A large window needs the second page immediately."""
    page = window(many, size=size).open()
    expect(page.locator(".tile").first).to_be_visible()
    page.mouse.move(600, 600)
    eventually(lambda: page.mouse.wheel(0, 900) or page.locator(".tile").count() == 70)
    assert shifts(page) == []


def test_no_extra_page_is_fetched_when_the_width_is_reported_late(window, many):
    """A response may arrive before the browser has reported the width of the grid."""
    opened, asked = window(many), []
    opened.context.add_init_script(
        "const observer = ResizeObserver; ResizeObserver = class extends observer { observe(one) { setTimeout(() => super.observe(one), 500); } };"
    )
    opened.context.on("request", lambda request: "/api/images?" in request.url and asked.append(request.url))
    page = opened.open()
    expect(page.locator(".tile").first).to_be_visible()
    assert shifts(page) == []
    eventually(lambda: page.mouse.wheel(0, 900) or page.locator(".tile").count() == 70)
    assert len(asked) == 2


def test_images_of_another_account_are_not_shown(window, stack, filled):
    image = stack.request("GET", "/api/images", token=filled["accessToken"])["images"][0]["id"]
    page = window(stack.register()).open(f"/image/{image}")
    expect(page.get_by_text("no longer exists, or it belongs to another account")).to_be_visible()
