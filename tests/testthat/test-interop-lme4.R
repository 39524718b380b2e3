test_that("lme4's questions about a fit have answers", {
  skip_without("lme4")
  fit <- interop_fit("slopes")
  expect_true(lme4::isLMM(fit))
  expect_false(lme4::isGLMM(fit) || lme4::isNLMM(fit))
  ml <- lme4::refitML(fit)
  expect_false(lme4::isREML(ml))
  expect_equal(deviance(ml), deviance(update(fit, REML = FALSE)), tolerance = 1e-10)
  expect_equal(ml$call$REML, FALSE)
})

test_that("components by lme4's names have lme4's values", {
  skip_without("lme4")
  # In the order of lme4, so that the vectors are the same.
  fit <- fit_quietly(yield ~ nitro + (1 | Block:Variety) + (nitro | Block), as.data.frame(nlme::Oats))
  for (fit in list(fit, interop_fit("weighted"))) {
    peer <- as_lmerMod(fit)
    names <- c(
      "mu", "u", "b", "k", "m", "N", "n_rtrms", "n_rfacs", "p_i", "l_i", "q_i", "m_i", "Gp", "REML", "A", "Zt",
      "RX", "Lind", "theta"
    )
    for (name in names) {
      plain <- function(x) as.vector(if (inherits(x, "Matrix")) as.matrix(x) else x)
      # A row of weight w has lme4's Zt without, its A with the root of the weight.
      if (name == "A" && any(weights(fit) != 1)) next
      expect_close(plain(getME(fit, name)), plain(lme4::getME(peer, name)), 1e-6, max(1, abs(plain(getME(fit, name)))))
    }
    # lme4 has NaN below a zero.
    if (!isSingular(fit)) expect_equal(getME(fit, "ST"), lme4::getME(peer, "ST"), tolerance = 1e-6, ignore_attr = TRUE)
    expect_identical(
      unname(as.matrix(getME(fit, "Ztlist")[[1L]])), unname(as.matrix(lme4::getME(peer, "Ztlist")[[1L]]))
    )
    expect_equal(unname(getME(fit, "mmList")[[1L]]), unname(lme4::getME(peer, "mmList")[[1L]]), ignore_attr = TRUE)
    parts <- getME(fit, "devcomp")
    other <- lme4::getME(peer, "devcomp")
    for (part in c("ldRX2", "wrss", "ussq", "pwrss", "sigmaREML", "REML")) {
      expect_close(parts$cmp[[part]], other$cmp[[part]], 1e-6, max(1, abs(other$cmp[[part]])))
    }
    expect_equal(parts$dims[["q"]], other$dims[["q"]])
  }
  expect_true(all(c("devfun", "ST", "V") %in% names(getME(fit, "ALL"))))
})

test_that("u has b = Lambda u where Lambda is singular, too", {
  fit <- fit_quietly(distance ~ age + cs(0 + factor(age) | Subject), nlme::Orthodont)
  singular <- fit_quietly(y ~ 1 + (1 | g), data.frame(y = rep(1:4, 5), g = rep(1:5, each = 4)))
  for (one in list(fit, singular)) {
    expect_close(as.vector(getME(one, "Lambda") %*% getME(one, "u")), getME(one, "b"), 1e-10, 1)
  }
  expect_error(getME(fit, "Lind"), "cs", class = "mixest_input")
})

test_that("principal components of the random effects are lme4's", {
  skip_without("lme4")
  fit <- interop_fit("slopes")
  expect_equal(lme4::rePCA(fit)$Subject$sdev, lme4::rePCA(as_lmerMod(fit))$Subject$sdev, tolerance = 1e-8)
})

test_that("ranef() takes whichel and drop, and its table is in the order of the first effect", {
  skip_without("lme4")
  fit <- interop_fit("nested")
  peer <- as_lmerMod(fit)
  expect_named(ranef(fit, whichel = "Block"), "Block")
  expect_equal(
    ranef(fit, drop = TRUE, condVar = FALSE)$Block, lme4::ranef(peer, drop = TRUE, condVar = FALSE)$Block,
    tolerance = 1e-8
  )
  expect_error(ranef(fit, whichel = "Plot"), "Plot", class = "mixest_input")
  ours <- as.data.frame(ranef(interop_fit("slopes")))
  theirs <- as.data.frame(lme4::ranef(as_lmerMod(interop_fit("slopes"))))
  expect_identical(levels(ours$grp), levels(theirs$grp))
})

test_that("bootMer() works", {
  skip_without("lme4")
  draws <- lme4::bootMer(interop_fit("slopes"), lme4::fixef, nsim = 2, seed = 1)
  expect_s3_class(draws, "boot")
  expect_equal(draws$t0, fixef(interop_fit("slopes")))
})

test_that("pictures of the random effects draw", {
  skip_without("lattice")
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  pictures <- lattice::dotplot(ranef(interop_fit("nested")))
  expect_named(pictures, c("Variety:Block", "Block"))
  for (picture in pictures) expect_silent(print(picture))
  expect_silent(print(lattice::qqmath(ranef(interop_fit("slopes")))$Subject))
})
