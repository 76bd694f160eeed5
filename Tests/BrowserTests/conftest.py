"""One service and one Chromium for all tests; an account and a window for each."""

import base64
import json
import os
import pathlib
import subprocess

import pytest
from playwright.sync_api import expect, sync_playwright

from stack import PASSWORD, PROJECT, Stack

ARTIFACTS = pathlib.Path(os.environ.get("MULTIRES_ARTIFACTS", PROJECT / "artifacts"))
OBSERVE = (pathlib.Path(__file__).parent / "observe.js").read_text()
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}

expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def stack(request):
    stack = Stack()
    yield stack
    stack.close(keep=request.session.testsfailed > 0)


@pytest.fixture
def own_stack(request):
    """`own_stack(JWT_ACCESS_EXPIRE="5s")`: a service with other settings, for this test alone."""
    made = []

    def start(**settings):
        made.append(Stack(**settings))
        return made[-1]

    yield start
    for stack in made:
        stack.close(keep=request.session.testsfailed > 0)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 64 MB, which only root may have. Named before `own_stack`, it goes after the service."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m,mode=0750", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        # Its sandbox runs neither as root nor in most containers; only our own pages are opened.
        # A container's /dev/shm may be too small for it. The shell takes half of the processor time that the
        # whole Chromium takes for the same tests.
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium-headless-shell",
            args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


class Window:
    """A browser with its own storage; `mistakes` collects what no page should do."""

    def __init__(self, browser, stack, account, size, scheme, **options):
        self.stack, self.account, self.mistakes = stack, account, []
        is_phone = size["width"] < 500
        self.context = browser.new_context(
            base_url=stack.url, viewport=size, color_scheme=scheme, is_mobile=is_phone,
            has_touch=is_phone, **options)
        self.context.on("weberror", lambda error: self.mistakes.append(str(error.error)))
        self.context.on("console", self._read)
        begin = f"beginAs({json.dumps(account)});" if account else ""
        self.context.add_init_script(OBSERVE + begin)

    def _read(self, message):
        # Chromium logs every answer that is no 2xx; those are the tests' own.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.mistakes.append(message.text)

    def open(self, path="/"):
        page = self.context.new_page()
        page.goto(path)
        expect(page.locator("main > *").first).to_be_visible()
        return page


@pytest.fixture
def window(chromium, stack):
    made = []

    def build(account=None, on=stack, size=DESKTOP, scheme="light", **options):
        made.append(Window(chromium, on, account, size, scheme, **options))
        return made[-1]

    yield build
    for one in made:
        one.context.close()
    assert [mistake for one in made for mistake in one.mistakes] == []


@pytest.fixture
def account(stack):
    return stack.register()


@pytest.fixture
def page(window, account):
    """A new account's window, signed in."""
    return window(account).open()


def choose(page, photos):
    """Through the button and the system's chooser."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload photos").click()
    chooser.value.set_files(photos)


def drop(page, photos):
    files = [[photo.name, base64.b64encode(photo.read_bytes()).decode()] for photo in photos]
    transfer = page.evaluate_handle(
        """files => files.reduce((transfer, [name, data]) => {
            const bytes = Uint8Array.from(atob(data), character => character.charCodeAt(0));
            transfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
            return transfer;
        }, new DataTransfer())""", files)
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event("body", event, {"dataTransfer": transfer})


def rows(page, state):
    return page.locator(f".upload[data-state={state}]")


def tiles(page, state="complete"):
    return page.locator(f".tile[data-status={state}]")


def sign_in(page, email, password=PASSWORD):
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.locator("form").get_by_role("button", name="Sign in").click()


def stop_the_clock(page):
    """What goes away by itself after seconds stays, from now on until the page is left. Polls and the
    renewal of tokens stand still too."""
    page.evaluate("""() => {
        const plain = window.setTimeout;
        window.setTimeout = (work, wait, ...more) => wait >= 2000 ? 0 : plain(work, wait, ...more);
    }""")


def shifts(page):
    """What moved by itself, up to what was just drawn: the browser tells of it after it has painted."""
    return page.evaluate("""() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
        setTimeout(() => done(shifts), 200))))""")


def slow(page, upload=20_000):
    """Bytes a second that leave this window, from now on; 0 is offline, -1 as fast as can be. Unless said,
    one of LARGE takes 50 s: time enough on a busy machine for what a test does in mid-upload."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def set_speed(to):
        session.send("Network.emulateNetworkConditions", {
            "offline": to == 0, "latency": 0, "downloadThroughput": -1, "uploadThroughput": to or -1})

    set_speed(upload)
    return set_speed
