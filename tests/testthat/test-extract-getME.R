fit <- lmm(distance ~ age + Sex + (age | Subject), data = nlme::Orthodont)

test_that("V = U G U' + R, G = sigma^2 Lambda Lambda', D = sigma^2 Psi", {
  part <- getME(fit, c("U", "G", "R", "V", "Lambda", "Psi", "D"))
  expect_equal(as.matrix(part$V), as.matrix(part$U %*% part$G %*% Matrix::t(part$U) + part$R), tolerance = 1e-12)
  expect_equal(as.matrix(part$G), as.matrix(sigma(fit)^2 * Matrix::tcrossprod(part$Lambda)), tolerance = 1e-12)
  expect_equal(as.matrix(part$G), kronecker(diag(27), part$D), tolerance = 1e-12, ignore_attr = TRUE)
  expect_equal(part$D, sigma(fit)^2 * part$Psi, tolerance = 1e-12)
  for (name in c("U", "G", "R", "V", "Lambda")) expect_s4_class(part[[name]], "Matrix")
  expect_identical(dim(part$V), c(108L, 108L))
})

test_that("y = X beta + U b + residual", {
  part <- getME(fit, c("y", "X", "beta", "U", "b"))
  expect_equal(drop(
    part$X %*% part$beta
  ) + as.vector(part$U %*% part$b), unname(fitted(fit)), tolerance = 1e-12, ignore_attr = TRUE)
  expect_equal(part$y, nlme::Orthodont$distance)
})

test_that("components have lme4's values, names and order", {
  skip_if_not_installed("lme4")
  peer <- lme4::lmer(distance ~ age + Sex + (age | Subject), data = nlme::Orthodont)
  expect_named(getME(fit, "theta"), names(lme4::getME(peer, "theta")))
  expect_identical(getME(fit, "lower"), lme4::getME(peer, "lower"), ignore_attr = TRUE)
  expect_equal(as.matrix(getME(fit, "Z")), as.matrix(lme4::getME(peer, "Z")), ignore_attr = TRUE)
  expect_equal(as.matrix(getME(fit, "Zt")), as.matrix(lme4::getME(peer, "Zt")), ignore_attr = TRUE)
  expect_equal(
    as.matrix(getME(fit, "Lambda")), as.matrix(lme4::getME(peer, "Lambda")), tolerance = 1e-3, ignore_attr = TRUE
  )
  expect_equal(getME(fit, "Lambdat"), Matrix::t(getME(fit, "Lambda")))
  expect_equal(getME(fit, "Tlist")$Subject, lme4::getME(peer, "Tlist")$Subject, tolerance = 1e-3, ignore_attr = TRUE)
  expect_identical(getME(fit, "cnms"), lme4::getME(peer, "cnms"))
  expect_identical(as.character(getME(fit, "flist")$Subject), as.character(lme4::getME(peer, "flist")$Subject))
  for (name in c("n", "p", "q", "is_REML")) expect_equal(getME(fit, name), lme4::getME(peer, name), ignore_attr = TRUE)
  expect_identical(getME(fit, "l_i"), c(Subject = 27L))
})

test_that("offset and weights are there when none were given", {
  expect_identical(getME(fit, "offset"), numeric(108))
  expect_identical(getME(fit, "weights"), rep(1, 108))
  expect_identical(getME(fit, "sigma"), sigma(fit))
  expect_identical(getME(fit, "fixef"), fixef(fit))
})

test_that("a name that is no component is refused and named", {
  expect_error(getME(fit, "Zeta"), "Zeta", class = "mixest_input")
  expect_error(getME(fit, c("X", "Zeta")), class = "mixest_input")
  expect_error(getME(fit, 1), class = "mixest_input")
  expect_error(getME(fit, character()), class = "mixest_input")
})

