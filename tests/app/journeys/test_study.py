"""The study page in a real browser: first start, import, filter, accounts, both themes."""

import pytest
from app_looks import LOOKS

from syntony.app.accounts import Accounts

PASSWORD = "correct horse battery"


def recordings(folder):
    """Files of two people in two sessions, half a second of ramp and waves."""
    folder.mkdir()
    for session in ("s01", "s02"):
        for role, phase in (("patient", 0), ("therapist", 3)):
            rows = [f"{0.25 * k:.2f},{5 + 0.01 * ((k + phase) % 17):.3f}" for k in range(480)]
            text = "time_s,eda\n" + "\n".join(rows) + "\n"
            (folder / f"d01_{session}_{role}.csv").write_text(text, "utf-8")
    return sorted(folder.iterdir())


def test_the_address_opens_the_study(page, accessible):
    assert page.locator("tr[data-session]").count() == 8
    accessible(page)


def test_filter_and_sort(page):
    page.get_by_label("Filter").fill("d03s01")
    assert page.locator("tr[data-session]:visible").count() == 1
    assert page.locator("#shown").inner_text() == "1 of 8"
    page.get_by_label("Filter").fill("")
    page.get_by_role("button", name="Synchrony beside chance").click()
    page.get_by_role("button", name="Synchrony beside chance").click()
    values = [
        float(v.replace("−", "-")) for v in page.locator("#sessions .value").all_inner_texts()
    ]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) > 1
    page.get_by_label("Show", exact=True).select_option("beside=above")
    above = page.locator("tr[data-session]:visible").count()
    page.get_by_label("Show", exact=True).select_option("beside=not")
    assert above + page.locator("tr[data-session]:visible").count() == 8
    assert 0 < above < 8


def test_an_import_that_was_at_work_is_shown_again_after_a_reload(page, served):
    job = {"id": "0", "kind": "import", "title": "Importing", "state": "running", "done": 1,
           "total": 4, "elapsed_s": 2.0, "message": "", "field": "", "result": None}  # fmt: skip
    page.route("**/api/jobs", lambda route: route.fulfill(json={"jobs": [job]}))
    page.route("**/api/jobs/0", lambda route: route.fulfill(json=job))
    page.goto(served.base)
    page.get_by_text("1 of 4, 2 s").wait_for()
    page.unroute("**/api/jobs/0")
    ended = job | {"state": "failed", "message": "The disk is full."}
    page.route("**/api/jobs/0", lambda route: route.fulfill(json=ended))
    page.get_by_text("The disk is full.").wait_for()
    assert page.locator("#job").is_hidden()


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_both_widths_and_themes(new_page, served, accessible, width, theme):
    page = new_page(width, theme=theme)
    page.goto(served.url)
    assert page.locator("tr[data-session]").count() == 8
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    accessible(page)
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Light or dark").click()
    after = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert before != after
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == after
    accessible(page)


def test_from_an_empty_folder_to_sessions(new_page, serve, tmp_path, accessible):
    files = recordings(tmp_path / "recordings")
    served = serve(tmp_path / "new")
    page = new_page()
    page.goto(served.url)
    assert page.get_by_role("button", name="Make the demo study").is_visible()
    accessible(page)
    page.set_input_files("#files", [str(f) for f in files])
    pattern = page.get_by_label("Pattern of the file names")
    pattern.wait_for()
    assert pattern.input_value() == "{dyad}_{session}_{role}.csv"
    page.get_by_label("What was measured").fill("eda")
    page.get_by_label("Unit").fill("uS")
    page.get_by_label("Column of the signal").fill("eda")
    page.get_by_label("Column of times").fill("time_s")
    page.get_by_label("Roles").fill("patient, therapist")
    page.get_by_role("button", name="Show what would be done").click()
    page.locator("#plan tbody tr").first.wait_for()
    told = page.locator("#plan tbody").inner_text()
    assert "problem" in told
    assert str(tmp_path) not in told
    accessible(page)
    page.get_by_role("button", name="Import", exact=True).click()
    page.locator("#import .problem").wait_for()
    assert "problems" in page.locator("#import .problem").inner_text()
    assert not (tmp_path / "new").exists()


def test_a_dropped_folder_is_planned_and_imported(new_page, serve, tmp_path, accessible):
    files = recordings(tmp_path / "recordings")
    served = serve(tmp_path / "new")
    page = new_page(390, 844)
    page.goto(served.url)
    handle = page.evaluate_handle(
        """(files) => {
            const held = new DataTransfer();
            for (const f of files) held.items.add(new File([f.text], f.name));
            return held;
        }""",
        [{"name": f.name, "text": f.read_text("utf-8")} for f in files],
    )
    page.dispatch_event("#drop", "drop", {"dataTransfer": handle})
    page.get_by_label("What was measured").fill("eda")
    page.get_by_label("Unit").fill("uS")
    page.get_by_label("Column of the signal").fill("eda")
    page.get_by_label("Column of times").fill("time_s")
    page.get_by_label("Roles").fill("patient, therapist")
    page.get_by_label("Both recordings began at the same moment").check()
    page.get_by_role("button", name="Show what would be done").click()
    page.locator("#plan tbody tr").first.wait_for()
    assert page.locator("#plan tbody tr").count() == 2
    assert "nothing checks it" in page.locator("#plan .noticed").inner_text()
    assert not (tmp_path / "new").exists()
    accessible(page)
    page.get_by_role("button", name="Import", exact=True).click()
    page.locator("tr[data-session]").first.wait_for()
    assert page.locator("tr[data-session]").count() == 2
    assert (tmp_path / "new" / "sessions.tsv").is_file()
    accessible(page)


