"""Results of recoup in Python: results.h5 as an xarray dataset, its tables as pandas, fan and
exceedance curves. Needs xarray, h5netcdf and pandas; docs/results.md says what the variables mean.

    import recoup_results
    results = recoup_results.open_results("results.h5")
    recoup_results.tables(results)["plan"]        # one line per plan
    recoup_results.fan(results, "coach")          # quantiles of bookings by week
    recoup_results.exceedance(results)            # P(bookings >= amount) by plan
"""

import numpy as np
import xarray as xr


def open_results(path):
    """The file as an xarray.Dataset; to be closed by its close() or a with statement."""
    with np.errstate(invalid="ignore"):  # dates that do not exist
        return xr.open_dataset(path, engine="h5netcdf")


def tables(results):
    """{name: DataFrame}, as `recoup export` names them: one for each set of dimensions (`plan`,
    `plan_week_quantile`), one for each kind of record (`standing`); those without rows are absent.
    Coordinates are columns."""
    sets = {}
    for name, variable in results.data_vars.items():
        if variable.dims:
            sets.setdefault(variable.dims, []).append(name)
    frames = {}
    for dims, names in sets.items():
        with np.errstate(invalid="ignore"):
            frame = results[names].to_dataframe(dim_order=list(dims)).reset_index()
        if is_record(results, dims):
            frame = frame[names].rename(columns=lambda name: name.removeprefix(dims[0] + "_"))
        else:
            frame = frame[list(dims) + names]
        frames["_".join(dims)] = frame
    return frames


def is_record(results, dims):
    """A kind of record is a dimension without coordinates, alone."""
    return len(dims) == 1 and dims[0] not in results.coords


def fan(results, plan=None):
    """Quantiles of cumulative bookings: a line per week, a column per quantile. Of the first plan
    where none is named."""
    quantiles = results["cumulative_bookings_quantile"]
    return (quantiles.isel(plan=0) if plan is None else quantiles.sel(plan=plan)).to_pandas()


def exceedance(results, plan=None):
    """P(bookings >= amount) from the histogram: a line per bin edge, a column per plan; one column
    where a plan is named."""
    counts = results["bookings_histogram"]
    counts = (counts if plan is None else counts.sel(plan=[plan])).to_pandas()
    above = counts.iloc[:, ::-1].cumsum(axis=1).iloc[:, ::-1]
    shares = above.div(above.iloc[:, 0], axis=0)
    shares.columns = results["bin_edge"].values[:-1]
    shares[results["bin_edge"].values[-1]] = 0.0
    return shares.T.rename_axis("bookings")

