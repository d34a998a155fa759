"""A method from outside: loaded by its entry point, held to the same promises, cited."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest
from made_methods import made_method

import syntony as sy
from syntony.config import Recipe, Surrogate
from syntony.core.errors import InputError
from syntony.report.methods import bibliography, methods_paragraph, read_bib
from syntony.synchrony import registry
from syntony.testing import METHOD_CHECKS

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "plugin"


class Point:
    """An installed entry point, as ``importlib.metadata`` gives it."""

    def __init__(self, value, load=None):
        self.value, self._load = value, load

    def load(self):
        if self._load is not None:
            return self._load()
        module, name = self.value.split(":")
        return getattr(importlib.import_module(module), name)


@pytest.fixture
def install(monkeypatch):
    """Install entry points until the test ends."""
    monkeypatch.syspath_prepend(str(EXAMPLE / "src"))
    monkeypatch.setattr(registry, "_METHODS", dict(registry._METHODS))
    monkeypatch.setattr(registry, "LEFT_OUT", [])

    def points(*installed):
        monkeypatch.setattr(registry, "entry_points", lambda group: installed)
        registry._load_plugins.cache_clear()

    yield points
    registry._load_plugins.cache_clear()
    for name in [m for m in sys.modules if m.split(".")[0] == "lab_measures"]:
        del sys.modules[name]


@pytest.fixture
def example(install):
    install(Point("lab_measures.sign_agreement:ENTRY"))
    return registry.get("sign_agreement")


@pytest.mark.parametrize("check", METHOD_CHECKS, ids=lambda c: c.__name__)
def test_it_keeps_every_promise(example, check):
    check(example)


def test_it_goes_through_the_chain_and_is_cited(example):
    rng = np.random.default_rng(5)
    x, y = 5 + np.cumsum(rng.standard_normal((2, 2400)), axis=1) / 50
    recipe = Recipe(
        synchrony=({"method": "sign_agreement"},),
        surrogates=(Surrogate(name="shift_thirds", count=19),),
    )
    found = sy.analyse(x, y, rate_hz=4.0, kind="eda", unit="uS", recipe=recipe)
    assert found.rows[0]["method"] == "sign_agreement"
    assert np.isfinite(found.rows[0]["p_two"])
    settled = found.recipe.model_dump(mode="json")
    assert "[@GoodmanGrunfeld1961]" in methods_paragraph(settled, {})
    held = read_bib(bibliography(["GoodmanGrunfeld1961", "Marci2007"]))
    assert held["GoodmanGrunfeld1961"]["year"] == "1961"
    listed = next(m for m in sy.methods()["methods"] if m["name"] == "sign_agreement")
    assert listed["family"] == "From outside"
    assert listed["cost"] is None


def test_the_entry_point_of_the_package_names_the_method():
    import tomllib

    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text("utf-8"))["project"]
    points = project["entry-points"]["syntony.synchrony"]
    assert points == {"sign_agreement": "lab_measures.sign_agreement:ENTRY"}


def test_a_plugin_that_registers_by_decorator_is_taken_once(install):
    made = made_method("made_once")
    facts = {k: getattr(made, k) for k in made.__dataclass_fields__ if k != "compute"}

    def load():
        return registry.method(**facts)(made.compute)

    install(Point("lab:function", load), Point("lab:again", lambda: registry._METHODS["made_once"]))
    assert registry.get("made_once").compute is made.compute
    assert not registry.LEFT_OUT


def test_a_name_that_is_taken_is_an_error(install):
    taken = made_method("made_once")
    install(Point("one:ENTRY", lambda: taken), Point("two:ENTRY", lambda: made_method("made_once")))
    with pytest.raises(InputError, match="made_once"):
        registry.methods()


def test_what_fails_to_load_is_left_out_with_a_note(install):
    def broken():
        raise ImportError("no module named lab")

    install(Point("broken:ENTRY", broken), Point("number:ENTRY", lambda: 3))
    assert "marci" in registry.methods()
    assert [n.where for n in registry.LEFT_OUT] == ["plug-in broken:ENTRY", "plug-in number:ENTRY"]
    assert {e["name"] for e in sy.methods()["left_out"]} == {n.where for n in registry.LEFT_OUT}


def test_a_citation_without_an_entry_is_named(example):
    with pytest.raises(InputError, match="NoSuchKey"):
        bibliography(["NoSuchKey"])
