# Intervals against their definition: v, the variance of the error, and the prediction are functions
# of the covariance parameters, built from a dense V and differentiated numerically; the covariance
# matrix of these is the inverse of the numerical Hessian of the criterion.

# The error variances and the predictions of rows (X, U, codes) at (theta, log sigma).
dense_prediction <- function(model, psi, X, U, codes, noise) {
  d <- function(par) par[-length(par)]
  sigma <- function(par) exp(par[length(par)])
  list(
    variance = function(par) sigma(par)^2 * (dense_error_variance(model, psi(d(par)), X, U, codes) + noise),
    mean = function(par) {
      at <- dense_fit(model, psi(d(par)))
      parts <- lapply(seq_along(model$groups), function(f) {
        gamma <- at$gamma[[f]]
        own <- rowSums(U[, model$of == f, drop = FALSE] * t(gamma)[codes[, f], , drop = FALSE])
        replace(own, is.na(codes[, f]), 0)
      })
      drop(X %*% at$beta) + Reduce(`+`, parts)
    },
    criterion = function(par) dense_criterion(model, psi(d(par)), TRUE, sigma(par))
  )
}

# list(variance, df) of interval_errors(), by definition
dense_interval_errors <- function(dense, at, conditional) {
  B <- 2 * solve(numeric_hessian(dense$criterion, at))
  v <- dense$variance(at)
  rows <- seq_along(v)
  slopes <- function(f) vapply(rows, function(i) numeric_gradient(function(par) f(par)[i], at), at)
  V <- slopes(dense$variance)
  T <- slopes(dense$mean)
  list(variance = v + ifelse(conditional, 2 * colSums(T * (B %*% T)), 0), df = 2 * v^2 / colSums(V * (B %*% V)))
}

d <- several_factors(2, 100L)
designs <- list(
  one = list(
    fit = fit_quietly(y ~ x1 + (z2 | item), d), model = dense_model(y ~ x1, ~z2, d, group = "item"),
    psi = function(theta) psi_of(theta, "us", 2L)
  ),
  nested = list(
    fit = fit_quietly(y ~ x1 + (1 | school / class), d),
    model = dense_model(y ~ x1, list(~1, ~1), d, group = c("class:school", "school")),
    psi = function(theta) diag(theta^2)
  ),
  crossed = list(
    fit = fit_quietly(y ~ x1 + (1 | school) + (z2 | item), d),
    model = dense_model(y ~ x1, list(~1, ~z2), d, group = c("school", "item")),
    psi = function(theta) block_diagonal(list(matrix(theta[1L]^2), psi_of(theta[2:4], "us", 2L)))
  )
)

for (name in names(designs)) {
  test_that(paste0(name, ": intervals have Satterthwaite's df and the uncertainty of the parameters"), {
    design <- designs[[name]]
    fit <- design$fit
    expect_false(isSingular(fit))
    new <- d[c(1, 20, 41, 60), ]
    new$x1 <- c(-1, 0, 2, 5)
    new$item <- as.character(new$item)
    new$item[3] <- "new"
    new$class[4] <- "new"
    X <- cbind(1, new$x1)
    random <- lapply(fit$random$terms, function(term) model.matrix(term$terms, new))
    U <- do.call(cbind, random)
    labels <- function(group) {
      do.call(paste, c(lapply(all.vars(str2lang(group)), function(name) as.character(new[[name]])), sep = ":"))
    }
    codes <- vapply(names(design$model$groups), function(group) {
      match(labels(group), levels(design$model$groups[[group]]))
    }, integer(4))
    at <- c(getME(fit, "theta"), log(sigma(fit)))
    half <- function(interval, ...) {
      both <- predict(fit, new, allow.new.levels = TRUE, interval = interval, se.fit = TRUE, ...)
      list(half = unname((both$fit[, 3] - both$fit[, 2]) / 2), df = unname(both$df))
    }
    expect_same <- function(found, wanted) {
      expect_close(found$df, wanted$df, 1e-4, scale = wanted$df)
      expect_close(found$half, qt(0.975, wanted$df) * sqrt(wanted$variance), 1e-5, scale = sqrt(wanted$variance))
    }
    known <- rowSums(!is.na(codes)) > 0
    dense <- dense_prediction(design$model, design$psi, X, U, codes, 0)
    expect_same(half("confidence"), dense_interval_errors(dense, at, known))
    dense <- dense_prediction(design$model, design$psi, X, U, codes, 1 / 4)
    expect_same(half("prediction", weights = 4), dense_interval_errors(dense, at, known))
    codes[] <- NA
    dense <- dense_prediction(design$model, design$psi, X, U, codes, 1)
    expect_same(half("prediction", re.form = NA), dense_interval_errors(dense, at, FALSE))
    dense <- dense_prediction(design$model, design$psi, X, 0 * U, codes, 0)
    expect_same(half("confidence", re.form = NA), dense_interval_errors(dense, at, FALSE))
  })
}

