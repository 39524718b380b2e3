# Class of a table of tests: ours first, so that no method of ours is for a class of stats.
test_table_class <- c("anova.mixest", "anova", "data.frame")
