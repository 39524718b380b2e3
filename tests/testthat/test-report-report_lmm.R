skip_if_not_installed("rmarkdown")
skip_if_not(rmarkdown::pandoc_available("2.0"), "pandoc")
skip_on_cran()

schools <- lmm(mathach ~ meanses + sector + cses + (cses | school), MathAchieve)

# The text of a report as one string, without tags, styles and scripts.
text_of_report <- function(fit) {
  html <- paste(readLines(report_lmm(fit, tempfile(fileext = ".html")), warn = FALSE), collapse = " ")
  body <- sub(".*<body>", "", html)
  gsub("[[:space:]]+", " ", gsub("<[^>]*>", "", gsub("<(script|style)[^>]*>.*?</\\1>", "", body, perl = TRUE)))
}

test_that("the report of MathAchieve has all sections, with the numbers of the fit", {
  text <- text_of_report(schools)
  for (section in c("Data", "Model", "Estimates", "Shares of the variance", "Checks", "Influential groups")) {
    expect_match(text, section, fixed = TRUE)
  }
  expect_match(text, "7,185 rows", fixed = TRUE)
  r2 <- variance_explained(schools)$r2
  expect_match(text, sprintf("%.1f %% of the variance", 100 * r2[["marginal"]]), fixed = TRUE)
  distances <- as.data.frame(influence(schools))
  largest <- rownames(distances)[which.max(distances$cook.d)]
  expect_match(text, sprintf("Without %s, which has the largest distance", largest), fixed = TRUE)
  expect_match(text, convergence(schools)$message, fixed = TRUE)
  expect_match(text, "No covariance matrix of the random effects is singular", fixed = TRUE)
})

test_that("the file fetches nothing from the web", {
  html <- readLines(report_lmm(schools, tempfile(fileext = ".html")), warn = FALSE)
  expect_length(grep("(src|href)=[\"']?https?://", html), 0L)
  expect_length(grep("mathjax", html, ignore.case = TRUE), 0L)
  expect_gt(length(grep("<math", html)), 0L)
})

test_that("singular and crossed fits, and fits with few groups, have reports", {
  flat <- data.frame(y = rep(c(-1, 0, 1), 8) + 0.1 * sin(1:24), x = cos(1:24), g = rep(1:8, each = 3))
  singular <- lmm(y ~ x + (1 | g), flat)
  expect_true(isSingular(singular))
  expect_match(text_of_report(singular), "estimate of a covariance matrix is on the boundary", fixed = TRUE)
  rail <- as.data.frame(nlme::Rail)
  two <- lmm(travel ~ 1 + (1 | Rail), rail[rail$Rail %in% 1:2, ])
  expect_match(suppressWarnings(text_of_report(two)), "too few groups to leave one of them out", fixed = TRUE)
  oats <- as.data.frame(nlme::Oats)
  text <- text_of_report(lmm(yield ~ nitro + (1 | Block) + (1 | Variety), oats))
  expect_match(text, "6 levels of Block, 3 levels of Variety", fixed = TRUE)
})

test_that("Word documents are written; other formats, folders and fits without rows are refused", {
  file <- report_lmm(schools, tempfile(fileext = ".docx"))
  expect_gt(file.size(file), 20000)
  expect_error(report_lmm(schools, "report.txt"), class = "mixest_input")
  expect_error(report_lmm(schools, file.path(tempfile(), "report.html")), class = "mixest_input")
  expect_error(report_lmm(1, "report.html"), class = "mixest_input")
  bare <- update(schools, control = lmm_control(keep_data = FALSE))
  expect_error(report_lmm(bare, "report.html"), class = "mixest_input")
})
