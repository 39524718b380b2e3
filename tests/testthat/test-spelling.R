# Words of DESCRIPTION, the help pages, the vignettes and the pages of the root, read from the
# sources: of the checkout, or those that R CMD check has unpacked. inst/WORDLIST has the words
# that are right but not in the dictionary.

without_formulas <- function(lines) {
  text <- gsub("(?s)[$]{2}.*?[$]{2}", " ", paste(lines, collapse = "\n"), perl = TRUE)
  gsub("[$][^$`]*[$]", " ", text)
}

# -> list of two: unknown words; where each was found
unknown_words <- function(folder) {
  pages <- c(
    list.files(file.path(folder, "vignettes"), "[.]Rmd$", full.names = TRUE),
    list.files(folder, "^(README|NEWS|CONTRIBUTING)[.]md$", full.names = TRUE)
  )
  copies <- file.path(tempfile("pages"), basename(pages))
  dir.create(dirname(copies[1L]))
  on.exit(unlink(dirname(copies[1L]), recursive = TRUE))
  Map(function(page, copy) writeLines(without_formulas(readLines(page, encoding = "UTF-8")), copy), pages, copies)
  known <- readLines(file.path(folder, "inst", "WORDLIST"), encoding = "UTF-8")
  rbind(
    spelling::spell_check_package(folder, vignettes = FALSE),
    spelling::spell_check_files(copies, ignore = known, lang = "en_GB")
  )
}

test_that("formulas are no words", {
  expect_equal(trimws(without_formulas(c("a $x_i$", "b", "$$", "\\beta", "$$", "c"))), "a  \nb\n \nc")
})

test_that("every word is in the dictionary or in inst/WORDLIST", {
  skip_on_cran()
  skip_if_not_installed("spelling")
  folder <- source_folder()
  skip_if(is.null(folder), "the sources are not here")
  unknown <- unknown_words(folder)
  places <- vapply(unknown$found, paste, "", collapse = ", ")
  expect_identical(sprintf("%s (%s)", unknown$word, places), character())
})
