"""The report in the app, in a real browser: its pages, and what can be taken along."""

import io
import struct
from xml.etree import ElementTree

import pyarrow.parquet as pq


def test_the_report_is_shown_and_taken_along(page, served, accessible):
    page.goto(f"{served.base}/report")
    assert page.url.endswith("/report/demo")
    frame = page.frame_locator("#frame")
    frame.get_by_text("Simulated data: the people on this page do not exist.").wait_for()
    accessible(page)
    page.locator("#downloads > summary").click()
    accessible(page)
    with page.expect_download() as found:
        page.get_by_role("link", name="CSV of table pairs", exact=True).click()
    assert found.value.suggested_filename == "demo_pairs.csv"
    csv = found.value.path().read_text("utf-8")
    with page.expect_download() as found:
        page.get_by_role("link", name="Parquet of table pairs", exact=True).click()
    rows = pq.read_table(io.BytesIO(found.value.path().read_bytes())).num_rows
    assert len(csv.splitlines()) == rows + 1


def test_a_figure_is_taken_along_as_svg_and_as_png(page, served):
    page.goto(f"{served.base}/report/demo?page=d01s01.html")
    page.locator("#downloads > summary").click()
    with page.expect_download() as found:
        page.get_by_role("link", name="SVG of figure 3", exact=True).click()
    assert found.value.suggested_filename == "demo_d01s01_figure-3.svg"
    root = ElementTree.fromstring(found.value.path().read_text("utf-8"))
    width = int(root.attrib["width"])
    with page.expect_download() as found:
        page.get_by_role("button", name="PNG of figure 3", exact=True).click()
    assert found.value.suggested_filename == "demo_d01s01_figure-3.png"
    data = found.value.path().read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">I", data[16:20])[0] == 3 * width
    assert len(data) > 10_000  # drawn, not blank


def test_a_link_in_the_report_brings_that_pages_figures(page, served):
    page.goto(f"{served.base}/report/demo")
    page.frame_locator("#frame").get_by_role("link", name="d03s01").first.click()
    page.wait_for_url("**/report/demo?page=d03s01.html")
    assert page.locator("#page").input_value() == "d03s01.html"


def test_a_report_on_its_own_page_runs_nothing_and_asks_nobody(new_page, page, served, own_study):
    path = own_study / "derivatives/syntony/demo/report/d01s01.html"
    bad = '<img src="https://example.org/x.png"><script>document.title = "ran"</script>'
    path.write_text(path.read_text("utf-8").replace("<body>", f"<body>{bad}", 1), "utf-8")
    refused = {}
    page.context.on("requestfailed", lambda r: refused.update({r.url: r.failure}))
    other = page.context.new_page()
    other.goto(f"{served.base}/report/demo/report/d01s01.html")
    assert other.title() != "ran"
    assert refused == {"https://example.org/x.png": "csp"}
    assert all("violates" in w for w in new_page.wrong), new_page.wrong  # the browser says so
    new_page.wrong.clear()
