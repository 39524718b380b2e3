test_that("the number of parameters is that of the core, their names and bounds are as many", {
  for (structure in names(covariance_structures)) {
    for (q in 1:5) {
      bounds <- parameter_bounds(structure, letters[seq_len(q)])
      user <- cpp_covariance_theta(structure, q, pmax(bounds, 0))
      expect_length(bounds, n_theta(structure, q))
      expect_length(user, n_theta(structure, q))
      expect_false(anyDuplicated(names(bounds)) > 0L)
    }
  }
})

test_that("a structure spans the linear space of its matrices", {
  set.seed(1)
  for (structure in names(covariance_structures)) {
    for (q in 1:4) {
      bounds <- parameter_bounds(structure, letters[seq_len(q)])
      least <- replace(bounds, !is.finite(bounds), -1)
      draws <- replicate(20, {
        theta <- stats::runif(length(least), least, 1) * 0.4 + 0.3 * (least == 0)
        psi <- tryCatch(cpp_covariance_user(structure, q, theta)$psi, error = function(error) matrix(0, q, q))
        psi[lower.tri(psi, diag = TRUE)]
      })
      expect_identical(qr(as.matrix(draws))$rank, as.integer(spanned_dimension(structure, q)), label = structure)
    }
  }
})

test_that("a structure is unstructured where its matrices are all covariance matrices", {
  expect_true(all(vapply(names(covariance_structures), is_unstructured, NA, q = 1L)))
  two <- vapply(names(covariance_structures), is_unstructured, NA, q = 2L)
  expect_setequal(names(two)[two], c("us", "cs", "toep"))
  three <- vapply(names(covariance_structures), is_unstructured, NA, q = 3L)
  expect_identical(names(three)[three], "us")
})

test_that("names of parameters are lme4's where there is one for each pair, and one for each lag or all pairs", {
  names_of <- function(structure, q) {
    term_parameters(list(names = letters[seq_len(q)], structure = structure, label = "g"), 1L)$name
  }
  expect_identical(names_of("us", 2L), c("sd_a|g", "cor_b.a|g", "sd_b|g"))
  expect_identical(names_of("us", 3L), paste0(c("sd_a", "cor_b.a", "cor_c.a", "sd_b", "cor_c.b", "sd_c"), "|g"))
  expect_identical(names_of("cs", 2L), names_of("us", 2L))
  expect_identical(names_of("homcs", 2L), c("sd|g", "cor_b.a|g"))
  expect_identical(names_of("homcs", 3L), c("sd|g", "cor|g"))
  expect_identical(names_of("toep", 3L), paste0(c("sd_a", "sd_b", "sd_c", "cor1", "cor2"), "|g"))
  expect_identical(names_of("diag", 1L), "sd_a|g")
})

# The one table is enough: every other file asks it.
test_that("names of structures are in no R file but the table", {
  folder <- testthat::test_path("..", "..", "R")
  skip_if_not(dir.exists(folder), "the sources of R/ are not beside the tests")
  quoted <- sprintf('["\'](%s)["\']', paste(names(covariance_structures), collapse = "|"))
  knows <- vapply(list.files(folder, "[.]R$", full.names = TRUE), function(file) {
    code <- sub("^ *#.*", "", readLines(file))
    any(grepl(quoted, code))
  }, NA)
  expect_identical(basename(names(knows)[knows]), "facts-structures.R")
})
