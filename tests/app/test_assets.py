"""Files of the app: fetched once, anew when one changes, the same with and without a version."""

import os
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from syntony.app.assets import ASKED_AGAIN, FOR_EVER, Assets


@pytest.fixture
def assets(tmp_path):
    shutil.copytree(str(files("syntony.app") / "static"), tmp_path / "static")
    return Assets(tmp_path / "static")


def test_a_page_names_files_that_are_kept_for_good(bare):
    text = bare.get("/enter").text
    address = bare.app.state.pages.assets.addresses()("style.css")
    assert f'"{address}"' in text
    answer = bare.get(address)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, FOR_EVER)
    assert bare.get("/static/style.css").headers["cache-control"] == ASKED_AGAIN
    assert bare.get("/static/style.css").content == answer.content


def test_what_is_not_of_now_or_not_there_is_not_kept(bare):
    old = bare.get("/static/v-000000000000/style.css")
    assert (old.status_code, old.headers["cache-control"]) == (200, ASKED_AGAIN)
    gone = bare.get(bare.app.state.pages.assets.addresses()("nothing.js"))
    assert gone.status_code == 404
    assert gone.headers["cache-control"] != FOR_EVER


@pytest.mark.parametrize("change", ["write", "add", "remove"])
def test_the_version_changes_with_any_file(assets, change):
    before, path = assets.version(), Path(assets.folder) / "run" / "form.js"
    assert assets.version() == before
    if change == "write":
        path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    elif change == "add":
        path.with_name("more.js").write_text("", "utf-8")
    else:
        os.remove(path)
    assert assets.version() != before


@pytest.mark.parametrize(
    "path",
    ["../make.py", "v-000000000000/../../make.py", "%2e%2e/make.py", "v-000000000000/..%2fa"],
)
def test_nothing_but_the_files_of_the_app_is_given(bare, path):
    assert bare.get(f"/static/{path}").status_code in {401, 404}
