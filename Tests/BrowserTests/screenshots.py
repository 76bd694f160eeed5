"""Takes the README's light and dark screenshots of the page: `make screenshots`."""

import pathlib
import tempfile

from playwright.sync_api import sync_playwright

from conftest import CHROMIUM, DESKTOP, Window
from landscapes import landscapes
from photos import vips
from screens import gallery
from stack import Stack

FOLDER = pathlib.Path(__file__).parent / "screenshots"


def main():
    stack = Stack()
    account = stack.register()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        for number, photo in enumerate(landscapes(pathlib.Path(folder))):
            stack.upload(photo, account["accessToken"], fit="inside", visibility=["private", "public"][number % 3 == 0])
        browser = playwright.chromium.launch(**CHROMIUM)
        window = Window(browser, stack, account, DESKTOP, "light", reduced_motion="reduce")
        page = window.open()
        gallery(page)
        page.wait_for_function("document.querySelectorAll('.picture.loaded').length >= 8")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            shot = pathlib.Path(folder) / "gallery.png"
            page.screenshot(path=shot)
            FOLDER.mkdir(exist_ok=True)
            vips("copy", shot, f"{FOLDER}/gallery-{scheme}.webp[Q=90,smart_subsample,effort=6,strip]")
        browser.close()
    stack.close()


if __name__ == "__main__":
    main()
