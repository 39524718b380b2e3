# Finds lines that are too long: code over 120 columns, comments, roxygen and prose over 100.
#   Rscript tools/widths.R [FILE]...    without FILE: every file of the checkout that git knows
# Prints the places and ends with status 1 when there are any. A formula or a table, which is
# indented in a comment, counts as code. In Markdown, tables, displayed formulas and links have no
# limit, since they can't be broken. Generated files are left out.

code_limit <- 120L
prose_limit <- 100L
generated <- paste0(
  "RcppExports[.](R|cpp)$|^man/|^NAMESPACE$|^README[.]md$|^LICENSE|",
  "^tests/testthat/_snaps/|^bench/(coverage|coverage_predictions|random_designs)[.]md$"
)

is_markdown <- function(file) grepl("[.](Rmd|md)$", file)
is_code <- function(file) grepl("[.](R|cpp|h|sh|ya?ml|toml)$|^Makefile$|^[.]ci/run$", file)

known_files <- function() {
  files <- system2("git", c("ls-files", "--cached", "--others", "--exclude-standard"), stdout = TRUE)
  files <- files[file.exists(files)]
  files[(is_markdown(files) | is_code(files)) & !grepl(generated, files)]
}

# TRUE for the lines between two lines that match `mark`, and for those two
between <- function(lines, mark) {
  marked <- grepl(mark, lines)
  marked | cumsum(marked) %% 2L == 1L
}

# -> the limit of each line
limits <- function(file, lines) {
  if (is_markdown(file)) {
    free <- between(lines, "^\\s*[$]{2}\\s*$") | grepl("^\\s*[|]|^\\s*[$]{2}.*[$]{2}$|^\\s*!?\\[[^]]*\\](:|\\()", lines)
    return(ifelse(between(lines, "^\\s*```"), code_limit, ifelse(free, Inf, prose_limit)))
  }
  comment <- if (grepl("[.](cpp|h)$", file)) "^\\s*(//|/[*]|[*] )" else "^\\s*#"
  display <- "^\\s*(//|#'?)   +\\S"
  link <- "^\\s*(//|#'?)?\\s*<?https?://\\S+$"
  ifelse(grepl(link, lines), Inf, ifelse(grepl(comment, lines) & !grepl(display, lines), prose_limit, code_limit))
}

# -> one text for each line that is too long
too_long <- function(file) {
  lines <- readLines(file, warn = FALSE, encoding = "UTF-8")
  columns <- nchar(lines, type = "width", allowNA = TRUE)
  limit <- limits(file, lines)
  where <- which(columns > limit)
  sprintf("%s:%d: %d columns, %d allowed", rep(file, length(where)), where, columns[where], as.integer(limit[where]))
}

files <- commandArgs(TRUE)
if (!length(files)) files <- known_files()
found <- unlist(lapply(files, too_long))
writeLines(c(found, sprintf("%d lines too long in %d files", length(found), length(files))))
if (length(found)) quit(status = 1L)