test_that("structured terms have standard deviations and correlations as theta", {
  bounds <- function(structure, q) term_bounds(list(structure = structure, names = letters[seq_len(q)], label = "g"))
  expect_identical(bounds("diag", 2L), c(g.a = 0, g.b = 0))
  expect_identical(bounds("homdiag", 3L), c(g.sd = 0))
  expect_identical(bounds("cs", 3L), c(g.a = 0, g.b = 0, g.c = 0, g.cor = -0.5))
  expect_identical(bounds("homcs", 3L), c(g.sd = 0, g.cor = -0.5))
  expect_identical(bounds("ar1", 3L), c(g.sd = 0, g.cor = -1))
  expect_identical(bounds("toep", 3L), c(g.a = 0, g.b = 0, g.c = 0, g.cor1 = -1, g.cor2 = -1))
  expect_identical(bounds("cs", 1L), c(g.a = 0))
})

test_that("an independent slope has lme4's parameters", {
  independent <- suppressMessages(lmm(distance ~ age + (age || Subject), data = nlme::Orthodont))
  expect_named(getME(independent, "theta"), c("Subject.(Intercept)", "Subject.age"))
  deviations <- vapply(VarCorr(independent), attr, 0, "stddev")
  expect_equal(unname(getME(independent, "theta")), unname(deviations) / sigma(independent), tolerance = 1e-12)
  expect_equal(as.numeric(devfun(independent)(getME(independent, "theta"))), deviance(independent), tolerance = 1e-12)
  expect_identical(is.na(as.data.frame(VarCorr(independent))$var2), rep(TRUE, 3))
  expect_false(any(grepl("Corr", capture.output(print(VarCorr(independent))))))
  expect_equal(formula(independent, random.only = TRUE), ~ diag(age | Subject), ignore_formula_env = TRUE)
})

test_that("with several grouping factors the components are lme4's, term after term", {
  skip_if_not_installed("lme4")
  formula <- yield ~ nitro + (1 | Block:Variety) + (nitro | Block)
  ours <- fit_quietly(formula, nlme::Oats)
  peer <- suppressMessages(lme4::lmer(formula, nlme::Oats))
  for (name in c("Z", "Zt", "Lambda")) expect_identical(dim(getME(ours, name)), dim(lme4::getME(peer, name)))
  expect_equal(as.matrix(getME(ours, "Z")), as.matrix(lme4::getME(peer, "Z")), ignore_attr = TRUE)
  for (name in c("n", "p", "q")) expect_equal(getME(ours, name), lme4::getME(peer, name), ignore_attr = TRUE)
  expect_identical(unname(getME(ours, "l_i")), c(18L, 6L))
  expect_named(getME(ours, "theta"), names(lme4::getME(peer, "theta")))
  expect_identical(getME(ours, "cnms"), lme4::getME(peer, "cnms"))
  expect_identical(
    lapply(getME(ours, "flist"), as.character), lapply(lme4::getME(peer, "flist"), as.character), ignore_attr = TRUE
  )
})

test_that("V, G and y are made of all grouping factors", {
  oats <- lmm(yield ~ nitro + (1 | Block / Variety), nlme::Oats)
  part <- getME(oats, c("U", "G", "R", "V", "D", "X", "beta", "b"))
  expect_equal(as.matrix(part$V), as.matrix(part$U %*% part$G %*% Matrix::t(part$U) + part$R), tolerance = 1e-12)
  same <- function(x) outer(x, x, "==")
  plots <- with(nlme::Oats, paste(Variety, Block))
  expected <- part$D[1L, 1L] * same(plots) + part$D[2L, 2L] * same(nlme::Oats$Block) + diag(sigma(oats)^2, 72)
  expect_equal(as.matrix(part$V), expected, tolerance = 1e-12, ignore_attr = TRUE)
  expect_identical(dimnames(part$D)[[1L]], c("(Intercept)|Variety:Block", "(Intercept)|Block"))
  expect_equal(drop(
    part$X %*% part$beta
  ) + as.vector(part$U %*% part$b), unname(fitted(oats)), tolerance = 1e-12, ignore_attr = TRUE)
})
