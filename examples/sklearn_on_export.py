"""scikit-learn on an export: which settings of a sweep its outcome hangs on.

trucesim sweep screening.toml --out results/screening
trucesim export results/screening --to csv
python examples/sklearn_on_export.py results/screening/export/runs.csv recorded_2013
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import permutation_importance


def importance(table: Path, outcome: str) -> pd.Series[float]:
    """Give how much worse an outcome is foretold where a setting is shuffled."""
    runs = pd.read_csv(table)
    settings = [name for name in runs.columns[: runs.columns.get_loc(outcome)] if name != "point"]
    known = pd.get_dummies(runs[settings]).drop(columns=["run"], errors="ignore")
    known = known.loc[:, known.nunique() > 1].astype(float)
    forest = RandomForestRegressor(200, min_samples_leaf=5, random_state=1, oob_score=True)
    forest.fit(known, runs[outcome])
    found = permutation_importance(forest, known, runs[outcome], n_repeats=10, random_state=1)
    return pd.Series(found.importances_mean, known.columns).sort_values(ascending=False)


if __name__ == "__main__":
    print(importance(Path(sys.argv[1]), sys.argv[2]))
