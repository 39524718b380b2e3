fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)

test_that("ranef() has lme4's shape", {
  effects <- ranef(fit)
  expect_s3_class(effects, c("ranef.mixest", "ranef.mer"), exact = TRUE)
  expect_named(effects, "Subject")
  expect_identical(rownames(effects$Subject), levels(factor(nlme::Orthodont$Subject)))
  expect_named(effects$Subject, c("(Intercept)", "age"))
  expect_identical(dim(attr(effects$Subject, "postVar")), c(2L, 2L, 27L))
  expect_null(attr(ranef(fit, condVar = FALSE)$Subject, "postVar"))
})

test_that("predictions of a balanced random intercept shrink the group means by lambda", {
  fit <- lmm(travel ~ 1 + (1 | Rail), data = nlme::Rail)
  means <- tapply(nlme::Rail$travel, nlme::Rail$Rail, mean)
  D <- getME(fit, "D")[1]
  shrinkage <- D / (D + sigma(fit)^2 / 3)
  effects <- ranef(fit)$Rail
  expect_equal(
    effects[["(Intercept)"]], as.vector(shrinkage * (means[rownames(effects)] - mean(means))), tolerance = 1e-9
  )
  expect_equal(as.vector(attr(effects, "postVar")), rep(D * (1 - shrinkage), 6), tolerance = 1e-9)
})

test_that("as.data.frame() gives one row for each effect of each level", {
  long <- as.data.frame(ranef(fit))
  expect_named(long, c("grpvar", "term", "grp", "condval", "condsd"))
  expect_identical(nrow(long), 54L)
  expect_identical(long$condval, unlist(ranef(fit)$Subject, use.names = FALSE))
  last <- long[long$term == "age" & long$grp == "F11", ]
  expect_equal(last$condsd, sqrt(attr(ranef(fit)$Subject, "postVar")["age", "age", "F11"]))
  expect_named(as.data.frame(ranef(fit, condVar = FALSE)), c("grpvar", "term", "grp", "condval"))
})

test_that("coef() adds fixed and random effects of the same name", {
  total <- coef(fit)$Subject
  expect_identical(rownames(total), rownames(ranef(fit)$Subject))
  expect_equal(total$age, fixef(fit)[["age"]] + ranef(fit)$Subject$age)
  one_sided <- lmm(distance ~ Sex + (0 + age | Subject), data = nlme::Orthodont)
  total <- coef(one_sided)$Subject
  # lme4's order: what has no fixed effect comes first.
  expect_named(total, c("age", "(Intercept)", "SexFemale"))
  expect_s3_class(coef(fit), c("coef.mixest", "coef.mer"), exact = TRUE)
  expect_output(print(coef(fit)), "^[$]Subject")
  expect_equal(total$age, ranef(one_sided)$Subject$age)
  expect_true(all(total$SexFemale == fixef(one_sided)[["SexFemale"]]))
})

test_that("random effects and their standard deviations agree with lme4", {
  skip_if_not_installed("lme4")
  peer <- lme4::lmer(distance ~ age + (age | Subject), data = nlme::Orthodont)
  theirs <- as.data.frame(lme4::ranef(peer))
  ours <- as.data.frame(ranef(fit))
  order <- match(paste(ours$term, ours$grp), paste(theirs$term, theirs$grp))
  expect_equal(ours$condval, theirs$condval[order], tolerance = 1e-3)
  expect_equal(ours$condsd, theirs$condsd[order], tolerance = 1e-3)
})

test_that("a printed ranef() doesn't show its arrays", {
  expect_output(print(ranef(fit)), "with conditional variances")
  expect_false(any(grepl(", , M01", capture.output(print(ranef(fit))), fixed = TRUE)))
})

