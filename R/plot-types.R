# The kinds of pictures of a fit.

picture_types <- list(
  residuals = picture_of_residuals, scale = picture_of_scale, qq = picture_of_quantiles,
  qq_ranef = picture_of_ranef_quantiles, ranef = picture_of_ranef, groups = picture_of_groups,
  effects = picture_of_effects, coef = picture_of_coefficients, profile = picture_of_profile,
  influence = picture_of_influence, bootstrap = picture_of_bootstrap, variance = picture_of_variance
)

check_types <- names(picture_types)[1:4]

# Arguments of the pictures of some types.
arguments_of_types <- function(types) {
  unique(unlist(lapply(picture_types[types], function(picture) names(formals(picture))[-1L])))
}

# List of the pictures of several types, named by them, or what one type gives. Of `dots` each type
# takes its own arguments.
pictures_of <- function(x, types, dots, user) {
  made <- lapply(types, function(type) {
    own <- dots[names(dots) %in% arguments_of_types(type)]
    # From the frame of the function that the user called, which errors then name.
    do.call(picture_types[[type]], c(list(x), own), quote = TRUE, envir = user)
  })
  if (length(made) == 1L) made[[1L]] else structure(stats::setNames(made, types), class = "mixest_pictures")
}
