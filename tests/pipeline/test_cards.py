"""A card belongs to one recipe and one set of files, and to no other."""

import json

import pytest

from syntony.core.errors import FileError
from syntony.pipeline.cards import bring_card, inputs_sha256, kept_card, read_card, write_card

RECIPE = {"seed": 1, "title": "a", "signal": "eda"}
FILES = [
    {"path": "x", "sha256": "0" * 64, "bytes": 3},
    {"path": "y", "sha256": "1" * 64, "bytes": 4},
]


def test_a_card_is_brought_to_its_own_run_only(tmp_path):
    write_card(kept_card(tmp_path, RECIPE, FILES), {"rates": []})
    others = {
        "seed": (RECIPE | {"seed": 2}, FILES),
        "file": (RECIPE, [FILES[0], FILES[1] | {"sha256": "2" * 64}]),
        "name": (RECIPE, [FILES[0], FILES[1] | {"path": "z"}]),
        "fewer": (RECIPE, FILES[:1]),
    }
    for name, (recipe, files) in others.items():
        (tmp_path / name).mkdir()
        assert not bring_card(tmp_path / name, recipe, files)
        assert not (tmp_path / name / "card.json").exists()
    (tmp_path / "same").mkdir()
    assert bring_card(tmp_path / "same", RECIPE | {"title": "b"}, FILES[::-1])
    assert json.loads((tmp_path / "same" / "card.json").read_text("utf-8")) == {"rates": []}


def test_a_card_that_a_run_has_is_left_alone(tmp_path):
    write_card(kept_card(tmp_path, RECIPE, FILES), {"rates": []})
    own = write_card(tmp_path / "run" / "card.json", {"rates": [1]})
    assert bring_card(own.parent, RECIPE, FILES)
    assert read_card(own) == {"rates": [1]}


def test_sizes_do_not_matter_and_a_broken_card_is_named(tmp_path):
    assert inputs_sha256(FILES) == inputs_sha256([f | {"bytes": 0} for f in FILES])
    (tmp_path / "card.json").write_text("{", "utf-8")
    with pytest.raises(FileError, match="calibration card"):
        read_card(tmp_path / "card.json")


def test_no_number_that_json_lacks_gets_into_a_card(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_card(tmp_path / "card.json", {"rate": float("nan")})
