"""The cost of a first visit: bytes, requests and layout shifts."""

import re

import pytest
from playwright.sync_api import expect

from conftest import shifts, tiles
from photos import NATURE
from stack import PROJECT


def visit(window, account, until):
    """Opens the start page. Returns the page, the requested URLs, and the received bytes without images."""
    browser = window(account)
    page = browser.context.new_page()
    session = browser.context.new_cdp_session(page)
    session.send("Network.enable")
    kinds, sizes, asked = {}, {}, []
    session.on("Network.requestWillBeSent", lambda event: asked.append(event["request"]["url"]))
    session.on(
        "Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["response"]["mimeType"]})
    )
    # Bytes of bodies as they were received: compressed.
    session.on(
        "Network.dataReceived",
        lambda event: sizes.update({event["requestId"]: sizes.get(event["requestId"], 0) + event["encodedDataLength"]}),
    )
    page.goto("/")
    expect(until(page)).to_be_visible()
    page.wait_for_load_state("networkidle")
    weight = sum(
        size for key, size in sizes.items() if kinds.get(key, "") not in ("image/jpeg", "image/webp", "image/png")
    )
    print(f"{weight} bytes without images, {len(asked)} requests")
    return page, [url for url in asked if not url.startswith(("data:", "blob:"))], weight


@pytest.fixture(scope="module")
def account(stack):
    account = stack.register()
    for photo in NATURE[:8]:
        stack.upload(photo, account["accessToken"], fit="inside")
    return account


def test_a_first_visit_without_an_account_is_small(window, stack):
    page, asked, weight = visit(window, None, lambda page: page.locator(".welcome .rules", has_text="JPEG"))
    assert weight < 60_000, f"{weight} bytes"
    assert len(asked) <= 30, asked
    assert all(url.startswith(stack.url + "/") for url in asked), asked
    assert shifts(page) == []


def test_the_gallery_is_small_and_nothing_shifts(window, stack, account):
    page, asked, weight = visit(window, account, lambda page: tiles(page).nth(7))
    assert weight < 60_000, f"{weight} bytes"
    own = [url for url in asked if "/media/" not in url]
    assert len(own) <= 55, own
    assert all(url.startswith(stack.url + "/") for url in asked), asked
    expect(tiles(page)).to_have_count(8)
    assert shifts(page) == []


def test_every_imported_module_exists_and_is_named_from_the_root():
    """In the browser, a wrong name fails only when the module is loaded."""
    www = PROJECT / "www"
    for module in www.rglob("*.js"):
        for name in re.findall(r'(?:from|import\()\s*"([^"]+)"', module.read_text()):
            assert name.startswith("/") and (www / name[1:]).is_file(), (module, name)


def test_no_module_creates_markup_from_text():
    for module in (PROJECT / "www").rglob("*.js"):
        text = module.read_text()
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert word not in text, (module, word)
