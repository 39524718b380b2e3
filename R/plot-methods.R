#' Pictures of a fit
#'
#' `plot()` draws with base graphics, or for a formula with lattice; `ggplot2::autoplot()` draws the
#' same pictures with ggplot2; `plot_data()` gives the numbers behind a picture.
#'
#' @param x a fit returned by [lmm()] that keeps its rows; for `plot()` and `autoplot()` also
#'   what [ranef()], [profile()], [bootstrap()] or [influence()] returned.
#' @param form `NULL` (default), or a formula whose variables are those of the model and `.`, the
#'   fit: `resid(., scaled = TRUE) ~ fitted(.) | school`, drawn by lattice as in nlme and lme4. A
#'   factor on the left gives box plots, no left side a histogram.
#' @param which numbers or names of the pictures to draw, one after the other: `"residuals"`,
#'   `"scale"`, `"qq"`, `"qq_ranef"`, `"ranef"`, `"groups"`, `"effects"`, `"coef"`, `"profile"`,
#'   `"influence"`, `"bootstrap"`, `"variance"`. Default: the first four. Ask for one to give it
#'   arguments of its own.
#' @param type character: one of these names, or `"check"` (default of `autoplot()`) for the first
#'   four on one page.
#' @param abline with `form`, the line to add: a number for a level one, or intercept and slope.
#' @param id with `form`, a number between 0 and 1: rows whose standardized residual is beyond the
#'   two-sided normal quantile of this probability are named. Default `NULL`: none.
#' @param idLabels with `id`, a vector or a one-sided formula of the names. Default: the row names.
#' @param grid with `form`, logical: draw a grid? Default `TRUE`.
#' @param ... arguments of the picture, by `type`:
#' * `"qq"`: `level` of the band, default 0.95;
#' * `"qq_ranef"`, `"ranef"`: `group`, names of grouping factors (default: all), `level`;
#' * `"groups"`: `groups`, how many are drawn (default 20; with `by`, of each value), or their
#'   labels; `by`, a one-sided formula of a variable that is constant within groups: a page for each
#'   of its values; `covariate`, one-sided formula (default: the first numeric variable of the
#'   random effects, then of the fixed effects); `group`, the grouping factor (default: that with
#'   most effects); `seed` of the draw;
#' * `"effects"`: `covariate`, one-sided formula (default: the first numeric variable); `at`, a
#'   list of values of other variables, a curve for each combination; `level`;
#' * `"coef"`: `level`, `ddf` (see [df_for()]), `intercept` (logical, default `FALSE`);
#' * `"profile"`: `which`, as in [profile.mixest()]; `density` (logical, default `FALSE`: zeta);
#' * `"influence"`: `measure`, `"cook"` (default) or `"dfbetas"`; `group`, `obs` as in
#'   [influence.mixest()]; `label`, how many of the largest are named, default 5;
#' * `"bootstrap"`: `which` parameters, `level`, `nsim`, `seed`.
#'
#'   For a formula, arguments of lattice. For `plot()` also graphical parameters.
#' @details
#' * `"residuals"`: conditional residuals (times the roots of the precision weights) against fitted
#'   values, with a smooth curve: it should be level at zero. (In small groups the shrinkage of the
#'   random effects makes it rise from left to right, also where the model is true.) `"scale"`:
#'   roots of the absolute standardized residuals; the curve should be level.
#' * `"qq"`: [rstandard()] against normal quantiles. The band has the limits within which each
#'   ordered value of a normal sample lies with probability `level`: not all at once. `"qq_ranef"`:
#'   predicted random effects, divided by the standard deviation of the prediction,
#'   \eqn{\sqrt{D - Var(\hat\gamma - \gamma)}}.
#' * `"ranef"`: predictions with the intervals of [ranef()], in the order of the first effect.
#' * `"groups"`: data of some groups (offsets subtracted), the least-squares fit of each group's own
#'   rows to the covariate, the line of the model for the group, and the population's. Lines are
#'   those of typical values of other variables in the group: means, or the most frequent value.
#' * `"effects"`: population mean with confidence limits along a covariate.
#' * `"profile"`: zeta is the signed root of the rise of the deviance, straight where Wald intervals
#'   are good. The density is the derivative of the normal distribution function of zeta.
#' * `"influence"`: takes as long as [influence()]. `"variance"`: see [variance_explained()].
#'
#' Of many rows or levels, the extreme ones and evenly spaced others are drawn, and the subtitle
#' says so. Curves are computed from all of them, and `plot_data()` has all of them, except for
#' quantiles, of which it has those that are drawn.
#' @return `plot()`: the data of the picture, or list of them, invisibly; for a formula lattice's
#'   object. `autoplot()`: a ggplot object; several pictures are a list of them, which is drawn
#'   when it is printed. `plot_data()`: a data frame, for several pictures a list of data frames.
#' @references
#' Henderson, C. R. (1975). Best linear unbiased estimation and prediction under a selection model.
#' *Biometrics* 31, 423-447.
#' @examples
#' fit <- lmm(mathach ~ meanses + sector + cses + (cses | school), data = MathAchieve)
#' plot(fit, which = "residuals")
#' plot(fit, resid(., scaled = TRUE) ~ fitted(.) | sector, abline = 0)
#' head(plot_data(fit, "coef"))
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   library(ggplot2)
#'   print(autoplot(fit, type = "check"))
#'   print(autoplot(fit, type = "groups", groups = 20, by = ~sector, seed = 1))
#'   sectors <- list(sector = c("Public", "Catholic"))
#'   print(autoplot(fit, type = "effects", covariate = ~cses, at = sectors))
#' }
#' @name plot.mixest
NULL

