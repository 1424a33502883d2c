# Writes survreg_data.csv and survreg.csv: censored samples, and what survival::survreg makes of them.
#
#   Rscript survreg.R        (recorded with R 4.2.2, survival 3.5-3)
#
# survreg's log likelihood is that of the times themselves. Its scale is 1/k for the Weibull and the
# loglogistic, sigma for the lognormal, and its intercept the log location of all four.
library(survival)
set.seed(20261)

draws <- list(
  exponential = function(n, m, s) rexp(n, 1 / m),
  weibull = function(n, m, s) rweibull(n, 1 / s, m),
  lognormal = function(n, m, s) rlnorm(n, log(m), s),
  loglogistic = function(n, m, s) exp(rlogis(n, log(m), s)),
  gamma = function(n, m, s) rgamma(n, 1 / s, 1 / (m * s))
)
# n, location, spread, and the longest follow-up in units of the location: from 20 to 1,000 stays,
# from next to none to most of them open.
cases <- data.frame(
  n = c(20, 60, 200, 1000, 40, 300, 80),
  m = c(25, 60, 9, 20, 0.01, 12, 200),
  s = c(0.8, 1.4, 0.3, 0.7, 1.8, 0.4, 1.0),
  end = c(2, 0.6, 1e6, 3, 10, 0.9, 1.3)
)

data <- data.frame()
fits <- data.frame()
sample <- 0
for (law in names(draws)) {
  for (i in seq_len(nrow(cases))) {
    s <- cases[i, ]
    sample <- sample + 1
    end <- runif(s$n, 0.2, 1) * s$end * s$m
    t <- signif(draws[[law]](s$n, s$m, s$s), 7)
    end <- signif(end, 7)
    d <- data.frame(sample = sample, days = pmin(t, end), closed = as.integer(t <= end))
    data <- rbind(data, d)
    for (family in c("exponential", "weibull", "lognormal", "loglogistic")) {
      m <- survreg(Surv(days, closed) ~ 1, data = d, dist = family,
                   control = survreg.control(rel.tolerance = 1e-13, maxiter = 200))
      shape <- switch(family, exponential = 0, lognormal = m$scale, 1 / m$scale)
      fits <- rbind(fits, data.frame(sample = sample, family = family,
                                     log_likelihood = m$loglik[1], mu = unname(coef(m)[1]),
                                     shape = shape, mu_se = sqrt(vcov(m)[1, 1])))
    }
  }
}
options(digits = 15)
write.csv(data, "survreg_data.csv", row.names = FALSE, quote = FALSE)
write.csv(fits, "survreg.csv", row.names = FALSE, quote = FALSE)
