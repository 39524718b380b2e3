# Pictures of the fixed effects: predicted curve of a covariate, coefficients with intervals.

# covariate  one-sided formula; NULL: the first numeric variable of the fixed part, else the first
# at         named list: values of other variables, a curve for each combination
picture_of_effects <- function(fit, covariate = NULL, at = NULL, level = 0.95) {
  user <- parent.frame()
  check_probability(level)
  frame <- original_columns(fit, kept_frame(fit, user))
  variables <- intersect(all.vars(stats::delete.response(fit$terms)), names(frame))
  x_name <- if (is.null(covariate)) {
    main_covariate(frame[variables], user)
  } else {
    check_covariate(covariate, frame, user, numeric = FALSE)
  }
  at <- check_at(at, frame, x_name, user)
  typical <- typical_rows(frame[variables], factor(rep(1L, nrow(frame))))
  x <- frame[[x_name]]
  values <- if (is.numeric(x)) seq(min(x), max(x), length.out = 101L) else values_of(x)
  combinations <- expand.grid(c(stats::setNames(list(values), x_name), at), stringsAsFactors = FALSE)
  rows <- typical[rep(1L, nrow(combinations)), , drop = FALSE]
  rows[names(combinations)] <- combinations
  predicted <- predict(fit, rows, re.form = NA, interval = "confidence", level = level)
  data <- data.frame(combinations, predicted, row.names = NULL, check.names = FALSE)
  curve <- if (length(at)) labels_of_curves(combinations[names(at)])
  series <- unique(curve)
  place <- data[[x_name]]
  if (!is.numeric(x)) {
    aside <- if (length(at)) match(curve, series) - (length(series) + 1) / 2 else 0
    place <- match(place, values) + 0.12 * aside
  }
  layers_at <- data.frame(x = place, y = data$fit, lower = data$lwr, upper = data$upr)
  layers_at$series <- layers_at$group <- curve
  others <- setdiff(variables, c(x_name, names(at)))
  picture <- new_picture(
    data, if (is.numeric(x)) list(layer("band", layers_at, "blue", alpha = 0.2), layer("line", layers_at, "blue")) else
      list(layer("upright", layers_at, "blue"), layer("points", layers_at, "blue")),
    title = paste("Predicted", response_name(fit), "by", x_name),
    subtitle = describe_typical(typical, frame, others, level),
    xlab = x_name, ylab = paste("Mean of", response_name(fit)), series = series
  )
  if (!is.numeric(x)) picture$x_categories <- as.character(values)
  picture
}

main_covariate <- function(frame, call) {
  if (!length(frame)) {
    abort_mixest("input", "A fit must have a covariate in its fixed part for a picture of its effects.", call)
  }
  numeric <- vapply(frame, is.numeric, NA)
  names(frame)[if (any(numeric)) which(numeric)[1L] else 1L]
}

# "a = 1, b = x" for each row.
labels_of_curves <- function(values) {
  shown <- lapply(values, function(x) if (is.numeric(x)) format(x, digits = 3L, trim = TRUE) else x)
  do.call(paste, c(unname(Map(paste, names(shown), "=", shown)), sep = ", "))
}

values_of <- function(x) if (is.factor(x)) factor(levels(x), levels(x)) else sort(unique(x))

check_at <- function(at, frame, x_name, call) {
  if (is.null(at)) return(list())
  fine <- is.list(at) && length(at) && !is.null(names(at)) && all(names(at) %in% setdiff(names(frame), x_name))
  if (fine) return(as.list(at))
  abort_mixest("input", c(
    "{.arg at} must be a list of values, named by other variables of the fit than the covariate.",
    x = if (is.list(at)) "Its names are {list_names(names(at))}." else "It is {.obj_type_friendly {at}}.",
    i = "They are {list_names(setdiff(names(frame), x_name))}."
  ), call)
}

describe_typical <- function(typical, frame, others, level) {
  band <- paste("With", percent(level), "confidence limits")
  if (!length(others)) return(band)
  values <- vapply(others, function(name) {
    x <- typical[[name]]
    if (!is.numeric(x)) return(as.character(x))
    # To a hundredth of the variable's spread.
    spread <- diff(range(frame[[name]]))
    if (spread > 0) x <- round(x, 2 - floor(log10(spread)))
    format(x, digits = 6L)
  }, "")
  shown <- paste(others, "=", values)
  if (length(shown) > 3L) shown <- c(shown[1:3], "...")
  paste0(band, "; ", paste(shown, collapse = ", "))
}

picture_of_coefficients <- function(fit, level = 0.95, ddf = "satterthwaite", intercept = FALSE) {
  check_probability(level)
  check_flag(intercept, "intercept")
  method <- df_method(fit, match_ddf(ddf, parent.frame()))
  p <- length(fit$coefficients)
  tests <- t_tests(method, diag(1, p, p))
  df <- if ("df" %in% colnames(tests) && method$ddf != "none") tests[, "df"] else Inf
  half <- stats::qt((1 + level) / 2, df) * tests[, "Std. Error"]
  data <- data.frame(
    term = names(fit$coefficients), estimate = unname(fit$coefficients), conf.low = unname(fit$coefficients - half),
    conf.high = unname(fit$coefficients + half)
  )
  if (!intercept && p > 1L) data <- data[data$term != "(Intercept)", ]
  y <- rev(seq_len(nrow(data)))
  new_picture(
    data, list(
      layer("vertical", data.frame(at = 0), "grey"),
      layer("across", data.frame(y = y, lower = data$conf.low, upper = data$conf.high), "blue"),
      layer("points", data.frame(x = data$estimate, y = y), "blue")
    ),
    title = "Fixed effects", subtitle = paste("With", percent(level), "confidence limits"),
    xlab = paste0("Coefficient, ", response_name(fit), " per unit of the covariate"), ylab = "",
    categories = rev(data$term)
  )
}
