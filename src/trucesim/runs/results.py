"""What is kept of many runs, and the Dataset that holds it."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trucesim.agents import KINDS
from trucesim.engine.tables import Output
from trucesim.parameters import GANGS
from trucesim.scenario.scenario import Scenario
from trucesim.version import __version__
from trucesim.world import calendar
from trucesim.world.country import Country

if TYPE_CHECKING:
    import xarray as xr

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

LARGEST_COUNT = 127
"""A municipality's homicides in a month are counted apart up to here when only quantiles are kept;
no municipality ever recorded as many."""

UNITS = {
    "missing_reports": "reports", "compliance": "1", "order_strength": "1", "members": "members",
    "in_prison": "members", "zones": "municipalities", "zone_since": "month", "beside_zone": "1",
    "zone_status": "1",
}  # fmt: skip
"""Of a Dataset's variables, where it is not homicides."""

_COMPARED = {
    "2011-01..2012-02": (24, 38),
    "2012-03..2013-04": (38, 52),
    "2015-01..2015-11": (72, 83),
    "2015-03": (74, 75),
    "2016-08": (91, 92),
}
"""Other periods of El Salvador's record, from month up to month."""


def kept_periods() -> dict[str, tuple[int, int]]:
    """Give the periods for which every run's municipal totals are always kept.

    Returns
    -------
    dict of str to (int, int)
        From month up to month. Those beyond a run's end are left out.
    """
    first, last = calendar.START.year, calendar.LAST.year
    years = {str(first + n): (12 * n, 12 * n + 12) for n in range(last - first + 1)}
    return years if first != calendar.FIRST_YEAR else years | _COMPARED


class Reduction:
    """Takes runs as they end, from any thread and in any order, and keeps what is asked for.

    Parameters
    ----------
    runs, places : int
        How many.
    detail : {'full', 'quantiles', 'none'}
        What to keep by month and municipality. Quantiles come from whole-number histograms, which
        add exactly, so that memory does not grow with the number of runs.
    days : int
        How many the outputs hold; see :func:`trucesim.world.calendar.days_for`.
    """

    def __init__(self, runs: int, places: int, detail: str, days: int = calendar.DAYS) -> None:
        months, gangs = calendar.months_in(days), len(GANGS)
        self.periods = {name: span for name, span in kept_periods().items() if span[1] <= months}
        self.detail = detail
        self.runs = runs
        self.by_kind = np.zeros((runs, months, len(KINDS)), np.int32)
        self.hidden = np.zeros((runs, months, len(KINDS)), np.int32)
        self.national = np.zeros((runs, months), np.int32)
        self.daily = np.zeros((runs, days), np.int16)
        self.missing = np.zeros((runs, months), np.int32)
        self.compliance = np.zeros((runs, months, gangs), np.float32)
        self.order_strength = np.zeros((runs, months, gangs), np.float32)
        self.members = np.zeros((runs, months, gangs), np.float32)
        self.days_of_months = np.bincount(calendar.month_of_day(days))[:, None]
        self.zones = np.zeros((runs, months), np.int16)
        self.in_prison = np.zeros((runs, months, gangs), np.int32)
        self.by_period = np.zeros((runs, len(self.periods), places), np.int32)
        self.zone_since = np.full((runs, places), -1, np.int16)
        if detail == "full":
            self.recorded = np.zeros((runs, months, places), np.uint16)
            self.zone_status = np.zeros((runs, months, places), np.bool_)
        elif detail == "quantiles":
            self.histogram = np.zeros((months, places, LARGEST_COUNT + 1), np.int32)
        self._lock = threading.Lock()

    def take(self, r: int, output: Output) -> None:
        """Take run number ``r`` of this ensemble."""
        self.by_kind[r] = output.by_kind
        self.hidden[r] = output.hidden
        self.national[r] = output.recorded.sum(1, dtype=np.int32)
        self.daily[r] = output.daily
        self.missing[r] = output.missing
        member_days = np.maximum(output.member_days, 1.0)
        self.compliance[r] = output.compliance / member_days
        self.order_strength[r] = output.ordered / member_days
        self.members[r] = output.member_days / self.days_of_months
        self.zones[r] = output.zone.sum(1)
        self.zone_since[r] = np.where(output.zone.any(0), output.zone.argmax(0), -1)
        self.in_prison[r] = output.in_prison
        for row, (first, until) in enumerate(self.periods.values()):
            self.by_period[r, row] = output.recorded[first:until].sum(0, dtype=np.int32)
        if self.detail == "full":
            self.recorded[r] = output.recorded
            self.zone_status[r] = output.zone
        elif self.detail == "quantiles":
            with self._lock:
                count_into(self.histogram, output.recorded)

    def quantiles(self) -> NDArray[np.uint16]:
        """Give the quantiles over runs, shape (quantile, month, municipality)."""
        return histogram_quantiles(self.histogram, self.runs)


def count_into(histogram: NDArray[np.int32], recorded: NDArray[np.uint16]) -> None:
    """Add a run's counts, shape (month, municipality), to histograms with counts as third axis.

    Counts beyond :data:`LARGEST_COUNT` are taken as that.
    """
    months = np.arange(recorded.shape[0])[:, None]
    places = np.arange(recorded.shape[1])[None, :]
    histogram[months, places, np.minimum(recorded, LARGEST_COUNT)] += 1


