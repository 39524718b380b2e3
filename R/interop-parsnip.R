# parsnip: the engine "lmm" of linear_reg(), as multilevelmod has engines for lme4 and nlme.

add_parsnip_engine <- function() {
  add <- function(...) {
    parsnip <- asNamespace("parsnip")
    known <- parsnip$get_from_env("linear_reg")
    if (is.null(known) || "lmm" %in% known$engine) return(invisible())
    model <- list(model = "linear_reg", mode = "regression", eng = "lmm")
    tell <- function(what, ...) do.call(parsnip[[what]], c(model, list(...)))
    tell("set_model_engine")
    tell("set_dependency", pkg = "mixest")
    tell("set_fit", value = list(
      interface = "formula", protect = c("formula", "data", "weights"), func = c(pkg = "mixest", fun = "lmm"),
      defaults = list()
    ))
    tell("set_encoding", options = list(
      predictor_indicators = "none", compute_intercept = FALSE, remove_intercept = FALSE, allow_sparse_x = FALSE
    ))
    # Levels that the fit has not seen count as average.
    ask <- list(object = quote(object$fit), newdata = quote(new_data), allow.new.levels = TRUE)
    predicts <- function(type, args, post = NULL) {
      tell("set_pred", type = type, value = list(pre = NULL, post = post, func = c(fun = "predict"), args = args))
    }
    predicts("numeric", ask)
    for (interval in c("confidence", "prediction")) {
      type <- c(confidence = "conf_int", prediction = "pred_int")[[interval]]
      predicts(type, c(ask, list(interval = interval, level = quote(level))), limits_for_parsnip)
    }
  }
  if (isNamespaceLoaded("parsnip")) add()
  setHook(packageEvent("parsnip", "onLoad"), add)
}

limits_for_parsnip <- function(results, object) {
  as_tibble_like(data.frame(.pred_lower = results[, "lwr"], .pred_upper = results[, "upr"]))
}
