#' A report of a fit
#'
#' Writes a finished document about a fit: data and groups, the model in equations, estimates with
#' intervals, shares of the variance, pictures to check the model by and what to look for in them,
#' influential groups, the certificate of convergence, and the session. Every number in it is
#' computed from the fit.
#'
#' @param fit a fit returned by [lmm()] that keeps its rows.
#' @param file character: the file to write. Its extension chooses the format: `.html`, `.docx` or
#'   `.pdf` (where LaTeX is installed).
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @details The document is the R Markdown template "Mixed model report". To change it, open it from
#' the menu of RStudio (New File, R Markdown, From Template) or with `rmarkdown::draft("report.Rmd",
#' template = "mixed-model-report", package = "mixest")`, and put your model in its first chunk.
#'
#' The HTML file has everything in it, pictures and formulas (MathML) too, and fetches nothing from
#' the web. Leaving out each group is not done for more than 2,000 of them. The packages knitr and
#' rmarkdown and the program pandoc must be installed.
#' @return The path of the file, invisibly.
#' @examples
#' fit <- lmm(distance ~ age + Sex + (age | Subject), data = nlme::Orthodont)
#' if (requireNamespace("rmarkdown", quietly = TRUE) && rmarkdown::pandoc_available("2.0")) {
#'   file <- report_lmm(fit, tempfile(fileext = ".html"))
#'   file.size(file)
#' }
#' @export
report_lmm <- function(fit, file = "report.html", ...) {
  user <- environment()
  check_dots()
  check_fit(fit, "report_lmm")
  kept_frame(fit, user)
  format <- format_of_file(file, user)
  check_can_render(user)
  folder <- tempfile("report")
  dir.create(folder)
  on.exit(unlink(folder, recursive = TRUE))
  template <- system.file(
    "rmarkdown", "templates", "mixed-model-report", "skeleton", "skeleton.Rmd", package = "mixest", mustWork = TRUE
  )
  input <- file.path(folder, "report.Rmd")
  file.copy(template, input)
  written <- rmarkdown::render(
    input, format, output_file = basename(file), output_dir = dirname(file), params = list(fit = fit),
    envir = new.env(parent = globalenv()), quiet = TRUE
  )
  invisible(written)
}

format_of_file <- function(file, call) {
  formats <- c(html = "html_document", docx = "word_document", pdf = "pdf_document")
  known <- is.character(file) && length(file) == 1L && !is.na(file)
  extension <- if (known) lower_case(sub(".*[.]", "", basename(file)))
  if (!known || !extension %in% names(formats)) {
    refuse_value("file", file, "the name of a file that ends in .html, .docx or .pdf", call)
  }
  if (!dir.exists(dirname(file))) {
    abort_mixest("input", c(
      "The folder of {.arg file} must exist.", x = "Can't find {.path {dirname(file)}}."
    ), call)
  }
  formats[[extension]]
}

check_can_render <- function(call) {
  rlang::check_installed("rmarkdown", "to write a report.", call = call)
  if (rmarkdown::pandoc_available("2.0")) return(invisible())
  abort_mixest("input", c(
    "A report needs the program pandoc, version 2 or later.", x = "Can't find it.",
    i = "Install it, or run R in RStudio, which brings it."
  ), call)
}
