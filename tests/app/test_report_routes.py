"""Routes of reports: pages under a policy of their own, downloads by name, nothing by path."""

import pytest

from syntony.app.guard import REPORT_POLICY
from syntony.app.visitors import CODER, Visitor


def test_a_page_is_served_as_it_was_written_without_scripts(client, made_run):
    answer = client.get("/report/demo/report/d01s01.html")
    assert answer.content == (made_run.path / "report" / "d01s01.html").read_bytes()
    policy = answer.headers["Content-Security-Policy"]
    assert policy == REPORT_POLICY
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_the_frame_is_sandboxed_without_scripts(client):
    page = client.get("/report/demo").text
    assert 'sandbox="allow-same-origin allow-downloads"' in page


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_tables_come_whole_and_named_for_the_run(client, made_run, ending):
    answer = client.get(f"/report/demo/tables/pairs.{ending}")
    path = made_run.path / ("pairs.parquet" if ending == "parquet" else "tables/pairs.csv")
    assert answer.content == path.read_bytes()
    assert answer.headers["Content-Disposition"] == f'attachment; filename="demo_pairs.{ending}"'


def test_figures_and_texts_are_named_for_run_and_page(client):
    figure = client.get("/report/demo/figures/d01s01.html/2.svg")
    assert figure.headers["Content-Type"].startswith("image/svg+xml")
    assert 'filename="demo_d01s01_figure-2.svg"' in figure.headers["Content-Disposition"]
    text = client.get("/report/demo/texts/methods.md")
    assert 'filename="demo_methods.md"' in text.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "path",
    [
        "/report/none",
        "/report/demo?page=../recipe.json",
        "/report/demo/report/..%2F..%2Forigin.json",
        "/report/demo/report/none.html",
        "/report/..%2F..%2Fdemo/report/index.html",
        "/report/demo/tables/none.csv",
        "/report/demo/tables/..%2Forigin.csv",
        "/report/demo/figures/index.html/999.svg",
        "/report/demo/figures/index.html/0.svg",
    ],
)
def test_what_is_not_there_is_404(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("file", "url"),
    [
        ("report/index.html", "/report/demo/report/index.html"),
        ("report/index.html", "/report/demo"),
        ("report/index.html", "/report/demo/figures/index.html/1.svg"),
        ("tables/pairs.csv", "/report/demo/tables/pairs.csv"),
        ("pairs.parquet", "/report/demo/tables/pairs.parquet"),
        ("methods.md", "/report/demo/texts/methods.md"),
    ],
)
def test_links_out_of_the_study_are_not_followed(client, own_study, tmp_path, file, url):
    there = next((own_study / "derivatives").rglob("demo")) / file
    elsewhere = tmp_path / "elsewhere"
    there.rename(elsewhere)
    there.symlink_to(elsewhere)
    answer = client.get(url)
    assert answer.status_code == 404
    assert "outside of the study" in answer.text


def test_other_kinds_of_file_are_refused(client):
    assert client.get("/report/demo/tables/pairs.json").status_code == 422
    assert client.get("/report/demo/texts/origin.json").status_code == 422


def test_without_a_run_the_page_says_so(client, own_study):
    import shutil

    assert client.get("/report", follow_redirects=False).headers["location"] == "/report/demo"
    shutil.rmtree(own_study / "derivatives")
    assert "No run of this study has a report yet." in client.get("/report").text


def test_a_coder_reads_no_report(as_visitor):
    coder = as_visitor(Visitor(name="local", role=CODER, sessions=frozenset({"d01s01"})))
    for path in ("/report/demo", "/report/demo/tables/pairs.csv", "/runs/demo", "/quality/d01s01"):
        assert coder.get(path).status_code == 403, path
