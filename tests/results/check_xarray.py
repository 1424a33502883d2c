"""The sample results in xarray, by name; usage: check_xarray.py WRITE_SAMPLE"""

import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np
import xarray

folder = tempfile.TemporaryDirectory()
path = os.path.join(folder.name, "results.h5")
subprocess.run([sys.argv[1], path], check=True)

data = xarray.open_dataset(path, engine="h5netcdf")
assert dict(data.sizes) == {
    "plan": 3, "quantile": 9, "cohort": 2, "team": 2, "rep": 3, "week": 2, "bin": 60,
    "bin_edge": 61, "draw": 2, "path": 2000, "hygiene": 2, "rule": 1, "action": 1,
}, data.sizes
assert set(data.coords) == set(data.sizes) - {"path", "hygiene", "rule", "action"}, data.coords

# Labels are texts, weeks are dates, units and names are there.
assert list(data.plan.values) == ["as is", "coach", "Rabatt-Grenze für alle"]
assert data.week.values[0] == np.datetime64("2026-11-02")
assert data.hit_probability.units == "1" and data.bookings_mean.units == "EUR"
assert all(v.attrs["long_name"] for v in data.variables.values())
assert data.attrs["filetype"] == "recoup results"
assert list(data.attrs["format_version"]) == [1, 0]
assert data.attrs["paths"] == 2000 and data.attrs["parameter_draws"] == 2
assert data.attrs["title"] == "Quarter to save" and "scenario/1" in data.attrs["scenario"]

# Every number is what it says, from the paths that the file itself holds.
paths = data.bookings.values
hit = paths >= float(data.quota)
assert np.allclose(data.hit_probability, hit.mean(axis=1), rtol=1e-14)
by_draw = hit.reshape(3, 2, 1000).mean(axis=2)
assert np.allclose(data.hit_probability_draw, by_draw, rtol=1e-14)
assert np.allclose(data.hit_probability_se,
                   np.sqrt((by_draw * (1 - by_draw) / 1000).sum(axis=1)) / 2, rtol=1e-12)
assert np.allclose(data.bookings_mean, paths.mean(axis=1), rtol=1e-13)
assert np.allclose(data.bookings_sd, paths.std(axis=1, ddof=1), rtol=1e-12)
gain = paths - paths[0]
assert np.allclose(data.bookings_gain_mean, gain.mean(axis=1), rtol=1e-10)
assert np.allclose(data.bookings_gain_se, gain.std(axis=1, ddof=1) / np.sqrt(2000), rtol=1e-10)
assert np.allclose(data.expected_shortfall, np.maximum(float(data.quota) - paths, 0).mean(axis=1))
paired = (hit.astype(int) - hit[0].astype(int)).reshape(3, 2, 1000)
assert np.allclose(data.hit_gain, paired.mean(axis=(1, 2)), atol=1e-14)
assert np.allclose(data.hit_gain_se, np.sqrt((paired.var(axis=2) / 1000).sum(axis=1)) / 2)
best = by_draw == by_draw.max(axis=0)
assert np.allclose(data.best_probability, (best / best.sum(axis=0)).mean(axis=1))
assert np.allclose(data.expected_regret, (by_draw.max(axis=0) - by_draw).mean(axis=1))
exact = np.quantile(paths, data["quantile"].values, axis=1, method="inverted_cdf").T
assert np.allclose(data.bookings_quantile, exact, rtol=2.0**-11)
assert (data.plan_quota == data.quota).all() and data.plan_quota.units == "EUR"
assert np.allclose(data.attainment_quantile, data.bookings_quantile / data.plan_quota, rtol=1e-15)
histogram = data.bookings_histogram.values
assert (histogram.sum(axis=1) == 2000).all()
assert data.bin_edge[0] <= paths.min() and data.bin_edge[-1] >= paths.max()
for p in range(3):  # a count is off by what lies within 2^-11 of an edge
    counted = np.histogram(paths[p], data.bin_edge.values)[0]
    assert np.abs(counted - histogram[p]).max() <= 4, np.abs(counted - histogram[p]).max()
assert np.isnan(data.rep_hit_probability.sel(rep="R2")).all()  # no quota
assert not np.isnan(data.rep_hit_probability.sel(rep=["R1", "R3"])).any()

# Records: a dimension for each kind, texts as they are, dates as dates, and what is missing is.
assert list(data.hygiene_deal.values) == ["D1", "日本 \"Ältester\" 🙂"]
assert data.hygiene_created.dtype == "datetime64[ns]"
assert list(data.hygiene_created.values) == [np.datetime64("2026-01-01T12:00"),
                                             np.datetime64("2026-01-02T12:00")]
assert data.hygiene_amount[0] == 1234.5 and np.isnan(data.hygiene_amount[1])
assert data.hygiene_amount.units == "EUR"
assert (data.hygiene_stage_days == np.timedelta64(10, "D")).all()  # units "days": a duration
assert data.rule_n_deals.dtype == "int32" and data.rule_n_deals[0] == -1
assert data.rule_missing[0] == "expected_close" and data.rule_meaning[0] == ""
assert np.isnat(data.action_due[0])
assert not [name for name in data.variables if name.startswith(("gap_", "finding_"))]  # no rows
assert all(data[name].dims == (name.split("_")[0],) for name in data.variables
           if name.startswith(("hygiene_", "rule_", "action_")))

# Selecting by name is what the dimensions are for.
assert data.bookings_quantile.sel(plan="coach", quantile=0.5).ndim == 0

# The dimension scales are those of the HDF5 specification; storage is packed and checked.
with h5py.File(path, "r") as file:
    scales = [d.keys() for d in file["cumulative_bookings_quantile"].dims]
    assert scales == [["plan"], ["week"], ["quantile"]], scales
    assert file["hygiene_created"].dims[0][0] == file["hygiene"]  # named as netCDF does
    for name, dataset in file.items():
        if dataset.shape and dataset.dtype.kind in "fi" and dataset.chunks:
            assert dataset.shuffle and dataset.compression == "gzip" and dataset.fletcher32, name
    assert file["bookings"].chunks
folder.cleanup()
