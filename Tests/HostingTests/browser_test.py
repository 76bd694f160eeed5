"""The page on shared hosting, in Chromium."""

from playwright.sync_api import expect, sync_playwright

from photos import NATURE
from stack import PASSWORD, eventually


def test_chosen_photos_are_uploaded_and_shown(site):
    errors = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium-headless-shell", args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = browser.new_page(base_url=site.url)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda message: (
                errors.append(message.text)
                if message.type == "error" and "Failed to load resource" not in message.text
                else None
            ),
        )
        page.goto("/")
        account = site.register().account
        page.get_by_label("Email").fill(account["email"])
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.locator("form").get_by_role("button", name="Sign in").click()
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Upload photos").click()
        chooser.value.set_files(NATURE[:2])
        expect(page.locator(".upload[data-state=done]")).to_have_count(2, timeout=60_000)
        pictures = page.locator(".tile[data-status=complete] img")
        expect(pictures).to_have_count(2)
        eventually(
            lambda: page.evaluate(
                "[...document.querySelectorAll('.tile img')].every(image => image.complete && image.naturalWidth)"
            )
        )
        page.reload()
        expect(pictures).to_have_count(2)
        browser.close()
    assert errors == []
