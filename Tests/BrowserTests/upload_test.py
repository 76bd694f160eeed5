"""Uploads: from files to images, also with interruptions."""

import os

import pytest
from playwright.sync_api import expect

from conftest import choose, drop, rows, slow, tiles
from photos import LARGE, NATURE, truncated
from stack import eventually


def test_three_dropped_photos_are_shown_and_one_is_used_on_another_page(page, window):
    drop(page, NATURE[:3])
    expect(rows(page, "done")).to_have_count(3, timeout=60_000)
    expect(tiles(page)).to_have_count(3)
    page.get_by_role("link", name=NATURE[1].name).first.click()
    viewer = page.locator(".viewer")
    expect(viewer.get_by_role("heading", name=NATURE[1].name)).to_be_visible()
    large = viewer.locator(".stage img").get_attribute("src")
    viewer.get_by_role("radio", name="Small").check()
    expect(viewer.locator(".stage img")).not_to_have_attribute("src", large)
    viewer.get_by_label("Copy as").select_option("img")
    viewer.get_by_role("button", name="Make it public").click()
    expect(viewer.get_by_text("The link does not expire.")).to_be_visible()
    snippet = viewer.get_by_label("Text to copy").input_value()

    blank = page.context.new_page()
    blank.set_content(snippet)
    eventually(lambda: blank.evaluate("document.images[0].complete && document.images[0].naturalWidth"))
    assert blank.evaluate("document.images.length") == 1
    blank.close()

    viewer.get_by_role("button", name="Delete").click()
    viewer.get_by_role("button", name="Close", exact=True).click()
    expect(tiles(page)).to_have_count(2)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Email")).to_be_visible()


def test_files_that_are_not_accepted_are_refused_before_they_are_sent(page, tmp_path):
    sent = []
    page.on(
        "request",
        lambda request: sent.append(request.url) if "upload" in request.url and request.method == "POST" else None,
    )
    text, empty, huge = tmp_path / "letter.txt", tmp_path / "empty.jpg", tmp_path / "huge.jpg"
    text.write_text("Dear all")
    empty.touch()
    with huge.open("wb") as file:
        file.truncate(50_000_001)
    choose(page, [text, empty, huge])
    expect(rows(page, "failed")).to_have_count(3)
    panel = page.locator(".panel")
    expect(panel).to_contain_text("not a picture that Multires accepts")
    expect(panel).to_contain_text("This file is empty.")
    expect(panel).to_contain_text("the limit is 50 MB")
    assert sent == []


def test_a_failed_image_shows_the_reason_and_can_be_retried(page, tmp_path):
    choose(page, [truncated(tmp_path)])
    expect(rows(page, "failed")).to_have_count(1, timeout=60_000)
    expect(rows(page, "failed").locator(".state")).not_to_be_empty()
    page.evaluate("""() => {
        const row = document.querySelector(".upload");
        window.states = [];
        new MutationObserver(() => states.push(row.dataset.state)).observe(row, { attributeFilter: ["data-state"] });
    }""")
    page.get_by_role("button", name="Try broken.jpg again").click()
    eventually(lambda: page.evaluate("states.includes('sizing') && states.at(-1) === 'failed'"), 60)
    expect(tiles(page, "failed")).to_have_count(1)


def test_the_choices_are_remembered_and_sent(page, stack, account):
    page.get_by_text("Whole picture", exact=True).click()
    page.get_by_text("Everyone", exact=True).click()
    page.reload()
    expect(page.get_by_role("radio", name="Whole picture")).to_be_checked()
    expect(page.get_by_role("radio", name="Everyone")).to_be_checked()
    uploads_as_chosen(page, stack, account)


def test_the_choices_are_sent_when_the_browser_stores_nothing(page, stack, account):
    page.evaluate("""() => {
        const store = Storage.prototype.setItem;
        Storage.prototype.setItem = function (name, value) {
            if (/\\.(fit|visibility)$/.test(name)) throw new DOMException("refused", "QuotaExceededError");
            store.call(this, name, value);
        };
    }""")
    page.get_by_text("Whole picture", exact=True).click()
    page.get_by_text("Everyone", exact=True).click()
    uploads_as_chosen(page, stack, account)


def uploads_as_chosen(page, stack, account):
    choose(page, NATURE[:1])
    expect(rows(page, "done")).to_have_count(1, timeout=60_000)
    [image] = stack.request("GET", "/api/images", token=account["accessToken"])["images"]
    detail = stack.request("GET", f"/api/images/{image['id']}", token=account["accessToken"])
    assert (detail["fit"], detail["visibility"]) == ("inside", "public")


def sending(page):
    """Waits until a part of a photo has been sent, but not all of it."""
    bar = page.locator(".upload[data-state=sending] progress").first
    expect(bar).to_be_visible()
    eventually(lambda: 0 < bar.evaluate("bar => bar.value") < bar.evaluate("bar => bar.max"))


def test_an_upload_continues_after_the_browser_was_offline(page):
    set_speed = slow(page)
    choose(page, LARGE[:2])
    sending(page)
    set_speed(0)
    expect(page.get_by_text("You are offline.")).to_be_visible()
    set_speed(-1)
    expect(rows(page, "done")).to_have_count(2, timeout=60_000)


def refuse_once(page, wait):
    """Answers the first upload with 429 and `wait` seconds. The returned list then contains its URL."""
    refused = []

    def answer(route):
        if refused:
            return route.continue_()
        refused.append(route.request.url)
        route.fulfill(
            status=429,
            headers={"Retry-After": str(wait)},
            json={"error": "Too many.", "code": "rate_limited", "retryAfter": wait},
        )

    page.route("**/api/images/upload?*", answer)
    return refused


