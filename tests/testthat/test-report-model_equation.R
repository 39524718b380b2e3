orthodont <- as.data.frame(nlme::Orthodont)
schools <- lmm(mathach ~ meanses + sector * cses + minority + (cses | school), MathAchieve)
lines_of <- function(...) {
  lines <- strsplit(unclass(model_equation(...)), "\n", fixed = TRUE)[[1L]]
  gsub(" \\\\\\\\$", "", lines[-c(1L, length(lines))])
}

test_that("covariates of schools stand in the equations of the coefficients that vary between schools", {
  expect_identical(lines_of(schools)[1:3], c(
    paste0(
      "\\mathrm{mathach}_{ij} &= b_{0i} + b_{1i}\\,\\mathrm{cses}_{ij} + \\beta_{4}\\,\\mathrm{minorityYes}_{ij}",
      " + \\varepsilon_{ij}"
    ),
    paste0(
      "b_{0i} &= \\beta_{0} + \\beta_{1}\\,\\mathrm{meanses}_{i} + \\beta_{2}\\,\\mathrm{sectorCatholic}_{i}",
      " + \\gamma_{0i}"
    ),
    "b_{1i} &= \\beta_{3} + \\beta_{5}\\,\\mathrm{sectorCatholic}_{i} + \\gamma_{1i}"
  ))
})

test_that("the combined form has every fixed and random effect once", {
  line <- lines_of(schools, "combined")[1L]
  for (k in 0:5) expect_length(gregexpr(sprintf("\\beta_{%d}", k), line, fixed = TRUE)[[1L]], 1L)
  expect_match(line, "\\gamma_{0i} + \\gamma_{1i}\\,\\mathrm{cses}_{ij} + \\varepsilon_{ij}", fixed = TRUE)
  expect_match(line, "\\beta_{5}\\,\\mathrm{sectorCatholic}_{i}\\,\\mathrm{cses}_{ij}", fixed = TRUE)
})

test_that("forms I and II are those of the groups and of all rows", {
  marginal <- lines_of(schools, "marginal")
  expect_identical(
    marginal[1L], "Y_{i} &= X_{i} \\beta + U_{i} \\gamma_{i} + \\varepsilon_{i},\\quad i = 1, \\ldots, 160"
  )
  expect_identical(marginal[3L], "Y_{i} &\\sim N(X_{i} \\beta,\\; U_{i} D U_{i}^{\\top} + \\sigma^{2}\\,I)")
  expect_identical(
    lines_of(schools, "matrix")[2L], "\\gamma &\\sim N(0, \\mathcal{G}),\\quad \\mathcal{G} = I_{160} \\otimes D"
  )
})

test_that("estimates are the rounded numbers of the fit", {
  shown <- model_equation(schools, "matrix", estimates = TRUE, digits = 4)
  numbers <- regmatches(shown, gregexpr("-?[0-9]+[.][0-9]+", shown))[[1L]]
  wanted <- c(rep(sigma(schools)^2, 2), VarCorr(schools)$school, fixef(schools))
  expect_equal(as.numeric(numbers), signif(unname(wanted), 4))
  combined <- lines_of(schools, "combined", estimates = TRUE)[1L]
  expect_match(combined, paste("-", sprintf("%.2f", -fixef(schools)[["minorityYes"]])), fixed = TRUE)
  expect_no_match(combined, "+ -", fixed = TRUE)
})

test_that("the symbols of D are those of its structure", {
  of <- function(structure) symbols_of_term(structure, 1:3, "", NULL)
  expect_identical(of("us")[3, 1], "d_{13}")
  expect_identical(of("us"), t(of("us")))
  expect_identical(of("diag")[2, 1:2], c("0", "\\tau_{2}^{2}"))
  expect_identical(of("homdiag")[2, 1:2], c("0", "\\tau^{2}"))
  expect_identical(of("cs")[3, 1], "\\tau_{3} \\tau_{1} \\rho")
  expect_identical(of("homcs")[3, 1], "\\tau^{2} \\rho")
  expect_identical(of("ar1")[3, 1:2], c("\\tau^{2} \\rho^{2}", "\\tau^{2} \\rho"))
  expect_identical(of("toep")[3, 1:2], c("\\tau_{3} \\tau_{1} \\rho_{2}", "\\tau_{3} \\tau_{2} \\rho_{1}"))
  two <- list(list(structure = "us", size = 1L), list(structure = "homdiag", size = 2L))
  both <- symbols_of_matrix(two, 3L, 0L, "^{(1)}")
  expect_identical(both[1, ], c("d^{(1)}_{00}", "0", "0"))
  expect_identical(both[2, 2], "(\\tau^{(1)}_{(2)})^{2}")
})

