fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)

test_that("getVarCov() has nlme's values and shape", {
  peer <- nlme::lme(distance ~ age, random = ~ age | Subject, data = nlme::Orthodont, control = nlme::lmeControl(
    msTol = 1e-12, tolerance = 1e-10
  ))
  for (type in c("random.effects", "conditional", "marginal")) {
    ours <- getVarCov(fit, individual = c("M02", "F01"), type = type)
    theirs <- nlme::getVarCov(peer, individuals = c("M02", "F01"), type = type)
    expect_s3_class(ours, class(theirs), exact = TRUE)
    expect_identical(attr(ours, "group.levels"), attr(theirs, "group.levels"))
    expect_equal(lapply(seq_along(ours), function(i) c(ours[[i]])), lapply(
      seq_along(theirs), function(i) c(theirs[[i]])
    ), tolerance = 1e-4)
  }
  expect_output(print(getVarCov(fit)), "Random effects variance covariance matrix")
  expect_output(print(getVarCov(fit, type = "marginal")), "Marginal variance covariance matrix")
})

test_that("the first level is the default and levels can be numbered", {
  first <- fit$random$groups$Subject[1]
  expect_named(getVarCov(fit, type = "marginal"), first)
  expect_identical(
    getVarCov(fit, individuals = 1, type = "marginal"), getVarCov(fit, individual = first, type = "marginal")
  )
})

test_that("precision weights divide the residual variance", {
  data <- nlme::Orthodont
  data$w <- rep(1:4, 27)
  weighted <- lmm(distance ~ age + (1 | Subject), data = data, weights = w)
  V <- getVarCov(weighted, individual = "M01", type = "marginal")$M01
  expect_equal(unname(V), unname(getME(weighted, "D")[1] + diag(sigma(weighted)^2 / (1:4))), tolerance = 1e-12)
})

test_that("unknown levels and types are refused and named", {
  expect_error(getVarCov(fit, individual = "M99", type = "marginal"), "M99", class = "mixest_input")
  expect_error(getVarCov(fit, individual = 99, type = "marginal"), "99", class = "mixest_input")
  expect_error(getVarCov(fit, type = "residual"), class = "mixest_input")
})

test_that("marginal matrices of nested factors are blocks of V for levels of the outermost, of crossed ones an error", {
  oats <- lmm(yield ~ nitro + (1 | Block / Variety), nlme::Oats)
  V <- as.matrix(getME(oats, "V"))
  block <- which(nlme::Oats$Block == "III")
  ours <- getVarCov(oats, individual = "III", type = "marginal")
  expect_equal(unname(ours$III), unname(V[block, block]), tolerance = 1e-12)
  expect_true(all(V[block, -block] == 0))
  expect_identical(attr(ours, "group.levels"), "Block")
  expect_equal(unname(getVarCov(oats)), unname(getME(oats, "D")), ignore_attr = TRUE)
  crossed <- fit_quietly(yield ~ nitro + (1 | Block) + (1 | Variety), nlme::Oats)
  expect_error(getVarCov(crossed, type = "marginal"), "getME", class = "mixest_input")
  expect_equal(unname(diag(getVarCov(crossed, type = "conditional")[[1L]])), rep(sigma(crossed)^2, 24L))
})

test_that("type may be abbreviated as in nlme, and levels have positive whole numbers", {
  fit <- lmm(distance ~ age + (age | Subject), nlme::Orthodont)
  expect_identical(getVarCov(fit, type = "random.effect"), getVarCov(fit))
  expect_identical(getVarCov(fit, type = "marg"), getVarCov(fit, type = "marginal"))
  expect_error(getVarCov(fit, type = "m "), "type", class = "mixest_input")
  for (number in c(-1, 0, 1.5, 28)) {
    expect_error(getVarCov(fit, number, type = "marginal"), "individual", class = "mixest_input")
  }
})
