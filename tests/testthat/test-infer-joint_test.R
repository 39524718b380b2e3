# The F test of a linear hypothesis, and what it is made of.
fit <- lmm(distance ~ age * Sex + (age | Subject), data = nlme::Orthodont)

test_that("F is the quadratic form of its definition, about any value", {
  L <- rbind(c(0, 1, 0.5, 0), c(1, 0, 0, 2))
  rhs <- c(0.7, 16)
  gap <- drop(L %*% fixef(fit)) - rhs
  expected <- drop(gap %*% solve(L %*% vcov(fit) %*% t(L), gap)) / 2
  for (ddf in c("satterthwaite", "residual", "none")) {
    test <- joint_test(df_method(fit, ddf), L, rhs)
    expect_identical(test$NumDF, 2L)
    expect_close_relative(test$F, expected, 1e-10)
    expect_identical(test$unscaled, test$F)
  }
})

# Fai & Cornelius' degrees of freedom come from the eigenvectors of Var(L beta^). Rotations of L
# alone leave these where they are.
test_that("F and its degrees of freedom belong to the hypothesis, not to the rows that write it", {
  L <- rbind(c(0, 1, 0, 0), c(0, 0, 1, 0), c(0, 0, 0, 1))
  rhs <- c(0.5, 1, -0.2)
  ratios <- function(test, plain) unlist(test[c("NumDF", "F", "DenDF")]) / unlist(plain[c("NumDF", "F", "DenDF")])
  for (ddf in c("satterthwaite", "kenward-roger", "residual")) {
    method <- df_method(fit, ddf)
    plain <- joint_test(method, L, rhs)
    for (seed in 1:5) {
      A <- with_seed(seed, matrix(rnorm(9), 3))
      recombined <- joint_test(method, 10^c(-6, 0, 5) * A %*% L, drop(10^c(-6, 0, 5) * A %*% rhs))
      counted <- if (ddf == "satterthwaite") 1:2 else 1:3
      expect_close(ratios(recombined, plain)[counted], rep(1, length(counted)), 1e-8)
      Q <- qr.Q(qr(A))
      expect_close(ratios(joint_test(method, Q %*% L, drop(Q %*% rhs)), plain), rep(1, 3), 1e-8)
    }
    twice <- joint_test(method, rbind(L, 0, L[1, ] + L[2, ]), c(rhs, 0, rhs[1] + rhs[2]))
    expect_close(ratios(twice, plain), rep(1, 3), 1e-10)
  }
})

test_that("randomised blocks have the F test of the two-way analysis of variance", {
  blocks <- lmm(effort ~ Type + (1 | Subject), data = nlme::ergoStool)
  table <- anova(lm(effort ~ Subject + Type, nlme::ergoStool))
  for (ddf in c("satterthwaite", "kenward-roger")) {
    test <- joint_test(df_method(blocks, ddf), diag(4)[-1L, ])
    expect_close_relative(test$F, table["Type", "F value"], 1e-7)
    expect_identical(test$NumDF, table["Type", "Df"])
    expect_close_relative(test$DenDF, table["Residuals", "Df"], 1e-6)
  }
})

test_that("a hypothesis about nothing has no F, and one that contradicts itself is an error", {
  method <- df_method(fit, "satterthwaite")
  for (L in list(matrix(0, 0L, 4L), matrix(0, 2L, 4L))) {
    expect_identical(joint_test(method, L), list(NumDF = 0L, DenDF = NA_real_, F = NA_real_, unscaled = NA_real_))
  }
  expect_error(joint_test(method, matrix(0, 1L, 4L), 1), "zero", class = "mixest_input")
  expect_error(joint_test(method, diag(4)[c(1, 1), ], 1:2), "combination", class = "mixest_input")
})

test_that("independent rows are the first ones, whatever their length", {
  X <- rbind(0, c(1, 1, 0), c(2, 2, 0), c(0, 1, 1), c(1, 2, 1), c(0, 0, 5))
  for (units in list(1, 10^c(0, -9, 7, 3, -4, 8))) expect_identical(independent_rows(X * units), c(2L, 4L, 6L))
  expect_identical(independent_rows(matrix(0, 2, 3)), integer())
})

# Fai & Cornelius (1996): E = sum d / (d - 2), and 2 E / (E - q) degrees of freedom.
test_that("degrees of freedom of a mean of squares of t variables match its expectation", {
  for (df in list(c(5, 9), c(2.5, 30, 7), c(4, 4.01))) {
    E <- sum(df / (df - 2))
    expect_close_relative(fai_cornelius(df), 2 * E / (E - length(df)), 1e-9)
  }
  expect_identical(fai_cornelius(c(6, 6, 6)), 6)
  expect_identical(fai_cornelius(c(2, 50)), 2)
  expect_identical(fai_cornelius(c(NA, 50)), NA_real_)
})

test_that("Kenward and Roger's F is not scaled where all directions move together", {
  for (s in c(0.01, 0.3, 1)) {
    basis <- qr.Q(qr(matrix(c(1, 2, 3, 0, 1, -1), 3)))
    found <- kenward_roger_df(list(moves = list(s * diag(3))), basis)
    expect_close_relative(found$DenDF, 2 / s^2, 1e-12)
    expect_identical(found$scale, 1)
  }
  expect_identical(kenward_roger_df(list(), diag(2))$DenDF, NA_real_)
})
