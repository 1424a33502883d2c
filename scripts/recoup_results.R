# Results of recoup in R. Needs the package ncdf4 (Debian: r-cran-ncdf4); docs/results.md says what
# the variables mean.
#
#   source("recoup_results.R")
#   results <- ncdf4::nc_open("results.h5")
#   recoup_table(results, c("plan"))            # a data frame: one line per plan
#   recoup_fan(results, "coach")                # quantiles of bookings by week
#   recoup_exceedance(results)                  # P(bookings >= amount) by plan
#   ncdf4::nc_close(results)

# The values of a dimension's coordinate variable; weeks as dates. 1, 2, ... where there is none.
recoup_coordinate <- function(results, name) {
  size <- results$dim[[name]]$len
  values <- tryCatch(ncdf4::ncvar_get(results, name), error = function(e) seq_len(size))
  if (name == "week") as.Date(values, origin = "1970-01-01") else as.vector(values)
}

# Names of a variable's dimensions in the order of docs/results.md; ncdf4 has it the other way round.
recoup_dimensions <- function(variable) {
  rev(vapply(variable$dim, function(dim) dim$name, character(1)))
}

# All variables with exactly these dimensions, with the coordinates: one line per combination, the
# last dimension fastest.
recoup_table <- function(results, dimensions) {
  coordinates <- lapply(rev(dimensions), function(name) recoup_coordinate(results, name))
  names(coordinates) <- rev(dimensions)
  table <- rev(expand.grid(coordinates, stringsAsFactors = FALSE, KEEP.OUT.ATTRS = FALSE))
  for (variable in results$var) {
    if (identical(recoup_dimensions(variable), dimensions)) {
      table[[variable$name]] <- as.vector(ncdf4::ncvar_get(results, variable$name))
    }
  }
  table
}

# Quantiles of cumulative bookings: a line per week, a column per quantile.
recoup_fan <- function(results, plan) {
  table <- recoup_table(results, c("plan", "week", "quantile"))
  table <- table[table$plan == plan, ]
  wide <- tapply(table$cumulative_bookings_quantile, list(format(table$week), table$quantile), identity)
  data.frame(week = as.Date(rownames(wide)), wide, check.names = FALSE, row.names = NULL)
}

# P(bookings >= amount): a line per bin edge, a column per plan.
recoup_exceedance <- function(results) {
  edges <- as.vector(ncdf4::ncvar_get(results, "bin_edge"))
  table <- recoup_table(results, c("plan", "bin"))
  plans <- unique(table$plan)
  shares <- lapply(plans, function(plan) {
    counts <- table$bookings_histogram[table$plan == plan]
    c(rev(cumsum(rev(counts))), 0) / sum(counts)
  })
  names(shares) <- plans
  data.frame(bookings = edges, shares, check.names = FALSE)
}
