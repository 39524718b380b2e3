#!/bin/sh
# Proves that the numerical core needs Eigen and the standard library only: every source file
# compiles, in strict C++17 and without a warning, with nothing but Eigen on the include path. With
# RcppEigen's Eigen, and with the system's where there is one (Debian 12: RcppEigen has 3.3.9,
# libeigen3-dev has 3.4, as RcppEigen from CRAN). Before that: that includes between the folders run
# one way, and that nothing below the waist (GroupStats, in condensed/) includes anything of rows/.
set -eu
cd "$(dirname "$0")/.."

r_header='(R|Rcpp.*|Rinternals|Rmath|Rdefines|R_ext/.*)(\.h)?'
if grep -rnE "#[[:space:]]*include[[:space:]]*[<\"]${r_header}[>\"]" src/core; then
  echo "src/core must not include R's headers (lines above)" >&2
  exit 1
fi

# The folders of src/core, and files that are a floor of their own, from the ground up. What stands
# in a line includes itself and the lines above, nothing beside it and nothing below. Rows are in
# the last line, so that no part of the core includes them: only bindings do.
floors='
base
linear_algebra optimizer
condensed covariance
likelihood/fixed_columns
likelihood/fixed_basis likelihood/random_basis
likelihood/likelihood_sums
likelihood/one_factor
likelihood/several_factors
likelihood
random_effects fit
inference/small_sample inference/robust inference/profile inference/resampling rows
'
# Each line: the file with the include, the line number, the header relative to the file.
includes=$(find src/core -name '*.h' -o -name '*.cpp' | sort |
  xargs awk -F'"' '/^#include "/ {print FILENAME, FNR, $2}')
printf '%s\n' "$floors" "$includes" | awk '
  # the longest entry of the list that is the path or a beginning of it
  function place(path,    p) {
    p = path
    sub(/\.(h|cpp)$/, "", p)
    while (!(p in floor)) if (!sub(/\/[^\/]*$/, "", p)) return ""
    return p
  }
  function resolved(path) {
    while (sub(/[^\/]+\/\.\.\//, "", path)) { }
    return path
  }
  $1 !~ /^src\/core\// { for (i = 1; i <= NF; ++i) floor[$i] = NR; next }
  {
    folder = $1
    sub(/[^\/]*$/, "", folder)
    header = resolved(folder $3)
    from = place(substr($1, length("src/core/") + 1))
    to = place(substr(header, length("src/core/") + 1))
    if (from == "" || to == "") why = "a folder that the list of floors does not name"
    else if (from != to && floor[to] >= floor[from]) why = from " must not include " to
    else next
    print $1 ":" $2 ": " header ": " why
    wrong = 1
  }
  END { exit wrong }
' || { echo "includes between the folders of src/core must run one way (lines above)" >&2; exit 1; }
echo "src/core: includes run one way, $(printf '%s\n' "$includes" | wc -l) of them; none below the waist reads rows"

# alone FOLDER: compiles with a copy of FOLDER/Eigen, so that FOLDER's other headers (RcppEigen's
# own) stay out of sight
alone() {
  rm -rf .build/eigen
  mkdir -p .build/eigen
  cp -R "$1/Eigen" .build/eigen/
  find src/core -name '*.cpp' -print0 | xargs -0 -n 1 -P "$(getconf _NPROCESSORS_ONLN)" \
    $(R CMD config CXX17) -std=c++17 -fsyntax-only -Wall -Wextra -pedantic -Werror -isystem .build/eigen
  echo "src/core compiles alone: $(find src/core -name '*.cpp' | wc -l) files, Eigen of $1"
}

alone "$(Rscript -e 'cat(system.file("include", package = "RcppEigen"))')"
if [ -d /usr/include/eigen3 ]; then alone /usr/include/eigen3; fi
