"""Accounts and the log in a real browser: by keyboard, with a password that is good once."""

import re

import pytest

from syntony.app.accounts import Accounts

OWN = "a password of my own"


def press_until(page, name, key="Tab", most=80):
    """Go on by keyboard until the control of this name has the focus."""
    for _ in range(most):
        label = page.evaluate(
            "(document.activeElement.labels?.[0]?.innerText || document.activeElement.ariaLabel"
            " || document.activeElement.innerText || '').trim()"
        )
        if label == name:
            return
        page.keyboard.press(key)
    raise AssertionError(f"{name} is not reached by {key}")


def test_accounts_by_keyboard_from_the_first_to_a_log_in(
    new_page, serve, own_study, tmp_path, accessible
):
    data = tmp_path / "shared"
    served = serve(own_study, data=data)
    page = new_page()
    page.goto(served.url)
    page.goto(f"{served.base}/accounts")
    accessible(page)
    press_until(page, "Name")
    page.keyboard.type("mira")
    page.keyboard.press("Enter")
    page.locator("#told-title:focus").wait_for()
    assert Accounts(data).find("mira")[0].role == "owner"
    press_until(page, "Name")
    page.keyboard.type("jo")
    page.keyboard.press("Tab")
    page.keyboard.type("coder")
    page.keyboard.press("Enter")
    press_until(page, "Add")
    page.keyboard.press("Enter")
    page.locator("#told-title", has_text="jo").wait_for()
    given = page.locator("#told-password").inner_text()
    accessible(page)
    press_until(page, "Change jo", key="Shift+Tab")
    page.keyboard.press("Enter")
    page.locator("#change-title:focus").wait_for()
    accessible(page)
    press_until(page, "d02s01")
    page.keyboard.press("Space")
    press_until(page, "Save")
    page.keyboard.press("Enter")
    page.get_by_text("Saved.").wait_for()
    assert Accounts(data).find("jo")[0].sessions == ("d02s01",)
    assert "1 of 8 sessions" in page.locator("tr[data-name=jo]").inner_text()
    page.goto(f"{served.base}/audit")
    page.get_by_text(re.compile("lines, the chain is whole")).wait_for()
    assert "account=u2 sessions=d02s01" in page.locator("table").inner_text()
    accessible(page)
    coder = new_page()
    coder.goto(f"{served.base}/enter")
    coder.get_by_label("Name").fill("jo")
    coder.get_by_label("Password", exact=True).fill(given)
    coder.keyboard.press("Enter")
    coder.locator("#own:focus").wait_for()
    accessible(coder)
    coder.keyboard.type(OWN)
    coder.keyboard.press("Enter")
    coder.locator("tr[data-session]").first.wait_for()
    assert coder.locator("tr[data-session]").count() == 1
    assert coder.get_by_role("link", name="Accounts").count() == 0
    new_page.wrong[:] = [w for w in new_page.wrong if "409" not in w]  # the browser logs the 409


@pytest.mark.slow
def test_an_account_is_removed_only_when_one_is_sure(new_page, serve, own_study, tmp_path):
    data = tmp_path / "shared"
    held = Accounts(data)
    held.add("jo", "reader", OWN)
    held.add("mira", "owner", OWN)
    served = serve(own_study, data=data)
    page = new_page(390, 844)
    page.goto(served.url)
    page.get_by_label("Name").fill("mira")
    page.get_by_label("Password", exact=True).fill(OWN)
    page.get_by_role("button", name="Log in").click()
    page.locator("tr[data-session]").first.wait_for()
    page.goto(f"{served.base}/accounts")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Change jo").click()
    page.get_by_role("button", name="Remove").click()
    page.locator("#sure-no:focus").press("Enter")
    assert held.find("jo")
    page.get_by_role("button", name="Remove").click()
    page.locator("#sure-yes").click()
    page.get_by_text("jo is removed.").wait_for()
    assert held.find("jo") is None
    page.get_by_role("button", name="Change mira").click()
    page.get_by_label("Role").first.select_option("owner")
    assert page.locator("tbody tr").count() == 1
