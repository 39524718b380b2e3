library(testthat)
library(mixest)

test_check("mixest")
