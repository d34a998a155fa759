"""Accounts and the log in a real browser: by keyboard, with a password that is good once."""

import re

import pytest
import uvicorn
from coding_study import make_coding_study

from syntony.app.accounts import Accounts

OWN = "a password of my own"


@pytest.fixture
def coding_study(tmp_path):
    """A study of two sessions without a film."""
    return make_coding_study(tmp_path / "study", seconds=400.0)


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


def log_in_the_first_time(page, name, given, look=lambda page: None):
    """Log in with a password that is good once, and choose one."""
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(given)
    page.keyboard.press("Enter")
    page.locator("#own:focus").wait_for()
    look(page)
    page.keyboard.type(OWN)
    page.keyboard.press("Enter")


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
    assert page.locator("#add").is_hidden()
    accessible(page)
    drawn = page.locator("#told-password").inner_text()
    press_until(page, "Log in")  # the address of the start has ended with the first account
    page.keyboard.press("Enter")
    log_in_the_first_time(page, "mira", drawn)
    page.locator("tr[data-session]").first.wait_for()
    page.goto(f"{served.base}/accounts")
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
    log_in_the_first_time(coder, "jo", given, accessible)
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


def test_the_file_that_a_browser_is_given_opens_the_study(new_page, own_study, tmp_path):
    """From a file to the app, with the cookie, although it is sent to our own pages only."""
    from queue import Queue
    from threading import Thread

    from syntony.app.serving import Address, serve

    given, data, server = Queue(), tmp_path / "launched", None

    class Server(uvicorn.Server):
        def __init__(self, config):
            nonlocal server
            super().__init__(config)
            server = self

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("uvicorn.Server", Server)
        run = Thread(
            target=serve,
            args=(own_study, Address(port=0)),
            kwargs={"data": data, "launch": given.put},
            daemon=True,
        )
        run.start()
        address = given.get(timeout=60)
        assert address.startswith("file:")
        (kept,) = data.glob("syntony-open-*.html")
        page = new_page()
        page.goto(address)
        page.locator("tr[data-session]").first.wait_for(timeout=60_000)
        assert page.evaluate("location.pathname + location.search") == "/"
        assert not kept.exists(), "the file is left after its use"
        page.reload()
        page.locator("tr[data-session]").first.wait_for(timeout=60_000)
        page.close()
        server.should_exit = True
        run.join(60)
    assert not run.is_alive()
    new_page.wrong[:] = [w for w in new_page.wrong if address not in w]


@pytest.mark.slow
def test_a_page_whose_log_in_has_ended_goes_to_the_door_and_keeps_the_codes(
    new_page, serve, coding_study, tmp_path
):
    data = tmp_path / "shared"
    held = Accounts(data)
    held.add("mira", "owner", OWN)
    served = serve(coding_study, data=data)
    page = new_page()
    page.goto(served.url)
    page.get_by_label("Name").fill("mira")
    page.get_by_label("Password", exact=True).fill(OWN)
    page.get_by_role("button", name="Log in").click()
    page.locator("tr[data-session]").first.wait_for()
    page.goto(f"{served.base}/code/d01s01")
    page.locator("#desk").wait_for(state="visible")
    page.keyboard.press("Shift+P")
    page.locator("#saved[data-state=saved]").wait_for()
    page.locator("#rows tr").wait_for()
    page.locator("#rows [data-field=comment]").press_sequentially("typed, and not sent")
    held.set_password("mira", OWN + " anew")  # ends the log-in, as half an hour of nothing does
    page.evaluate("void import('/static/using.js').then((m) => m.ask('/api/here'))")
    page.get_by_label("Password", exact=True).wait_for(timeout=60_000)
    assert "positive" not in page.content()
    page.get_by_label("Name").fill("mira")
    page.get_by_label("Password", exact=True).fill(OWN + " anew")
    page.get_by_role("button", name="Log in").click()
    page.locator("#saved[data-state=saved]").wait_for(timeout=60_000)
    assert page.url == f"{served.base}/code/d01s01"
    assert page.locator("#rows [data-field=comment]").input_value() == "typed, and not sent"
    new_page.wrong[:] = [w for w in new_page.wrong if "401" not in w]  # the browser logs them