test_that("several factors have symbols of their own", {
  oats <- lmm(yield ~ nitro + (1 | Block/Variety), as.data.frame(nlme::Oats))
  levels <- lines_of(oats)
  expect_identical(levels[2L], paste0(
    "b_{0,i} &= \\beta_{0} + \\gamma^{(1)}_{0,\\mathrm{Variety}{:}\\mathrm{Block}[i]}",
    " + \\gamma^{(2)}_{0,\\mathrm{Block}[i]}"
  ))
  expect_match(levels[3L], "d^{(1)}_{00}),\\quad g = 1, \\ldots, 18", fixed = TRUE)
  stacked <- lines_of(oats, "matrix")[2L]
  expect_match(stacked, "I_{18} \\otimes d^{(1)}_{00},\\; I_{6} \\otimes d^{(2)}_{00}", fixed = TRUE)
  expect_match(lines_of(oats, "marginal")[2L], "U_{2} (I_{6} \\otimes d^{(2)}_{00}) U_{2}^{\\top}", fixed = TRUE)
})

test_that("weights and offsets are in the equations", {
  fit <- lmm(distance ~ age + offset(age / 3) + (1 | Subject), orthodont, weights = age)
  expect_match(lines_of(fit)[1L], "+ o_{ij} + \\varepsilon_{ij}", fixed = TRUE)
  expect_match(lines_of(fit)[4L], "\\sigma^{2} / w_{ij}", fixed = TRUE)
  marginal <- "X_{i} \\beta + o_{i},\\; U_{i} d_{00} U_{i}^{\\top} + \\sigma^{2}\\,W_{i}^{-1}"
  expect_match(lines_of(fit, "marginal")[3L], marginal, fixed = TRUE)
})

test_that("braces and environments are balanced, whatever the names", {
  odd <- transform(orthodont, a_b = age, `x %` = age^2, check.names = FALSE)
  fit <- suppressMessages(lmm(distance ~ a_b + I(a_b^2) + `x %`:Sex + (a_b | Subject), odd))
  for (form in c("levels", "combined", "marginal", "matrix")) {
    for (one in list(schools, fit)) {
      text <- gsub("\\\\[%_{}]", "", unclass(model_equation(one, form)))
      marks <- strsplit(text, "")[[1L]]
      expect_identical(sum(marks == "{"), sum(marks == "}"))
      expect_identical(lengths(regmatches(text, gregexpr("\\begin{", text, fixed = TRUE))),
        lengths(regmatches(text, gregexpr("\\end{", text, fixed = TRUE))))
      expect_no_match(text, "%", fixed = TRUE)
    }
  }
})

test_that("without its rows a fit has the forms that need none", {
  small <- lmm(distance ~ age + (1 | Subject), orthodont, control = lmm_control(keep_data = FALSE))
  expect_match(unclass(model_equation(small, "matrix")), "I_{27}", fixed = TRUE)
  expect_error(model_equation(small), "rows", class = "mixest_input")
  expect_error(model_equation(small, "long"), "form", class = "mixest_input")
  expect_error(model_equation(3), "lmm", class = "mixest_input")
})

test_that("a knitted document gets a displayed equation", {
  skip_if_not_installed("knitr")
  shown <- model_equation(schools, "matrix")
  expect_identical(as.character(knitr::knit_print(shown)), paste0("\n$$\n", unclass(shown), "\n$$\n"))
  expect_s3_class(knitr::knit_print(shown), "knit_asis")
  expect_output(print(shown), "begin{aligned}", fixed = TRUE)
})