def test_an_account_logs_in_and_out(new_page, serve, own_study, tmp_path, accessible):
    data = tmp_path / "shared"
    Accounts(data).add("mira", "reader", PASSWORD)
    served = serve(own_study, data=data)
    page = new_page()
    page.goto(served.url)
    assert page.url.endswith("/enter")
    accessible(page)
    page.get_by_label("Name").fill("mira")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.locator("tr[data-session]").first.wait_for()
    assert not page.locator("#drop").count(), "a reader was offered an import"
    page.wait_for_load_state()  # a button of a page that is still coming does nothing
    page.get_by_role("button", name="Log off").click()
    page.wait_for_url("**/enter")
    page.goto(served.base)
    page.wait_for_url("**/enter")


def test_a_wrong_password_is_told_and_nothing_else(new_page, serve, own_study, tmp_path):
    data = tmp_path / "shared"
    Accounts(data).add("mira", "reader", PASSWORD)
    served = serve(own_study, data=data)
    page = new_page()
    page.goto(served.url)
    page.get_by_label("Name").fill("mira")
    page.get_by_label("Password").fill("something else entirely")
    page.get_by_role("button", name="Log in").click()
    assert "do not go together" in page.get_by_role("alert").inner_text()
    new_page.wrong[:] = [w for w in new_page.wrong if "401" not in w]  # the browser logs the 401


@pytest.mark.slow
def test_first_start_to_the_report_of_the_demo(new_page, serve, tmp_path, accessible):
    served = serve(tmp_path / "new")
    page = new_page()
    page.goto(served.url)
    page.get_by_role("button", name="Make the demo study").click()
    page.locator("tr[data-session]").first.wait_for(timeout=900_000)
    assert page.locator("tr[data-session]").count() == 60
    assert page.get_by_text("Simulated data").is_visible()
    runs = page.locator("#runs-title + .scroll tbody tr")
    assert runs.count() == 1
    accessible(page)
    runs.get_by_role("link").first.click()
    page.get_by_role("heading", name="Findings").wait_for()
    accessible(page)
    page.get_by_role("link", name="Open the report").click()
    report = page.frame_locator("#frame")
    report.get_by_text("the people on this page do not exist").wait_for()
    report.get_by_role("link", name="Sessions", exact=True).click()
    report.get_by_role("link", name="d01s01").first.click()
    report.get_by_role("heading", name="d01s01").first.wait_for()
    page.locator("#downloads summary").click()
    with page.expect_download() as taken:
        page.get_by_role("link", name="CSV").first.click()
    assert taken.value.suggested_filename.endswith(".csv")


@pytest.mark.slow
def test_further_sessions_are_drawn_as_they_are_reached(new_page, serve, tmp_path, accessible):
    root = tmp_path / "many"
    root.mkdir()
    sessions = [f"ses-s{k:03}" for k in range(250)]
    people = [
        f"{s}\tsub-{p}\t{r}" for s in sessions for p, r in (("P1", "first"), ("P2", "second"))
    ]
    (root / "study.toml").write_text('title = "many"\nroles = ["first", "second"]\n', "utf-8")
    (root / "participants.tsv").write_text("participant_id\nsub-P1\nsub-P2\n", "utf-8")
    (root / "sessions.tsv").write_text("\n".join(["session_id", *sessions, ""]), "utf-8")
    told = ["session_id\tparticipant_id\trole", *people, ""]
    (root / "people.tsv").write_text("\n".join(told), "utf-8")
    served = serve(root)
    page = new_page()
    page.goto(served.url)
    rows = page.locator("tr[data-session]")
    assert rows.count() == 100
    accessible(page)
    page.locator("#more").scroll_into_view_if_needed()
    rows.nth(199).wait_for()
    page.locator("#more").evaluate("(button) => button.click()")  # reaching it draws on, too
    rows.nth(249).wait_for()
    assert page.locator("#more").is_hidden()
    page.get_by_role("button", name="Session").click()
    page.get_by_role("button", name="Session").click()
    assert rows.first.get_attribute("data-session") == "s249"
    page.get_by_label("Filter").fill("s00")
    assert rows.count() == 10
    assert page.locator("#shown").inner_text() == "10 of 250"
