"""Every screen: without a fault that axe-core finds, without sideways scrolling, kept as a picture."""

import pathlib

import axe_playwright_python
import pytest

from conftest import ARTIFACTS, DESKTOP, PHONE
from photos import NATURE, truncated
from screens import SCREENS

AXE = (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()


@pytest.fixture(scope="module")
def accounts(stack, tmp_path_factory):
    filled, empty = stack.register(), stack.register()
    stack.upload(truncated(tmp_path_factory.mktemp("broken")), filled["accessToken"])
    for number, photo in enumerate(NATURE[:6]):
        stack.upload(
            photo, filled["accessToken"], fit=["inside", "cover"][number % 2],
            visibility=["private", "public"][number % 3 == 0])
    return {"filled": filled, "empty": empty, None: None}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("name", SCREENS)
def test_screen(window, accounts, name, size, scheme):
    address, who, go = SCREENS[name]
    # Without motion nothing is caught in the middle of one.
    page = window(accounts[who], size=size, scheme=scheme, reduced_motion="reduce").open(address)
    put_back = go(page)
    kind = "phone" if size is PHONE else "desktop"
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"{name}-{kind}-{scheme}.png")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "scrolls sideways"
    page.evaluate(AXE)
    found = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})")
    assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found["violations"]] == []
    if put_back:
        put_back()


@pytest.mark.parametrize("name", ["welcome", "gallery", "viewer", "account", "developers"])
@pytest.mark.parametrize("width", [320, 3840])
def test_from_320_pixels_to_4k(window, accounts, name, width):
    address, who, go = SCREENS[name]
    page = window(accounts[who], size={"width": width, "height": 640 if width == 320 else 2160}).open(address)
    go(page)
    page.screenshot(path=ARTIFACTS / f"{name}-{width}.png")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("name", ["welcome", "gallery", "viewer", "account", "uploading"])
def test_right_to_left(window, accounts, name):
    address, who, go = SCREENS[name]
    page = window(accounts[who]).open(address)
    page.evaluate("document.documentElement.dir = 'rtl'")
    page.set_viewport_size({"width": 1200, "height": 800})  # the rows are laid out anew
    go(page)
    page.screenshot(path=ARTIFACTS / f"{name}-rtl.png")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for tile in page.locator(".grid .tile").all():
        area = tile.bounding_box()
        assert area["x"] >= 0 and area["x"] + area["width"] <= 1200
