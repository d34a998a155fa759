"""Every page held to axe-core, light and dark, and to the width of a telephone."""

import pytest

from syntony.app.accounts import Accounts

PAGES = {
    "/": "tr[data-session]",
    "/run": "#verdict:has-text('Ready')",
    "/runs": "table",
    "/runs/demo": "h2",
    "/compare": "h1",
    "/plan": "article",
    "/report": "#frame",
    "/clips": "#make",
    "/live": "#find",
    "/accounts": "#add",
    "/audit": "table",
    "/session/d01s01": "#review[data-ready=yes]",
    "/code/d01s01": "#desk:not([hidden])",
    "/rate/d01s01": "#ask:not([hidden])",
    "/quality/d01s01": "#plots:not([hidden])",
    "/no-such-page": "h1",
}
"""Address of every page to what says that it is there."""


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_no_page_has_a_finding(new_page, serve, own_study, tmp_path, accessible, theme):
    from syntony.trials.preregister import preregister

    preregister(own_study)
    Accounts(tmp_path / "served-data").add("mira", "owner", "a long enough password")
    served = serve(own_study)
    page = new_page(theme=theme)
    page.goto(served.url)
    accessible(page)
    page.get_by_label("Name").fill("mira")
    page.get_by_label("Password", exact=True).fill("a long enough password")
    page.get_by_role("button", name="Log in").click()
    page.locator("tr[data-session]").first.wait_for()
    for path, there in PAGES.items():
        page.goto(served.base + path)
        page.locator(there).first.wait_for()
        accessible(page)
    new_page.wrong[:] = [w for w in new_page.wrong if "404" not in w]  # the browser logs the 404


@pytest.mark.slow
def test_pages_fit_a_telephone(new_page, served):
    page = new_page(390, 844)
    page.goto(served.url)
    for path in PAGES:
        page.goto(served.base + path)
        page.locator("h1").first.wait_for()
        page.wait_for_timeout(400)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    new_page.wrong[:] = [w for w in new_page.wrong if "404" not in w]
