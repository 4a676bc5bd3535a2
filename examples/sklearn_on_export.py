"""scikit-learn on an export: what a sweep's outcome hangs on, settings and drawn parameters alike.

trucesim sweep guarantor --out results/guarantor
trucesim export results/guarantor --to csv
python examples/sklearn_on_export.py results/guarantor/export recorded_2014
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import permutation_importance


def importance(export: Path, outcome: str) -> pd.Series[float]:
    """Give how much worse an outcome is foretold where a setting or a parameter is shuffled."""
    runs = pd.read_csv(export / "runs.csv")
    drawn = pd.read_csv(export / "parameters.csv")
    settings = runs.loc[:, : runs.columns[runs.columns.get_loc(outcome) - 1]]
    known = pd.get_dummies(settings.merge(drawn, on=["point", "run"], suffixes=("", "_drawn")))
    known = known.drop(columns=["point", "run"]).astype(float)
    known = known.loc[:, known.nunique() > 1]
    forest = RandomForestRegressor(200, min_samples_leaf=5, random_state=1)
    forest.fit(known, runs[outcome])
    found = permutation_importance(forest, known, runs[outcome], n_repeats=10, random_state=1)
    return pd.Series(found.importances_mean, known.columns).sort_values(ascending=False)


if __name__ == "__main__":
    print(importance(Path(sys.argv[1]), sys.argv[2]))