test_that("every grouping factor has a data frame, in the order of the formula", {
  oats <- fit_quietly(yield ~ nitro + (nitro || Block) + (1 | Block:Variety), nlme::Oats)
  effects <- ranef(oats)
  expect_named(effects, c("Block", "Block:Variety"))
  expect_named(effects$Block, c("(Intercept)", "nitro"))
  expect_identical(dim(effects$`Block:Variety`), c(18L, 1L))
  expect_identical(dim(attr(effects$Block, "postVar")), c(2L, 2L, 6L))
  long <- as.data.frame(effects)
  expect_identical(as.vector(table(long$grpvar)[c("Block", "Block:Variety")]), c(12L, 18L))
  expect_equal(coef(oats)$Block$nitro, fixef(oats)[["nitro"]] + effects$Block$nitro)
  expect_true(all(coef(oats)$`Block:Variety`$nitro == fixef(oats)[["nitro"]]))
  expect_output(print(effects), "$Block:Variety", fixed = TRUE)
})

test_that("whichel chooses factors, drop makes vectors of single columns", {
  oats <- lmm(yield ~ nitro + (1 | Block) + (nitro | Variety), nlme::Oats)
  all <- ranef(oats)
  one <- ranef(oats, whichel = "Variety")
  expect_identical(names(one), "Variety")
  expect_identical(one$Variety, all$Variety)
  expect_error(ranef(oats, whichel = "nobody"), "whichel", class = "mixest_input")

  dropped <- ranef(oats, drop = TRUE)
  expect_identical(c(dropped$Block), setNames(all$Block[[1L]], rownames(all$Block)), ignore_attr = "postVar")
  expect_equal(attr(dropped$Block, "postVar"), attr(all$Block, "postVar")[1, 1, ])
  expect_identical(dropped$Variety, all$Variety)
  expect_identical(as.data.frame(dropped), as.data.frame(all))
  expect_null(attr(ranef(oats, condVar = FALSE, drop = TRUE)$Block, "postVar"))
  expect_output(print(dropped), "Block")
  expect_error(ranef(oats, condVar = "a"), "condVar", class = "mixest_input")
  expect_error(ranef(oats, drop = NA), "drop", class = "mixest_input")
})

test_that("drop gives what lme4 gives", {
  skip_if_not_installed("lme4")
  ours <- ranef(lmm(Reaction ~ Days + (1 | Subject), lme4::sleepstudy), drop = TRUE)$Subject
  theirs <- lme4::ranef(lme4::lmer(Reaction ~ Days + (1 | Subject), lme4::sleepstudy), drop = TRUE)$Subject
  expect_named(ours, names(theirs))
  expect_equal(c(ours), c(theirs), tolerance = 1e-4, ignore_attr = "postVar")
  expect_equal(unname(attr(ours, "postVar")), attr(theirs, "postVar"), tolerance = 1e-4)
})

test_that("row.names names the rows of the table", {
  effects <- ranef(lmm(distance ~ age + (1 | Subject), nlme::Orthodont))
  named <- as.data.frame(effects, row.names = paste0("row", 1:27))
  expect_identical(rownames(named), paste0("row", 1:27))
  expect_error(as.data.frame(effects, row.names = "a"), "row.names", class = "mixest_input")
})

test_that("coef() adds interactions that the two parts spell in another order", {
  d <- random_data(1, m = 8, sizes = 12L, p = 3, q = 2)
  one <- coef(fit_quietly(y ~ x1 * x2 + (x1 * x2 || g), d))$g
  other <- coef(fit_quietly(y ~ x1 * x2 + (x2 * x1 || g), d))$g
  expect_identical(names(other), names(one))
  expect_equal(other, one, tolerance = 1e-6)
})

test_that("print() shows the first levels and says how many more there are; n = Inf shows all", {
  schools <- ranef(lmm(mathach ~ cses + (1 | school), MathAchieve))
  text <- capture.output(print(schools))
  expect_length(grep("^[0-9]{4} ", text), 20L)
  expect_match(text, "and 140 more levels", fixed = TRUE, all = FALSE)
  expect_length(grep("^[0-9]{4} ", capture.output(print(schools, n = Inf))), 160L)
  expect_error(print(schools, n = -1), class = "mixest_input")
})
