test_that("marginal means, contrasts and slopes are those of lmer, with the same degrees of freedom", {
  skip_without("emmeans", "lmerTest", "pbkrtest")
  nested <- interop_fit("nested")
  slopes <- interop_fit("slopes")
  peers <- lapply(list(nested, slopes), as_peer)
  columns <- c("emmean", "SE", "df", "lower.CL", "upper.CL")
  for (method in c("satterthwaite", "kenward-roger", "asymptotic")) {
    own <- emmeans::emmeans(nested, "Variety", lmer.df = method)
    other <- emmeans::emmeans(peers[[1L]], "Variety", lmer.df = method)
    expect_columns(own, other, setdiff(columns, if (method == "asymptotic") c("lower.CL", "upper.CL")), 1e-4)
    expect_columns(pairs(own), pairs(other), c("estimate", "SE", "df", "p.value"), 1e-4)
  }
  own <- emmeans::emtrends(slopes, ~Sex, var = "age", lmer.df = "satterthwaite")
  other <- emmeans::emtrends(peers[[2L]], ~Sex, var = "age", lmer.df = "satterthwaite")
  expect_columns(own, other, c("age.trend", "SE", "df"), 1e-4)
  expect_columns(
    emmeans::joint_tests(slopes, lmer.df = "satterthwaite"),
    emmeans::joint_tests(peers[[2L]], lmer.df = "satterthwaite"),
    c("df1", "df2", "F.ratio"), 1e-3
  )
})

test_that("the methods have our names, lme's and lmer's", {
  skip_without("emmeans")
  fit <- interop_fit("nested")
  df <- function(...) as.data.frame(emmeans::emmeans(fit, "Variety", ...))$df
  expect_identical(df(ddf = "satterthwaite"), df(mode = "satterthwaite"))
  expect_identical(df(ddf = "residual"), rep(68, 3))
  expect_identical(df(ddf = "none"), rep(Inf, 3))
  expect_error(df(ddf = "containment"), class = "mixest_input")
  said <- capture.output(print(emmeans::emmeans(fit, "Variety", ddf = "satterthwaite")))
  expect_match(said, "Degrees-of-freedom method: satterthwaite", all = FALSE)
})

test_that("a fit without its rows has marginal means when the data are given", {
  skip_without("emmeans")
  Oats <- as.data.frame(nlme::Oats)
  fit <- lmm(yield ~ nitro + Variety + (1 | Block), Oats, control = lmm_control(keep_data = FALSE))
  whole <- lmm(yield ~ nitro + Variety + (1 | Block), Oats)
  expect_equal(
    as.data.frame(emmeans::emmeans(fit, "Variety", data = Oats)), as.data.frame(emmeans::emmeans(whole, "Variety"))
  )
})

test_that("combinations that the data don't determine are not estimable", {
  skip_without("emmeans")
  rows <- as.data.frame(nlme::Oats)
  rows <- rows[!(rows$Variety == "Victory" & rows$nitro == 0.6), ]
  rows$nitro <- factor(rows$nitro)
  fit <- suppressMessages(lmm(yield ~ nitro * Variety + (1 | Block), rows))
  cells <- as.data.frame(emmeans::emmeans(fit, ~ nitro * Variety, lmer.df = "satterthwaite"))
  expect_identical(sum(is.na(cells$emmean)), 1L)
})

test_that("a robust covariance matrix can be given", {
  skip_without("emmeans")
  fit <- interop_fit("slopes")
  own <- as.data.frame(emmeans::emtrends(fit, ~Sex, var = "age", vcov. = vcov(fit, type = "CR2")))
  L <- rbind(c(0, 1, 0, 0), c(0, 1, 0, 1))
  expect_equal(own$SE, sqrt(diag(L %*% vcov(fit, type = "CR2") %*% t(L))), tolerance = 1e-10)
})
