"""trucesim as a model of the EMA Workbench, for those who explore with its tools.

    pip install 'trucesim[ema]'
    python examples/ema_workbench_adapter.py

Uncertainties are the parameters that nobody knows, between the bounds of their priors; policies are
conditions that somebody can decide, from the month after the truce on. Each experiment is one run,
with a number of its own; the workbench gives a scenario the same number under every policy, so that
policies are compared run by run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ema_workbench as ema

from trucesim import load_scenario, run
from trucesim.parameters import CONDITIONS, uncertain
from trucesim.scenario.change import set_parameters, with_settings
from trucesim.world.country import Country

FROM = "2012-04-01"
"""Levers hold from this day on."""


@dataclass(frozen=True)
class Live:
    """One experiment; a class, since processes that are spawned are handed it by its name."""

    scenario: str
    levers: tuple[str, ...]
    country: Country | None
    seed: int

    def __call__(self, run_number: int = 0, **values: Any) -> dict[str, float]:
        """Live one run under some settings."""
        settings = [f"{name}={_said(name, values.pop(name))}@{FROM}" for name in self.levers]
        changed = set_parameters(with_settings(load_scenario(self.scenario), settings), values)
        results = run(
            changed, 1, self.seed, first_run=int(run_number), country=self.country, detail="none",
            workers=1,
        )  # fmt: skip
        months = results["recorded_national"].isel(run=0)
        return {
            "recorded_2013": float(months.sel(month="2013").sum()),
            "recorded_2015": float(months.sel(month="2015").sum()),
            "compliance_2013": float(results["compliance"].sel(month="2013").mean()),
        }


def truce_model(
    scenario: str = "truce-2012",
    levers: Sequence[str] = ("funds", "repression", "conditionality", "extension_capacity"),
    country: Country | None = None,
    seed: int = 1,
) -> ema.Model:
    """Give a scenario as a model of the workbench."""
    model = ema.Model("truce", function=Live(scenario, tuple(levers), country, seed))
    model.uncertainties = [
        *(ema.RealParameter(each.name, each.low, each.high) for each in uncertain()),
        ema.IntegerParameter("run_number", 0, 999_999),
    ]
    model.levers = [_lever(name) for name in levers]
    model.outcomes = [
        ema.ScalarOutcome(name)
        for name in ("recorded_2013", "recorded_2015", "compliance_2013")
    ]  # fmt: skip
    return model


def _lever(name: str) -> Any:
    """Give a condition as the workbench's kind of lever."""
    each = CONDITIONS[name]
    if each.choices:
        return ema.CategoricalParameter(name, [str(each.show(n)) for n in range(len(each.choices))])
    kind = ema.IntegerParameter if each.whole else ema.RealParameter
    return kind(name, each.low, each.high)


def _said(name: str, value: Any) -> str:
    return str(value).lower() if CONDITIONS[name].choices else str(value)


if __name__ == "__main__":
    ema.ema_logging.log_to_stderr(ema.ema_logging.INFO)
    with ema.MultiprocessingEvaluator(truce_model()) as evaluator:
        experiments, outcomes = evaluator.perform_experiments(scenarios=20, policies=4)
    print(experiments.assign(**outcomes).groupby("policy")[list(outcomes)].mean())
