"""The study page in a real browser."""


def test_the_address_opens_the_study(page, accessible):
    assert page.locator("tr[data-session]").count() == 8
    accessible(page)
