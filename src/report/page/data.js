// What recoup wrote into the page. Money is in data.currency, dates are days since 1970-01-01,
// probabilities lie between 0 and 1; null stands for what does not exist.
//
// title, currency, as_of, period_start, period_end (the last day), quota, booked ...
// plans[]            the rows of `recoup compare`; best, documented: places in it
// against_first[], against_best[]   the pairs of one plan with all others: {plan: place, gain, low,
//                    high, draws_low, draws_high, differs, differs_over_draws}
// bookings_quantile  [plan][quantile]; quantile[]
// histogram          {edge[], count[plan][bin]}
// fan                {week[], q05, q25, q50, q75, q95: [plan][week]}
// cohorts, teams     {name[], mean[plan][unit], hit[plan][team]}
// reps               {name[], hit[plan][rep], median[plan][rep]}
// delays[], sensitivity[], shares[]
// records            kind -> {n, total, columns}
// What may be absent: histogram, fan, cohorts, teams, reps, delays, sensitivity, shares.

export const data = JSON.parse(document.getElementById("data").textContent);
export const { plans } = data;
export const first = plans[0];
export const best = plans[data.best];

const decoded = new Map();

function column(values) {
  return Array.isArray(values) ? values : values.at.map((place) => values.texts[place]);
}

/** The rows of one kind of record as objects. */
export function rows(kind) {
  if (!decoded.has(kind)) {
    const { n, columns } = data.records[kind];
    const list = Array.from({ length: n }, () => ({}));
    for (const [name, values] of Object.entries(columns))
      column(values).forEach((value, i) => {
        list[i][name] = value;
      });
    decoded.set(kind, list);
  }
  return decoded.get(kind);
}

/** How many rows there were before the page was cut to size. */
export const total = (kind) => data.records[kind].total;

/** The gap under the first plan: quota less expected bookings. */
export const gap = first.plan_quota - first.bookings_mean;

/** The pair of a plan with the first one; undefined for itself. */
export const againstFirst = (place) => data.against_first.find((pair) => pair.plan === place);