test_that("population intervals are those of contest()", {
  fit <- designs$crossed$fit
  new <- data.frame(x1 = c(-1, 3))
  for (ddf in c("satterthwaite", "kenward-roger", "residual")) {
    tests <- contest(fit, cbind(1, new$x1), joint = FALSE, ddf = ddf)
    found <- predict(fit, new, re.form = NA, interval = "confidence", ddf = ddf)
    expect_close(found[, 2:3], as.matrix(tests[c("lower", "upper")]), 1e-8)
  }
  plain <- predict(fit, new, re.form = NA, interval = "confidence", ddf = "none", se.fit = TRUE)
  expect_close(plain$fit[, 3] - plain$fit[, 1], qnorm(0.975) * plain$se.fit, 1e-12)
})

test_that("Kenward and Roger's intervals are those of the fit by REML", {
  by_ml <- fit_quietly(y ~ x1 + (z2 | item), d, REML = FALSE)
  new <- data.frame(x1 = c(0, 1), z2 = 0.5, item = "A")
  expect_message(found <- predict(by_ml, new, interval = "prediction", ddf = "KR"), class = "mixest_refit")
  expect_close(found, predict(designs$one$fit, new, interval = "prediction", ddf = "kenward-roger"), 1e-6)
})

test_that("given parameters are known ones", {
  fit <- designs$one$fit
  new <- data.frame(x1 = c(0, 1), z2 = 0.5, item = "A")
  own <- list(beta = fixef(fit), theta = getME(fit, "theta"), sigma = sigma(fit))
  expect_close(
    predict(fit, new, interval = "prediction", newparams = own),
    predict(fit, new, interval = "prediction", ddf = "none"), 1e-9
  )
})

test_that("random effects are predicted at the parameters that are given", {
  fit <- designs$crossed$fit
  model <- designs$crossed$model
  theta <- c(0.7, 1.2, -0.3, 0.4)
  covariance <- covariance_of_rows(model, designs$crossed$psi(theta))
  for (beta in list(fixef(fit), c(3, -1))) {
    residual <- model$y - drop(model$X %*% beta)
    expected <- drop(covariance %*% solve(covariance + diag(length(residual)), residual))
    params <- list(theta = theta, beta = beta)
    expect_close(predict(fit, newparams = params, random.only = TRUE), expected, 1e-8)
    expect_close(predict(fit, newparams = params), model$X %*% beta + expected, 1e-8)
  }
  own <- list(theta = theta, beta = fixef(fit))
  expect_identical(predict(fit, newparams = own["theta"]), predict(fit, newparams = own))
  at <- dense_fit(model, designs$crossed$psi(theta), sigma = 2)
  X <- model$X[1:3, ]
  found <- predict(fit, d[1:3, ], re.form = NA, se.fit = TRUE, newparams = list(theta = theta, sigma = 2))
  expect_close(found$se.fit, sqrt(diag(X %*% at$vcov %*% t(X))), 1e-8)
})