#' @rdname plot.mixest
#' @export
plot.mixest <- function(x, form = NULL, which = 1:4, abline = NULL, id = NULL, idLabels = NULL, grid = TRUE, ...) {
  user <- environment()
  if (!is.null(form)) {
    # lattice knows the rest.
    check_format(plot.mixest, user)
    return(plot_formula(x, form, list(abline = abline, id = id, labels = idLabels, grid = grid), user, ...))
  }
  types <- chosen_types(which, user)
  check_dots(also = c(arguments_of_types(types), graphical_parameters))
  draw_all(pictures_of(x, types, list(...), user), list(...))
}

# Draws one picture after the other; on a screen the user turns the pages.
draw_all <- function(pictures, dots) {
  graphical <- dots[names(dots) %in% graphical_parameters]
  if (inherits(pictures, "mixest_picture")) return(invisible(do.call(draw_base, c(list(pictures), graphical))))
  pages <- flat_pictures(pictures)
  if (length(pages) > 1L && grDevices::dev.interactive()) {
    old <- grDevices::devAskNewPage(TRUE)
    on.exit(grDevices::devAskNewPage(old))
  }
  invisible(lapply(pages, function(picture) do.call(draw_base, c(list(picture), graphical))))
}

# A list of pictures, one of which may be a list of pages.
flat_pictures <- function(pictures) {
  if (inherits(pictures, "mixest_picture")) return(list(pictures))
  unlist(lapply(unclass(pictures), function(picture) {
    if (inherits(picture, "mixest_picture")) list(picture) else unclass(picture)
  }), recursive = FALSE)
}

chosen_types <- function(which, call) {
  types <- names(picture_types)
  if (is.character(which)) {
    which <- lower_case(which)
    for (one in which) check_choice(one, "which", types, call)
    return(which)
  }
  if (is.numeric(which) && length(which) && all(which %in% seq_along(types))) return(types[which])
  refuse_value("which", which, "names of pictures, or whole numbers from 1 to {length(picture_types)}", call)
}

#' @rdname plot.mixest
#' @export
plot_data <- function(x, type, ...) {
  user <- environment()
  types <- if (missing(type)) character() else types_of(type, user)
  check_dots(also = arguments_of_types(if (length(types)) types else names(picture_types)))
  check_given(missing(type), "type")
  if (inherits(x, "mixest")) refuse_other_format(x, user) else check_kind(x, types, user)
  made <- pictures_of(x, types, list(...), user)
  if (inherits(made, "mixest_picture")) return(made$data)
  lapply(flat_pictures(made), `[[`, "data")
}

