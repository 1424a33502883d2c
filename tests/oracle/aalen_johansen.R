# Writes aalen_johansen_data.csv and aalen_johansen.csv: stays with two or three exits, right
# censoring and delayed entry, and the cumulative incidence of each exit by survival::survfit
# (multi-state Aalen-Johansen) and etm::etm (with its Greenwood-type variance).
#
#   Rscript aalen_johansen.R     (recorded with R 4.2.2, survival 3.5-3, etm 1.1.1)
#
# survfit's standard error is another one (the infinitesimal jackknife), so the variance is etm's.
library(survival)
library(etm)
set.seed(7)

cases <- list(
  list(n = 30, exits = 2, late = 0, digits = 3),
  list(n = 200, exits = 3, late = 0, digits = 0),    # whole days: many ties
  list(n = 150, exits = 2, late = 0.4, digits = 3),
  list(n = 400, exits = 3, late = 0.5, digits = 0)
)

data <- data.frame()
curves <- data.frame()
for (i in seq_along(cases)) {
  case <- cases[[i]]
  exit <- sample(case$exits, case$n, replace = TRUE, prob = c(0.5, 0.3, 0.2)[seq_len(case$exits)])
  t <- pmax(10^-case$digits, round(rweibull(case$n, 1.3, c(12, 25, 6)[exit]), case$digits))
  end <- pmax(10^-case$digits, round(runif(case$n, 2, 40), case$digits))
  entry <- ifelse(runif(case$n) < case$late, round(runif(case$n, 0, 15), case$digits), 0)
  d <- data.frame(sample = i, entry = entry, days = pmin(t, end), exit = ifelse(t <= end, exit, 0))
  d <- d[d$entry < d$days, ]
  data <- rbind(data, d)

  event <- factor(d$exit, levels = 0:case$exits)
  fit <- survfit(Surv(entry, days, event) ~ 1, data = d, id = seq_len(nrow(d)))
  allowed <- matrix(FALSE, case$exits + 1, case$exits + 1)
  allowed[1, -1] <- TRUE
  long <- data.frame(id = seq_len(nrow(d)), from = "0",
                     to = ifelse(d$exit == 0, "cens", as.character(d$exit)),
                     entry = d$entry, exit = d$days)
  with_variance <- etm(long, as.character(0:case$exits), allowed, "cens", s = 0)
  times <- sort(unique(d$days[d$exit > 0]))
  for (e in seq_len(case$exits)) {
    of_survfit <- summary(fit, times = times)$pstate[, e + 1]
    at <- match(times, with_variance$time)
    of_etm <- with_variance$est["0", as.character(e), at]
    stopifnot(max(abs(of_survfit - of_etm)) < 1e-12)
    name <- paste("0", e)
    curves <- rbind(curves, data.frame(sample = i, exit = e, days = times,
                                       incidence = of_survfit,
                                       variance = with_variance$cov[name, name, at]))
  }
}
options(digits = 16)
write.csv(data, "aalen_johansen_data.csv", row.names = FALSE, quote = FALSE)
write.csv(curves, "aalen_johansen.csv", row.names = FALSE, quote = FALSE)
