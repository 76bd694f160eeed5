"""The viewer: one image, shown large."""

import pytest
from playwright.sync_api import expect

from conftest import stop_timers, tiles
from photos import NATURE, smaller, truncated


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """The first three of NATURE, scaled down, with their names. Each has different proportions."""
    folder = tmp_path_factory.mktemp("photos")
    return [smaller(photo, folder, 1300) for photo in NATURE[:3]]


@pytest.fixture
def page(window, stack, account, photos):
    for photo in photos:
        stack.upload(photo, account["accessToken"])
    page = window(account).open()
    expect(tiles(page)).to_have_count(3)
    return page


@pytest.fixture
def viewer(page):
    page.locator(".tile .open").first.click()
    expect(page.locator(".stage img.loaded")).to_be_visible()
    return page.locator(".viewer")


def test_the_keyboard_alone_opens_steps_deletes_and_closes(page):
    page.locator("body").press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.locator(".tile .open").first.focus()
    page.keyboard.press("Enter")
    heading = page.locator(".viewer h2").first
    expect(heading).to_have_text(NATURE[2].name)
    page.keyboard.press("ArrowRight")
    expect(heading).to_have_text(NATURE[1].name)
    page.keyboard.press("ArrowRight")
    expect(heading).to_have_text(NATURE[0].name)
    page.keyboard.press("ArrowLeft")
    expect(heading).to_have_text(NATURE[1].name)
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Delete")
    expect(heading).to_have_text(NATURE[0].name)
    page.keyboard.press("Escape")
    expect(page.locator(".viewer")).to_have_count(0)
    expect(page.locator(".tile .open").nth(1)).to_be_focused()
    assert page.evaluate("location.pathname") == "/"


def test_back_closes_and_an_address_opens(page, viewer):
    address = page.url
    page.go_back()
    expect(viewer).to_have_count(0)
    page.goto(address)
    expect(page.locator(".viewer .stage img.loaded")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".viewer")).to_have_count(0)


def test_each_size_shows_its_pixels_bytes_and_format(viewer):
    sizes = viewer.locator(".sizes .size").all_inner_texts()
    assert len(sizes) == 5
    assert "150 × 150" in sizes[0] and "480 × 480" in sizes[1]
    assert all("kB" in size or "MB" in size for size in sizes) and all("JPEG" in size for size in sizes)


def test_actual_size_is_pixel_for_pixel_and_two_sizes_are_compared(page, viewer):
    viewer.get_by_role("button", name="Actual size").click()
    assert viewer.locator(".stage img").evaluate("image => image.clientWidth === image.naturalWidth")
    viewer.get_by_role("button", name="Compare two sizes").click()
    viewer.get_by_label("Compare with").select_option("small")
    viewer.get_by_label("Divider").press("Home")
    assert viewer.locator(".frame").evaluate("frame => frame.style.getPropertyValue('--split')") == "0%"
    expect(viewer.get_by_text("Right: Small")).to_be_visible()


def test_name_and_alternative_text_are_stored_and_copied(page, viewer):
    viewer.get_by_label("Name").fill('Morning "dew".jpg')
    viewer.get_by_label("Alternative text").fill('A <drop> & "light"')
    viewer.get_by_role("button", name="Save").click()
    expect(viewer.get_by_text("Saved")).to_be_visible()
    viewer.get_by_label("Copy as").select_option("img")
    assert 'alt="A &lt;drop&gt; &amp; &quot;light&quot;"' in viewer.get_by_label("Text to copy").input_value()
    page.reload()
    expect(page.locator(".viewer").get_by_label("Name")).to_have_value('Morning "dew".jpg')


def test_the_text_of_a_private_image_shows_when_its_link_expires(viewer):
    viewer.get_by_label("Copy as").select_option("url")
    expect(viewer.get_by_text("The link expires on")).to_be_visible()
    expect(viewer.get_by_role("button", name="Make it public")).to_be_visible()


def test_the_kind_of_text_is_remembered(page, viewer):
    beginnings = {"url": "http", "img": "<img", "picture": "<picture", "markdown": "![", "curl": "curl"}
    for kind, beginning in beginnings.items():
        viewer.get_by_label("Copy as").select_option(kind)
        assert beginning in viewer.get_by_label("Text to copy").input_value()
        page.reload()
        expect(viewer.get_by_label("Copy as")).to_have_value(kind)


def test_the_text_is_copied_or_else_selected(page, viewer):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    stop_timers(page)
    viewer.get_by_role("button", name="Copy", exact=True).click()
    expect(viewer.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == viewer.get_by_label("Text to copy").input_value()
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject() }")
    viewer.get_by_role("button", name="Copied").click()
    expect(viewer.get_by_role("button", name="Press Ctrl+C")).to_be_visible()
    assert viewer.get_by_label("Text to copy").evaluate("field => field.selectionEnd > field.selectionStart")


def test_a_size_is_downloaded_with_the_name_of_the_image(page, viewer):
    viewer.get_by_role("radio", name="Medium").check()
    with page.expect_download() as download:
        viewer.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == f"{NATURE[2].stem}-medium.jpg"


def test_a_failed_image_shows_the_reason_and_can_be_retried(window, stack, account, tmp_path):
    image = stack.upload(truncated(tmp_path), account["accessToken"])
    page = window(account).open(f"/image/{image}")
    heading = page.get_by_role("heading", name="The sizes could not be created")
    expect(heading).to_be_visible()
    heading.evaluate("heading => { heading.dataset.seen = 'yes' }")
    with page.expect_response(f"**/api/images/{image}/retry") as answer:
        page.get_by_role("button", name="Try again").click()
    assert answer.value.status == 202
    # The heading that is drawn again for the response of the retry.
    expect(page.locator("h3:not([data-seen])", has_text="The sizes could not be created")).to_be_visible(timeout=60_000)


@pytest.mark.parametrize("fit", ["cover", "inside"])
def test_the_text_to_copy_is_the_same_as_the_text_of_the_service(window, stack, account, photos, fit):
    alt = 'a|b [c] (d)\\ `*_<i>!& "q" é\n\r\u2028\u0085e'
    image = stack.upload(photos[0], account["accessToken"], fit=fit, visibility="public", alt=alt)
    page = window(account).open()
    ours, theirs = page.evaluate(
        """async (id) => {
        const { api } = await import("/session/api.js");
        const { snippets, widths } = await import("/viewer/snippets.js");
        const detail = await api("GET", `/api/images/${id}`);
        const list = widths(detail);
        const largest = Object.keys(detail.sizes).find((name) => detail.sizes[name] === list.at(-1));
        return [{
            srcset: list.map(({ url, width }) => `${url} ${width}w`).join(", "),
            html: snippets.img(detail).replace(/\\n +/g, " "),
            markdown: snippets.markdown(detail, largest),
        }, detail.embed];
    }""",
        image,
    )
    assert ours == theirs
