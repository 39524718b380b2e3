# Makes data/MathAchieve.rda from the two data sets of nlme; run from the package's root folder.

students <- as.data.frame(nlme::MathAchieve)
schools <- nlme::MathAchSchool
row <- match(as.character(students$School), as.character(schools$School))

MathAchieve <- data.frame(
  # in the order of the school numbers; nlme orders the students' factor by largest mathach
  school = schools$School[row],
  sector = schools$Sector[row],
  mathach = students$MathAch,
  ses = students$SES
)
# The mean of the students at hand: nlme's MEANSES is rounded to three decimals and shifted by
# 0.006.
MathAchieve$meanses <- ave(MathAchieve$ses, MathAchieve$school)
MathAchieve$cses <- MathAchieve$ses - MathAchieve$meanses
MathAchieve$minority <- students$Minority
MathAchieve$sex <- students$Sex
MathAchieve$size <- as.integer(schools$Size[row])
MathAchieve <- MathAchieve[c("school", "sector", "mathach", "ses", "cses", "meanses", "minority", "sex", "size")]

stopifnot(nrow(MathAchieve) == 7185, nlevels(MathAchieve$school) == 160, !anyNA(MathAchieve),
          all(MathAchieve$size == schools$Size[row]))
save(MathAchieve, file = "data/MathAchieve.rda", compress = "xz", version = 2)
