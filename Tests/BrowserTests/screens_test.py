"""Every screen has no violation that axe-core finds and no horizontal scrolling. Screenshots are stored."""

import pathlib
import re

import axe_playwright_python
import pytest
from playwright.sync_api import expect

from conftest import ARTIFACTS, DESKTOP, PHONE
from photos import NATURE, truncated
from screens import SCREENS

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()


@pytest.fixture(scope="module")
def accounts(stack, tmp_path_factory):
    filled, empty = stack.register(), stack.register()
    stack.upload(truncated(tmp_path_factory.mktemp("broken")), filled["accessToken"])
    for number, photo in enumerate(NATURE[:6]):
        stack.upload(
            photo,
            filled["accessToken"],
            fit=["inside", "cover"][number % 2],
            visibility=["private", "public"][number % 3 == 0],
        )
    return {"filled": filled, "empty": empty, None: None}


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("name", SCREENS)
def test_screen(window, accounts, name, size):
    address, who, go = SCREENS[name]
    # With reduced motion, no screenshot shows the middle of an animation.
    page = window(accounts[who], size=size, reduced_motion="reduce").open(address)
    put_back = go(page)
    kind = "phone" if size is PHONE else "desktop"
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    page.evaluate(AXE)
    faults = {}
    # Only the stylesheet sets the screen's colours: no script loads or draws anything for a colour scheme.
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=ARTIFACTS / f"{name}-{kind}-{scheme}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{scheme}: scrolls horizontally"
        found = page.evaluate(f"axe.run(document, {{runOnly: {RULES}}})")
        faults[scheme] = [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found["violations"]]
    assert faults == {"light": [], "dark": []}
    if put_back:
        put_back()


COLOUR_AFTER_A_CHANGE = """() => {
  const heading = document.querySelector("h1, h2, p");
  getComputedStyle(heading).color;
  heading.style.color = "rgb(1, 2, 3)";
  return getComputedStyle(heading).color;
}"""


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_no_colour_fades(window, motion):
    page = window(reduced_motion=motion).open()
    assert page.evaluate(COLOUR_AFTER_A_CHANGE) == "rgb(1, 2, 3)"


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_loaded_preview_replaces_its_placeholder(window, accounts, motion):
    page = window(accounts["filled"], reduced_motion=motion).open()
    expect(page.locator(".picture.loaded").first).to_be_visible()
    for picture in page.locator(".picture.loaded").all():
        expect(picture).not_to_have_attribute("style", re.compile("background-image"))
        expect(picture.locator("img")).to_have_css("opacity", "1")


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
    page.set_viewport_size({"width": 1200, "height": 800})  # the rows are laid out again
    go(page)
    page.screenshot(path=ARTIFACTS / f"{name}-rtl.png")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for tile in page.locator(".grid .tile").all():
        area = tile.bounding_box()
        assert area["x"] >= 0 and area["x"] + area["width"] <= 1200
