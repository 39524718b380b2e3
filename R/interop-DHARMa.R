# DHARMa: residuals by simulation. Its methods for merMod are registered as they are, but for the
# fixed effects as a vector.
getFixedEffects.mixest <- function(object, ...) object$coefficients
