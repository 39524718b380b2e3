# The main job: the model of mathematics achievement in 160 schools, fitted in one call.
library(mixest)

elapsed <- function(expr) sprintf("%.3f s", system.time(expr)[["elapsed"]])

first <- elapsed(fit <- lmm(mathach ~ meanses + sector + cses + (cses | school), data = MathAchieve))
again <- elapsed(lmm(mathach ~ meanses + sector + cses + (cses | school), data = MathAchieve))

print(summary(fit))   # ends with the certificate of convergence
cat("\nElapsed: ", first, " for the first call; ", again, " for the next\n", sep = "")
