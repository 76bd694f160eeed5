"""One service and one Chromium for all tests. Each test has its own account and browser window."""

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
# Chromium's sandbox does not work as root or in most containers, and the tests open only the project's own
# pages. A container's /dev/shm may be too small. For the same tests, the headless shell needs half of the
# processor time that the full Chromium needs.
CHROMIUM = {
    "executable_path": "/usr/bin/chromium-headless-shell",
    "args": ["--no-sandbox", "--disable-dev-shm-usage"],
}

expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def stack(request):
    stack = Stack()
    yield stack
    stack.close(keep=request.session.testsfailed > 0)


@pytest.fixture
def own_stack(request):
    """`own_stack(JWT_ACCESS_EXPIRE="5s")` starts a service with these settings for this test only."""
    made = []

    def start(**settings):
        made.append(Stack(**settings))
        return made[-1]

    yield start
    for stack in made:
        stack.close(keep=request.session.testsfailed > 0)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 64 MB; only root can mount it. A test must name it before `own_stack`, so that it is
    unmounted after the service has stopped."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m,mode=0750", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        yield browser
        browser.close()


class Window:
    """A browser context with its own storage. `errors` collects script errors and errors in the console."""

    def __init__(self, browser, stack, account, size, scheme, **options):
        self.stack, self.account, self.errors = stack, account, []
        is_phone = size["width"] < 500
        self.context = browser.new_context(
            base_url=stack.url, viewport=size, color_scheme=scheme, is_mobile=is_phone, has_touch=is_phone, **options
        )
        self.context.on("weberror", lambda error: self.errors.append(str(error.error)))
        self.context.on("console", self._read)
        begin = f"beginAs({json.dumps(account)});" if account else ""
        self.context.add_init_script(OBSERVE + begin)

    def _read(self, message):
        # Chromium logs every response that is not 2xx. The tests cause such responses on purpose.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(message.text)

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
    assert [error for one in made for error in one.errors] == []


@pytest.fixture
def account(stack):
    return stack.register()


@pytest.fixture
def page(window, account):
    """The page in a new window, signed in with a new account."""
    return window(account).open()


def choose(page, photos):
    """Uploads the photos with the button and the system's file dialog."""
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
        }, new DataTransfer())""",
        files,
    )
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


def stop_timers(page):
    """Stops all timers of 2 s or more from now on, so that notifications stay on the page. Slow polling and
    the renewal of tokens stop too."""
    page.evaluate("""() => {
        const plain = window.setTimeout;
        window.setTimeout = (work, wait, ...more) => wait >= 2000 ? 0 : plain(work, wait, ...more);
    }""")


def shifts(page):
    """The unexpected layout shifts so far. The browser reports them after it has painted."""
    return page.evaluate("""() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
        setTimeout(() => done(shifts), 200))))""")


def slow(page, upload=20_000):
    """Limits the upload speed of this page, in bytes per second; 0 is offline, -1 is no limit. With the
    default, one of LARGE takes 50 s: enough for the steps of a test during an upload, even on a busy
    machine. Returns a function that changes the limit."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def set_speed(to):
        session.send(
            "Network.emulateNetworkConditions",
            {"offline": to == 0, "latency": 0, "downloadThroughput": -1, "uploadThroughput": to or -1},
        )

    set_speed(upload)
    return set_speed
