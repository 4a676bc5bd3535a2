"""Which parameters a run takes: draws addressed by name, and what the posterior does not hold."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from spoken import in_language

from trucesim import cli, load_country, load_scenario
from trucesim.parameters import PARAMETERS, uncertain
from trucesim.runs.provenance import provenance
from trucesim.runs.sampling import (
    Draws,
    _draws,
    draw_priors,
    from_prior,
    parameters_of_runs,
    point_values,
    prior_parameters,
    records,
    shipped_draws,
    to_prior,
    to_unit,
)
from trucesim.scenario.change import set_parameters
from trucesim.studies.cases import Assumption, shipped_case
from trucesim.world.country import Country
from trucesim.world.folder import open_folder

# --- Priors -------------------------------------------------------------------------------------


def test_draws_from_the_priors_are_even_between_their_bounds() -> None:
    drawn = draw_priors(2013, 0, 4_000)
    for column, each in enumerate(uncertain()):
        assert (each.low <= drawn[:, column]).all()
        assert (drawn[:, column] <= each.high).all()
    unit = to_unit(drawn)
    assert abs(unit.mean(axis=0) - 0.5).max() < 0.02
    together = np.corrcoef(unit, rowvar=False) - np.eye(len(uncertain()))
    assert abs(together).max() < 0.08
    assert not np.isin(draw_priors(2014, 0, 50)[:, 0], drawn[:, 0]).any()


def test_the_unit_cube_and_the_priors_tell_each_other() -> None:
    unit = np.random.default_rng(1).random((50, len(uncertain())))
    np.testing.assert_allclose(to_unit(to_prior(unit)), unit, atol=1e-9)


def test_a_run_takes_the_same_draw_whichever_others_are_asked_for() -> None:
    whole = draw_priors(7, 0, 40)
    np.testing.assert_array_equal(draw_priors(7, 13, 9), whole[13:22])
    few = uncertain()[5:2:-1]
    np.testing.assert_array_equal(draw_priors(7, 13, 1, few), whole[13:14, 5:2:-1])
    assert draw_priors(7, 0, 3, []).shape == (3, 0)
    assert prior_parameters(40, 7, {"turnover": 0.1})[13:].tobytes() == (
        prior_parameters(27, 7, {"turnover": 0.1}, first_run=13).tobytes()
    )


def test_a_new_parameter_shifts_no_other_draw(request: pytest.FixtureRequest) -> None:
    country = load_country()
    names = [each.name for each in uncertain()]
    before, taken = draw_priors(7, 3, 20), parameters_of_runs(country, {}, 7, 3, 20)
    priors = prior_parameters(20, 7, {})
    new = request.getfixturevalue("one_more")
    assert [each.name for each in uncertain()] == [new, *names]
    np.testing.assert_array_equal(draw_priors(7, 3, 20)[:, 1:], before)
    for old, rows in (
        (taken, parameters_of_runs(country, {}, 7, 3, 20)), (priors, prior_parameters(20, 7, {})),
    ):  # fmt: skip
        for name in old.dtype.names or ():
            np.testing.assert_array_equal(rows[name], old[name])
        assert len(np.unique(rows[new])) == 20


def test_parts_of_a_country_take_their_part_of_a_prior(small: Country) -> None:
    whole, part = (prior_parameters(3, 1, {}, country=each) for each in (None, small))
    assert part["homicide_level"] == pytest.approx(whole["homicide_level"] * small.share)
    assert (part["turnover"] == whole["turnover"]).all()


# --- The posterior ------------------------------------------------------------------------------


def test_runs_take_draws_by_their_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    draws = Draws(("turnover",), np.array([[0.1], [0.2], [0.3]]), np.array([0.25, 0.0, 0.75]))
    monkeypatch.setattr("trucesim.runs.sampling.shipped_draws", lambda *_: draws)
    rows = parameters_of_runs(load_country(), {}, 1, 0, 2_000)
    assert set(np.unique(rows["turnover"])) == {0.1, 0.3}
    assert abs((rows["turnover"] == 0.1).mean() - 0.25) < 0.05
    # What it does not hold is drawn from the prior.
    assert (rows["branching"] == prior_parameters(2_000, 1, {})["branching"]).all()
    assert point_values()["turnover"] == 0.3
    assert set(from_prior()) == {each.name for each in uncertain()} - {"turnover"}


def test_point_values_are_medians_where_nothing_is_given() -> None:
    draws, points = shipped_draws(), point_values()
    assert list(points) == list(PARAMETERS)
    for name, values in zip(draws.names, draws.values.T, strict=True):
        assert points[name] in values
        assert draws.weights[values < points[name]].sum() <= 0.5 * draws.weights.sum()
        assert draws.weights[values <= points[name]].sum() >= 0.5 * draws.weights.sum()
    for each in PARAMETERS.values():
        if each.kind != "uncertain":
            assert points[each.name] == each.default


def test_what_is_no_longer_uncertain_is_left_out_of_a_posterior(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fixed = PARAMETERS["turnover"].model_copy(update={"kind": "fixed", "value": 0.2})
    monkeypatch.setitem(PARAMETERS, "turnover", fixed)
    draws = _draws.__wrapped__(open_folder())
    assert "turnover" not in draws.names
    assert draws.values.shape[1] == len(draws.names) == len(shipped_draws().names) - 1
    assert (draws.values[:, 0] == shipped_draws().values[:, 0]).all()


# --- What the posterior does not hold -----------------------------------------------------------


def test_a_new_parameter_is_drawn_from_its_prior(one_more: str) -> None:
    assert one_more in from_prior()
    each, country = PARAMETERS[one_more], load_country()
    rows = parameters_of_runs(country, {}, 3, 5, 10)
    assert (rows[one_more] == draw_priors(3, 5, 10, [each])[:, 0]).all()
    assert point_values()[one_more] == each.at(0.5) == pytest.approx(4.0)
    assert (parameters_of_runs(country, {}, 3, 5, 10, point=True)[one_more] == each.at(0.5)).all()
    assert (parameters_of_runs(country, {one_more: 3.0}, 3, 5, 10)[one_more] == 3.0).all()
    assert (records(np.full((2, 1), 0.3), ["turnover"])[one_more] == each.at(0.5)).all()


def test_a_country_without_a_posterior_takes_el_salvadors() -> None:
    country = load_country("guatemala")
    assert {"gang_share", "sanction"} <= set(from_prior("guatemala"))
    rows = parameters_of_runs(country, {}, 3, 0, 5)
    assert (rows["turnover"] == parameters_of_runs(load_country(), {}, 3, 0, 5)["turnover"]).all()
    assert (rows["gang_share"] == prior_parameters(5, 3, {}, country=country)["gang_share"]).all()
    assert point_values("guatemala")["turnover"] == point_values()["turnover"]


def test_what_is_drawn_from_its_prior_is_named_so(
    one_more: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from trucesim.workshop import why

    scenario = load_scenario("truce-2012")
    facts = {"country": "el_salvador", "seed": 1, "runs": 1, "detail": "none"}
    results = xr.Dataset(attrs=facts)
    assert one_more in provenance(scenario, results, 1.0)["from_prior"]
    fixed = set_parameters(scenario, {one_more: 3.0})
    assert one_more not in provenance(fixed, results, 1.0)["from_prior"]
    case = shipped_case("truce-2012")
    told = {
        name: in_language("es", why._assumption, PARAMETERS[name], case, case)["known_of"]
        for name in (one_more, "turnover")
    }
    assert "de su distribución previa" in told[one_more]
    assert "de su distribución previa" not in told["turnover"]
    for lang, words in (
        ("en", "The posterior does not hold it: runs draw it from its prior."),
        ("es", "las simulaciones lo sortean de su distribución previa."),
    ):
        for name in (one_more, "turnover"):
            assert cli.main(["describe", name, "--lang", lang]) == 0
            out = " ".join(capsys.readouterr().out.split())
            assert (words in out) == (name == one_more)
    changed = case.changed(Assumption(one_more, 3.0))
    assert any("Novelty" in line for line in changed.departures())


def test_a_run_takes_the_same_draw_of_parameters_in_every_scenario() -> None:
    country = load_country()
    plain = parameters_of_runs(country, {}, 5, 0, 30)
    changed = parameters_of_runs(country, {"turnover": 0.05}, 5, 0, 30)
    assert (changed["turnover"] == 0.05).all()
    for name in plain.dtype.names or ():
        if name != "turnover":
            np.testing.assert_array_equal(plain[name], changed[name])
    np.testing.assert_array_equal(parameters_of_runs(country, {}, 5, 20, 10), plain[20:])
    assert len(np.unique(plain)) > 10  # the shipped draws
    assert len(np.unique(parameters_of_runs(country, {}, 5, 0, 30, point=True))) == 1