def test_an_upload_continues_after_the_server_was_killed(window, own_stack):
    stack = own_stack()
    page = window(stack.register(), on=stack).open()
    set_speed = slow(page)
    choose(page, LARGE[:2])
    sending(page)
    stack.kill()
    expect(page.locator(".hold")).to_contain_text("cannot be reached")
    set_speed(-1)
    stack.start()
    expect(rows(page, "done")).to_have_count(2, timeout=60_000)
    expect(tiles(page)).to_have_count(2)


def test_a_user_can_end_the_wait_with_try_now(page):
    refuse_once(page, wait=600)
    choose(page, NATURE[:1])
    expect(page.locator(".hold")).to_contain_text("The server is busy. Continuing in")
    page.get_by_role("button", name="Try now").click()
    expect(rows(page, "done")).to_have_count(1, timeout=60_000)


def test_an_upload_waits_for_retry_after_and_continues(page):
    refused = refuse_once(page, wait=2)
    choose(page, NATURE[:1])
    expect(page.locator(".hold")).to_contain_text("The server is busy. Continuing in")
    expect(rows(page, "done")).to_have_count(1, timeout=60_000)
    assert len(refused) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="NOT TESTED: filling a disk needs root, to mount a small one")
def test_photos_without_space_beside_the_accounts_other_uploads_are_sent_later(small_disk, window, own_stack):
    # The upload share of one percent of the disk is less than two of these photos.
    stack = own_stack(MULTIRES_DATA=str(small_disk), MULTIRES_DISK_RESERVE="1", MULTIRES_UPLOAD_SHARE="1")
    page = window(stack.register(), on=stack).open()
    refused, failed = [], []
    page.on(
        "response", lambda answer: refused.append(answer.headers.get("retry-after")) if answer.status == 507 else None
    )
    page.expose_function("tellFailed", lambda words: failed.append(words))
    page.evaluate("""() => new MutationObserver(() => {
        for (const row of document.querySelectorAll(".upload[data-state=failed]")) tellFailed(row.textContent);
    }).observe(document.body, { subtree: true, childList: true, attributeFilter: ["data-state"] })""")
    slow(page, 1_000_000)
    photos = [photo for photo in NATURE if 350_000 < photo.stat().st_size < 2_000_000][:5]
    choose(page, photos)
    expect(page.locator(".hold")).to_contain_text("Continuing in")
    expect(rows(page, "done")).to_have_count(len(photos), timeout=120_000)
    assert len(refused) >= 1 and set(refused) == {"5"}
    assert failed == []


def test_a_cancelled_upload_leaves_nothing(page, stack, account):
    set_speed = slow(page)
    choose(page, LARGE[:1])
    sending(page)
    with page.expect_event("requestfailed", lambda request: "/api/images/upload" in request.url):
        page.get_by_role("button", name=f"Cancel {LARGE[0].name}").click()
    expect(rows(page, "cancelled")).to_have_count(1)
    set_speed(-1)
    assert stack.request("GET", "/api/images", token=account["accessToken"])["images"] == []


def test_leaving_the_page_while_sending_shows_a_warning(page):
    slow(page)
    choose(page, LARGE[:1])
    sending(page)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto("/developers")
    assert asked == ["beforeunload"]


def test_a_duplicate_photo_is_reported_and_stored_once(page, stack, account):
    choose(page, NATURE[:1])
    expect(rows(page, "done")).to_have_count(1, timeout=60_000)
    choose(page, NATURE[:1])
    expect(page.get_by_text("You have already uploaded this")).to_be_visible()
    expect(tiles(page)).to_have_count(1)
    assert len(stack.request("GET", "/api/images", token=account["accessToken"])["images"]) == 1


def test_at_most_three_are_sent_at_once(page):
    slow(page)
    choose(page, [*LARGE, *NATURE[:3]])
    expect(rows(page, "sending")).to_have_count(3)
    expect(rows(page, "waiting")).to_have_count(3)


def test_a_pasted_photo_is_uploaded(page):
    page.evaluate("""async () => {
        const canvas = new OffscreenCanvas(320, 200);
        canvas.getContext("2d").fillRect(10, 10, 100, 100);
        const transfer = new DataTransfer();
        transfer.items.add(new File([await canvas.convertToBlob()], "pasted.png", { type: "image/png" }));
        document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
    }""")
    expect(rows(page, "done")).to_have_count(1, timeout=60_000)


def test_another_users_uploads_are_never_sent_after_signing_in_again(window, own_stack):
    stack = own_stack()
    one, other = stack.register(), stack.register()
    page = window(one, on=stack).open()
    set_speed = slow(page)
    choose(page, [*LARGE, NATURE[0]])  # three are being sent, one waits
    sending(page)
    page.evaluate(
        "session => localStorage.setItem('multires.session', JSON.stringify({...JSON.parse(localStorage.getItem('multires.session')), ...session}))",
        {key: other[key] for key in ("userId", "email", "accessToken", "refreshToken")},
    )
    page.evaluate(
        "window.dispatchEvent(new StorageEvent('storage', {key: 'multires.session', oldValue: JSON.stringify({userId: 'one'}), newValue: localStorage.getItem('multires.session')}))"
    )
    # Only dropped uploads leave the list without the user.
    expect(page.locator(".upload")).to_have_count(0)
    set_speed(-1)
    for account in (one, other):
        assert stack.request("GET", "/api/images", token=account["accessToken"])["images"] == []
