#!/bin/sh
# Proves that the numerical core needs Eigen and the standard library only: every source file
# compiles, in strict C++17 and without a warning, with nothing but Eigen on the include path. With
# RcppEigen's Eigen, and with the system's where there is one (Debian 12: RcppEigen has 3.3.9,
# libeigen3-dev has 3.4, as RcppEigen from CRAN).
set -eu
cd "$(dirname "$0")/.."

r_header='(R|Rcpp.*|Rinternals|Rmath|Rdefines|R_ext/.*)(\.h)?'
if grep -rnE "#[[:space:]]*include[[:space:]]*[<\"]${r_header}[>\"]" src/core; then
  echo "src/core must not include R's headers (lines above)" >&2
  exit 1
fi

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
