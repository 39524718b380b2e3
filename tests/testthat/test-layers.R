# The prefix of a file of R/ names its layer. A layer calls those before it, never those after it;
# plot, report and interop are called by nobody.
layers <- c("check", "facts", "input", "rows", "fit", "lmm", "extract", "predict", "infer", "report", "plot", "interop")

# Functions of the R files in `folder`: their bodies by name, and the file of each.
read_functions <- function(folder) {
  files <- setdiff(list.files(folder, "[.]R$"), "RcppExports.R")
  found <- lapply(stats::setNames(files, sub("[.]R$", "", files)), function(file) {
    assigned <- Filter(
      function(expr) is.call(expr) && identical(expr[[1L]], quote(`<-`)),
      as.list(parse(file.path(folder, file), keep.source = FALSE))
    )
    stats::setNames(lapply(assigned, `[[`, 3L), vapply(assigned, function(expr) as.character(expr[[2L]]), ""))
  })
  list(body = do.call(c, unname(found)), file = rep(names(found), lengths(found)))
}

# One row for each call between two files: from, to, and the functions that make it.
calls_between_files <- function(functions) {
  names <- names(functions$body)
  called <- lapply(functions$body, function(body) {
    used <- codetools::findGlobals(as.function(list(body)), merge = FALSE)
    match(intersect(names, unlist(used)), names)
  })
  from <- rep(seq_along(called), lengths(called))
  to <- unlist(called)
  edges <- data.frame(
    from = functions$file[from], to = functions$file[to], call = paste0(names[from], "() -> ", names[to], "()")
  )
  edges[edges$from != edges$to, ]
}

layer_of <- function(file) match(sub("-.*", "", file), layers)

calls_upwards <- function(edges) edges$call[layer_of(edges$to) > layer_of(edges$from)]

# What is left after files without calls to, then files without calls from, others are taken away.
circle_of_files <- function(edges) {
  repeat {
    kept <- edges$to %in% edges$from & edges$from %in% edges$to
    if (all(kept)) return(unique(edges$from))
    edges <- edges[kept, ]
  }
}

test_that("layers of R files call downwards only, no files call each other in a circle, no name is given twice", {
  folder <- testthat::test_path("..", "..", "R")
  skip_if_not(dir.exists(folder), "the sources of R/ are not beside the tests")
  functions <- read_functions(folder)
  edges <- calls_between_files(functions)
  expect_gt(nrow(edges), 300L)
  expect_identical(names(functions$body)[duplicated(names(functions$body))], character())
  expect_identical(calls_upwards(edges), character())
  expect_identical(circle_of_files(edges), character())
  without_layer <- unique(functions$file[is.na(layer_of(functions$file))])
  expect_identical(without_layer, character())
})

test_that("a call upwards and a circle are found", {
  folder <- withr::local_tempdir()
  writeLines("low <- function(x) high(x)\nlow_too <- function(x) x", file.path(folder, "facts-a.R"))
  writeLines("high <- function(x) lapply(x, low_too)", file.path(folder, "infer-b.R"))
  edges <- calls_between_files(read_functions(folder))
  expect_identical(calls_upwards(edges), "low() -> high()")
  expect_setequal(circle_of_files(edges), c("facts-a", "infer-b"))
})
