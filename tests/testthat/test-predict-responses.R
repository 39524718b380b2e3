# A new level with responses of its own against dense conditioning: with beta and the covariance
# parameters of the fit, all rows of the fit and of the new data have one normal distribution.

# Means and variances (without the error of beta) of the new rows, given the responses y of the
# fit's rows and of those new rows that have one.
dense_conditioning <- function(fit, model, joint, Psi, w) {
  n <- length(model$y)
  new <- -seq_len(n)
  V <- covariance_of_rows(joint, Psi)
  mean <- drop(joint$X %*% fixef(fit))
  given <- c(seq_len(n), n + which(!is.na(joint$y[new])))
  all <- c(model$w, w)
  weights <- V[new, given] %*% solve(V[given, given] + diag(1 / all[given]))
  list(
    mean = mean[new] + drop(weights %*% (joint$y - mean)[given]),
    variance = sigma(fit)^2 * diag(V[new, new] - weights %*% V[given, new])
  )
}

# The rows of the fit and new ones together; model frames leave out rows without a response.
joint_model <- function(random, old, new, group) {
  joint <- dense_model(y ~ x1, random, rbind(old, transform(new, y = 0)), group = group)
  joint$y[-seq_len(nrow(old))] <- new$y
  joint
}

d <- several_factors(2, 100L)

new_rows <- function() {
  new <- d[c(1, 5, 9, 14, 30, 31, 50, 51, 70), ]
  new$item <- as.character(new$item)
  new$school <- as.character(new$school)
  new
}

test_that("one factor: a new group from some of its rows is as by dense conditioning", {
  fit <- fit_quietly(y ~ x1 + (z2 | item), d, weights = w)
  model <- dense_model(y ~ x1, ~z2, d, group = "item", weights = "w")
  new <- new_rows()
  new$item[1:7] <- c("new", "new", "new", "other", "other", "none", "none")
  new$y[c(3, 5, 6, 7)] <- NA
  joint <- joint_model(~z2, d, new, "item")
  seen <- new$item %in% d$item
  joint$y[nrow(d) + which(seen)] <- NA   # levels of the fit are not informed
  wanted <- dense_conditioning(fit, model, joint, getME(fit, "Psi"), new$w)
  found <- predict(fit, new, use_responses = TRUE, weights = ~w, allow.new.levels = TRUE)
  expect_close(found, wanted$mean, 1e-10, scale = sigma(fit))
  expect_identical(found[new$item == "none"], predict(fit, new, allow.new.levels = TRUE)[new$item == "none"])
  expect_identical(found[seen], predict(fit, new, allow.new.levels = TRUE)[seen])
  expect_error(predict(fit, new, use_responses = TRUE), "\"none\"", class = "mixest_input")
  expect_silent(predict(fit, new[new$item != "none", ], use_responses = TRUE))

  # the error of beta reaches them by x - K x_1
  both <- predict(fit, new, use_responses = TRUE, weights = ~w, allow.new.levels = TRUE, se.fit = TRUE)
  shifted <- vapply(seq_along(fixef(fit)), function(j) {
    moved <- fit
    moved$coefficients[j] <- moved$coefficients[j] + 1
    moved$frame <- NULL
    predict(moved, new, use_responses = TRUE, weights = ~w, allow.new.levels = TRUE) - found
  }, found)
  new_only <- new$item %in% c("new", "other")
  expected <- wanted$variance + rowSums((shifted %*% vcov(fit)) * shifted)
  expect_close(both$se.fit[new_only], sqrt(expected[new_only]), 1e-9, scale = sigma(fit))
  interval <- predict(
    fit, new, use_responses = TRUE, weights = ~w, allow.new.levels = TRUE, interval = "prediction", se.fit = TRUE
  )
  half <- qnorm(0.975) * sqrt(both$se.fit^2 + sigma(fit)^2 / new$w)
  expect_close((interval$fit[, 3] - interval$fit[, 1])[new_only], half[new_only], 1e-10)
  expect_true(all(is.infinite(interval$df[new_only])))
})

test_that("several factors: new levels beside known ones, and new levels of two factors", {
  designs <- list(
    nested = list(
      fit = fit_quietly(y ~ x1 + (1 | school / class), d), random = list(~1, ~1), group = c("class:school", "school")
    ),
    crossed = list(
      fit = fit_quietly(y ~ x1 + (1 | school) + (z2 | item), d), random = list(~1, ~z2), group = c("school", "item")
    )
  )
  for (design in designs) {
    fit <- design$fit
    new <- new_rows()
    new$class[1:3] <- "new"
    new$school[1:3] <- new$school[1L]
    new$school[4:5] <- "new"
    new$item[c(1, 2, 3, 6)] <- "new"
    new$item[7:8] <- "second"
    new$y[c(2, 5, 8)] <- NA
    model <- dense_model(y ~ x1, design$random, d, group = design$group)
    joint <- joint_model(design$random, d, new, design$group)
    codes <- vapply(names(model$groups), function(group) {
      match(as.character(joint$groups[[group]]), levels(model$groups[[group]]))
    }, integer(nrow(d) + nrow(new)))
    seen <- which(rowSums(is.na(codes[-seq_len(nrow(d)), ])) == 0)
    joint$y[nrow(d) + seen] <- NA
    # a block is informed by its own rows only, and blocks here share no unseen level
    blocks <- connected_blocks(matrix(ifelse(
      is.na(codes), vapply(joint$groups, as.character, character(nrow(joint$X))), NA
    )[-seq_len(nrow(d)), ], nrow(new)))
    found <- predict(fit, new, use_responses = TRUE)
    for (block in unique(blocks[!is.na(blocks)])) {
      rows <- which(blocks %in% block)
      alone <- joint
      alone$y[nrow(d) + setdiff(seq_len(nrow(new)), rows)] <- NA
      wanted <- dense_conditioning(fit, model, alone, getME(fit, "Psi"), rep(1, nrow(new)))
      expect_close(found[rows], wanted$mean[rows], 1e-10, scale = sigma(fit))
    }
  }
})

test_that("responses are never looked at unless asked for", {
  fit <- fit_quietly(y ~ x1 + (z2 | item), d)
  new <- transform(new_rows(), item = "new")
  expect_identical(
    predict(fit, new, allow.new.levels = TRUE), predict(fit, transform(new, y = NULL), allow.new.levels = TRUE)
  )
  expect_error(predict(fit, transform(new, y = NULL), use_responses = TRUE), class = "mixest_input")
  expect_error(predict(fit, transform(new, y = "a"), use_responses = TRUE), class = "mixest_input")
  expect_error(predict(fit, use_responses = TRUE), "newdata", class = "mixest_input")
  expect_error(predict(fit, new, re.form = NA, use_responses = TRUE), "re.form", class = "mixest_input")
  expect_error(predict(fit, new, use_responses = TRUE, random.only = TRUE), class = "mixest_input")
  expect_error(predict(fit, new, use_responses = "yes"), class = "mixest_input")
})
