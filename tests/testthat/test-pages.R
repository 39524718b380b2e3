# The pages on the code, architecture.Rmd and algorithm.Rmd, name files and functions that exist. In
# the checkout alone, since the source package lacks tools/ and bench/.

read_page <- function(folder, page) readLines(file.path(folder, "vignettes", page), encoding = "UTF-8")

# What stands in backticks outside blocks of code.
code_spans <- function(lines) {
  fence <- grepl("^\\s*```", lines)
  lines <- lines[!fence & cumsum(fence) %% 2L == 0L]
  spans <- regmatches(text <- paste(lines, collapse = "\n"), gregexpr("`[^`]+`", text))[[1L]]
  unique(gsub("\\s+", " ", gsub("`", "", spans)))
}

named_files <- function(spans) grep("^[A-Za-z0-9_./-]+[.](R|cpp|h|sh|md|Rmd|csv|svg|ya?ml|toml)$", spans, value = TRUE)

# `f()` and `f(x, y = 1)`, but not `package::f()`
named_functions <- function(spans) {
  calls <- grep("^[A-Za-z][A-Za-z0-9_.]*\\(.*\\)$", spans, value = TRUE)
  unique(sub("\\(.*", "", calls))
}

# A path from the root, or the end of one.
is_file <- function(names, files) {
  vapply(names, function(name) any(endsWith(paste0("/", files), paste0("/", name))), NA)
}

# Functions that a line of C++ declares: a type, then the name. Comments are left out.
declared_in_cpp <- function(folder) {
  files <- list.files(file.path(folder, "src"), "[.](h|cpp)$", recursive = TRUE, full.names = TRUE)
  lines <- sub("//.*", "", unlist(lapply(files, readLines, encoding = "UTF-8")))
  declaration <- "^.*?([A-Za-z0-9_>&*]) +[&*]?([A-Za-z0-9_]+::)*([a-z][A-Za-z0-9_]*)\\(.*$"
  lines <- grep(declaration, lines, value = TRUE, perl = TRUE)
  lines <- grep("^\\s*(return|else|throw|new) ", lines, value = TRUE, invert = TRUE)
  unique(sub(declaration, "\\3", lines, perl = TRUE))
}

is_function <- function(names, folder) {
  of_package <- function(package) {
    if (requireNamespace(package, quietly = TRUE)) ls(asNamespace(package), all.names = TRUE)
  }
  packages <- c("mixest", "base", "stats", "utils", "graphics", "nlme", "lme4", "testthat")
  names %in% c(unlist(lapply(packages, of_package)), declared_in_cpp(folder))
}

test_that("names of files and functions are found in a page", {
  spans <- code_spans(c("See `R/a.R`, `b()` and `c(x =", "  1)`.", "```", "`d()`", "```", "`e::f()` `*.h` `g`"))
  expect_identical(spans, c("R/a.R", "b()", "c(x = 1)", "e::f()", "*.h", "g"))
  expect_identical(named_files(spans), "R/a.R")
  expect_identical(named_functions(spans), c("b", "c"))
  expect_identical(unname(is_file(c("b.h", "a/b.h", "c/b.h"), "src/a/b.h")), c(TRUE, TRUE, FALSE))
})

for (page in c("architecture.Rmd", "algorithm.Rmd")) {
  test_that(paste(page, "names files and functions that exist"), {
    folder <- checkout_folder()
    skip_if(is.null(folder), "this is not a checkout")
    spans <- code_spans(read_page(folder, page))
    files <- named_files(spans)
    functions <- named_functions(spans)
    expect_gt(length(files), 10)
    expect_gt(length(functions), 3)
    tree <- list.files(folder, recursive = TRUE, all.files = TRUE)
    expect_identical(files[!is_file(files, tree)], character(), info = paste("no such file, in", page))
    expect_identical(
      functions[!is_function(functions, folder)], character(), info = paste("no such function, in", page)
    )
  })
}

test_that("architecture.Rmd names every header of the core", {
  folder <- checkout_folder()
  skip_if(is.null(folder), "this is not a checkout")
  headers <- list.files(file.path(folder, "src", "core"), "[.]h$", recursive = TRUE)
  expect_gt(length(headers), 20)
  named <- basename(named_files(code_spans(read_page(folder, "architecture.Rmd"))))
  expect_identical(headers[!basename(headers) %in% named], character(), info = "not named in architecture.Rmd")
})

test_that("_pkgdown.yml has every help page and every vignette in a group", {
  folder <- checkout_folder()
  skip_if(is.null(folder), "this is not a checkout")
  entries <- unlist(strsplit(readLines(file.path(folder, "_pkgdown.yml")), "[], :[]+"))
  topics <- sub("[.]Rd$", "", list.files(file.path(folder, "man"), "[.]Rd$"))
  vignettes <- sub("[.]Rmd$", "", list.files(file.path(folder, "vignettes"), "[.]Rmd$"))
  expect_gt(length(topics), 20)
  expect_identical(setdiff(c(topics, vignettes), entries), character(), info = "in no group of _pkgdown.yml")
})
