#' Mathematics achievement of 7185 students in 160 schools
#'
#' Students of United States public and Catholic high schools in the 1982 wave of the survey *High
#' School and Beyond*: the data of the textbook by Raudenbush and Bryk, and the example of this
#' package. Rows are students; the school is the grouping factor, with 14 to 67 students each.
#'
#' The data are those of [nlme::MathAchieve] and [nlme::MathAchSchool]. Only `meanses` and `cses`
#' differ: they are computed here from the students' `ses`, because the column `MEANSES` of nlme is
#' rounded to three decimals and lies 0.006 above the school means.
#'
#' @format A data frame with 7185 rows and 9 columns:
#' \describe{
#'   \item{school}{factor with 160 levels, the school numbers in increasing order}
#'   \item{sector}{factor, `Public` (90 schools) or `Catholic` (70 schools)}
#'   \item{mathach}{score in a mathematics test, in points}
#'   \item{ses}{socioeconomic status of the student's family: a standardised scale without unit,
#'   made from the education,
#'     occupation and income of the parents}
#'   \item{cses}{`ses` minus the mean of its school (`meanses`): where the student stands within the
#'   school}
#'   \item{meanses}{mean of `ses` over the students of the school in these data}
#'   \item{minority}{factor, `Yes` for a student of a racial or ethnic minority, else `No`}
#'   \item{sex}{factor, `Male` or `Female`}
#'   \item{size}{number of students enrolled in the school, not only of those in these data}
#' }
#'
#' @source Raudenbush, S. W. and Bryk, A. S. (2002). *Hierarchical Linear Models: Applications and
#'   Data Analysis Methods*, 2nd ed. Sage, Thousand Oaks.
#'
#'   Pinheiro, J. C. and Bates, D. M. (2000). *Mixed-Effects Models in S and S-PLUS*. Springer, New
#'   York.
#'   \doi{10.1007/b98882}. Their data sets are in package nlme.
#'
#' @examples
#' str(MathAchieve)
#'
#' # the status of the school, the student's standing in it, and a line for every school
#' fit <- lmm(mathach ~ meanses + sector + cses + (cses | school), data = MathAchieve)
#' fixef(fit)
"MathAchieve"