types_of <- function(type, call) {
  if (is.character(type) && length(type) == 1L) type <- lower_case(type)
  type <- check_choice(type, "type", c("check", names(picture_types)), call)
  if (type == "check") check_types else type
}

# Which pictures there are of what is no fit.
types_by_class <- c(
  ranef.mixest = "ranef", mixest_profile = "profile", influence.mixest = "influence", mixest_boot = "bootstrap"
)

check_kind <- function(x, types, call) {
  own <- types_by_class[class(x)[1L]]
  if (!is.na(own) && identical(unname(own), types)) return(invisible())
  abort_mixest("input", c(
    "{.arg x} must be a fit of {.fn lmm} for {cli::qty(length(types))}picture{?s} of type {.val {types}}.",
    x = "It is {.obj_type_friendly {x}}."
  ), call)
}

# Registered for ggplot2's generic (R/interop-register.R).
autoplot.mixest <- function(object, type = "check", ...) {
  user <- environment()
  types <- types_of(type, user)
  check_dots(also = arguments_of_types(types))
  as_ggplot(pictures_of(object, types, list(...), user), one_page = length(types) > 1L)
}

autoplot.ranef.mixest <- function(object, ...) {
  check_dots(also = arguments_of_types("ranef"))
  as_ggplot(pictures_of(object, "ranef", list(...), environment()), one_page = FALSE)
}

autoplot.mixest_profile <- function(object, ...) {
  check_dots(also = arguments_of_types("profile"))
  as_ggplot(pictures_of(object, "profile", list(...), environment()), one_page = FALSE)
}

autoplot.influence.mixest <- function(object, ...) {
  check_dots(also = arguments_of_types("influence"))
  as_ggplot(pictures_of(object, "influence", list(...), environment()), one_page = FALSE)
}

autoplot.mixest_boot <- function(object, ...) {
  check_dots(also = arguments_of_types("bootstrap"))
  as_ggplot(pictures_of(object, "bootstrap", list(...), environment()), one_page = FALSE)
}

as_ggplot <- function(pictures, one_page) {
  if (inherits(pictures, "mixest_picture")) return(draw_ggplot(pictures))
  structure(lapply(flat_pictures(pictures), draw_ggplot), one_page = one_page, class = "mixest_ggplots")
}

#' @rdname plot.mixest
#' @export
plot.ranef.mixest <- function(x, ...) {
  check_dots(also = c(arguments_of_types("ranef"), graphical_parameters))
  draw_all(pictures_of(x, "ranef", list(...), environment()), list(...))
}

#' @rdname plot.mixest
#' @export
plot.influence.mixest <- function(x, ...) {
  check_dots(also = c(arguments_of_types("influence"), graphical_parameters))
  draw_all(pictures_of(x, "influence", list(...), environment()), list(...))
}

#' @export
print.mixest_ggplots <- function(x, ...) {
  check_dots()
  if (!attr(x, "one_page")) {
    for (page in unclass(x)) print(page)
    return(invisible(x))
  }
  columns <- ceiling(sqrt(length(x)))
  layout <- grid::grid.layout(ceiling(length(x) / columns), columns)
  grid::grid.newpage()
  grid::pushViewport(grid::viewport(layout = layout))
  on.exit(grid::popViewport())
  for (i in seq_along(x)) {
    place <- grid::viewport(layout.pos.row = (i - 1L) %/% columns + 1L, layout.pos.col = (i - 1L) %% columns + 1L)
    print(smaller(x[[i]]), vp = place)
  }
  invisible(x)
}

# For a quarter of a page, where there is no room for a subtitle.
smaller <- function(plot) {
  plot + ggplot2::labs(subtitle = NULL) + ggplot2::theme(
    plot.title = ggplot2::element_text(size = 9), axis.title = ggplot2::element_text(size = 7),
    axis.text = ggplot2::element_text(size = 7), strip.text = ggplot2::element_text(size = 6.5)
  )
}

#' @export
plot.mixest_ggplots <- function(x, ...) {
  check_dots()
  print(x)
}