def histogram_quantiles(histogram: NDArray[np.int32], runs: int) -> NDArray[np.uint16]:
    """Give :data:`QUANTILES` over runs, shape (quantile, month, municipality)."""
    reached = np.cumsum(histogram, axis=2)
    return np.stack([(reached >= level * runs).argmax(axis=2) for level in QUANTILES]).astype(
        np.uint16
    )


def dataset(
    kept: Reduction,
    scenario: Scenario,
    country: Country,
    seed: int,
    first_run: int,
    months_lived: int = calendar.MONTHS,
) -> xr.Dataset:
    """Name the axes of what was kept; what lies after the months that were lived is left out.

    Returns
    -------
    xarray.Dataset
        ``recorded_national(run, month)``: recorded homicides; ``recorded_by_kind(run, month,
        kind)``; ``recorded_daily(run, day)``; ``hidden(run, month, kind)``: killings that were not
        recorded; ``recorded_by_period(run, period, municipality)``; ``missing_reports(run,
        month)``; ``compliance(run, month, gang)``: share of members whose clique holds to an order;
        ``order_strength(run, month, gang)``: of the order to hold fire, 0 without one;
        ``members(run, month, gang)``: at liberty, mean of the month's days;
        ``in_prison(run, month, gang)``: members; ``zones(run, month)``; ``zone_since(run,
        municipality)``: the month, counted from 0, at whose end it is a violence-free zone first,
        -1 if never; ``beside_zone(run, municipality)``: whether it is none and borders on one; and
        with full detail
        ``recorded(run, month, municipality)`` and ``zone_status``, with quantiles
        ``recorded_quantile(quantile, month, municipality)``. Killings are in homicides, by the day
        on which they happen. ``recorded`` counts those killed by security forces unless
        ``forces_in_record`` is off; ``recorded_by_kind`` always lists them.
    """
    import xarray as xr

    months, days = kept.national.shape[1], kept.daily.shape[1]
    variables = {
        "recorded_national": (("run", "month"), kept.national, "recorded homicides"),
        "recorded_by_kind": (("run", "month", "kind"), kept.by_kind, "recorded homicides by kind"),
        "hidden": (("run", "month", "kind"), kept.hidden, "killings that were not recorded"),
        "recorded_daily": (("run", "day"), kept.daily, "recorded homicides"),
        "missing_reports": (("run", "month"), kept.missing, "missing-person reports"),
        "compliance": (
            ("run", "month", "gang"),
            kept.compliance,
            "share of members at liberty whose clique holds to an order",
        ),
        "order_strength": (
            ("run", "month", "gang"),
            kept.order_strength,
            "strength of the order to hold fire, 0 without one; mean over members' days",
        ),
        "members": (("run", "month", "gang"), kept.members, "gang members at liberty"),
        "in_prison": (("run", "month", "gang"), kept.in_prison, "gang members in prison"),
        "zones": (("run", "month"), kept.zones, "violence-free zones at the month's end"),
        "recorded_by_period": (
            ("run", "period", "municipality"),
            kept.by_period,
            "recorded homicides",
        ),
        "zone_since": (
            ("run", "municipality"),
            kept.zone_since,
            "month, counted from 0, at whose end it is a violence-free zone first; -1: never",
        ),
        "beside_zone": (
            ("run", "municipality"),
            country.beside(kept.zone_since >= 0),
            "no zone, and borders on a municipality that becomes one",
        ),
    }
    coordinates = {
        "run": np.arange(first_run, first_run + kept.runs),
        "month": calendar.months(months),
        "day": calendar.dates(days),
        "municipality": list(country.codes),
        "kind": list(KINDS),
        "gang": list(GANGS),
        "period": list(kept.periods),
    }
    if kept.detail == "full":
        axes = ("run", "month", "municipality")
        variables["recorded"] = (axes, kept.recorded, "recorded homicides")
        variables["zone_status"] = (axes, kept.zone_status, "violence-free zone at month's end")
    elif kept.detail == "quantiles":
        axes = ("quantile", "month", "municipality")
        variables["recorded_quantile"] = (axes, kept.quantiles(), "recorded homicides over runs")
        coordinates["quantile"] = list(QUANTILES)
    forces = scenario.parameters.get("forces_in_record", 1.0)
    whole = xr.Dataset(
        {
            name: (axes, values, {"long_name": words, "units": UNITS.get(name, "homicides")})
            for name, (axes, values, words) in variables.items()
        },
        {
            **coordinates,
            "municipality_name": ("municipality", list(country.names)),
        },
        {
            "scenario": scenario.name,
            "title_en": scenario.title.get("en", scenario.name),
            "title_es": scenario.title.get("es", scenario.name),
            "digest": scenario.digest,
            "seed": seed,
            "runs": kept.runs,
            "version": __version__,
            "detail": kept.detail,
            "country": country.name,
            "forces_in_record": int(forces),
            "events": json.dumps(
                [{"date": e.date.isoformat(), **e.text} for e in scenario.events],
                ensure_ascii=False,
            ),
        },
    )
    if months_lived == months:
        return whole
    days_lived = int(np.searchsorted(calendar.month_of_day(days), months_lived))
    return whole.isel(
        month=slice(months_lived),
        day=slice(days_lived),
        period=[row for row, (_, end) in enumerate(kept.periods.values()) if end <= months_lived],
    )
