# Writes survreg_data.csv and survreg.csv: censored samples, and what survival::survreg makes of them.
#
#   Rscript survreg.R        (recorded with R 4.2.2, survival 3.5-3)
#
# survreg's log likelihood is that of the times themselves. Its scale is 1/k for the Weibull, sigma
# for the lognormal, and its intercept the log location of all three.
library(survival)
set.seed(20261)

samples <- list(
  list(n = 60, draw = function(n) rexp(n, 1 / 25), end = 40),
  list(n = 400, draw = function(n) rweibull(n, 0.8, 30), end = 60),
  list(n = 300, draw = function(n) rweibull(n, 2.5, 12), end = 11),
  list(n = 500, draw = function(n) rlnorm(n, log(20), 0.7), end = 45),
  list(n = 80, draw = function(n) rlnorm(n, log(60), 1.4), end = 30),
  list(n = 1000, draw = function(n) rlnorm(n, log(9), 0.3), end = 1e9),
  list(n = 12, draw = function(n) rweibull(n, 1.2, 30), end = 35)
)

data <- data.frame()
fits <- data.frame()
for (i in seq_along(samples)) {
  s <- samples[[i]]
  end <- runif(s$n, 0.2, 1) * s$end
  t <- round(s$draw(s$n), 6)
  end <- round(end, 6)
  d <- data.frame(sample = i, days = pmin(t, end), closed = as.integer(t <= end))
  data <- rbind(data, d)
  for (family in c("exponential", "weibull", "lognormal")) {
    m <- survreg(Surv(days, closed) ~ 1, data = d, dist = family,
                 control = survreg.control(rel.tolerance = 1e-13, maxiter = 200))
    shape <- switch(family, exponential = 0, weibull = 1 / m$scale, lognormal = m$scale)
    fits <- rbind(fits, data.frame(sample = i, family = family, log_likelihood = m$loglik[1],
                                   mu = unname(coef(m)[1]), shape = shape,
                                   mu_se = sqrt(vcov(m)[1, 1])))
  }
}
options(digits = 15)
write.csv(data, "survreg_data.csv", row.names = FALSE, quote = FALSE)
write.csv(fits, "survreg.csv", row.names = FALSE, quote = FALSE)
