#!/bin/sh
# Builds the source package and runs R CMD check --as-cran on it. Fails on an error, a warning or a
# note other than those three that can't be avoided here: a new submission, the size of an installed
# build, and packages that DESCRIPTION enhances and this machine lacks.
set -eu
cd "$(dirname "$0")/.."
mkdir -p .build
cd .build
rm -rf check
mkdir check

# without debugging symbols, which make up most of an unstripped library
echo 'CXX17FLAGS = -O2 -g0' > check/Makevars
export R_MAKEVARS_USER="$PWD/check/Makevars"
export MAKEFLAGS="${MAKEFLAGS:--j$(getconf _NPROCESSORS_ONLN)}"
# checks that need the internet
export _R_CHECK_CRAN_INCOMING_REMOTE_=false _R_CHECK_SYSTEM_CLOCK_=false

cd check
R CMD build ../..
R CMD check --as-cran --no-manual mixest_*.tar.gz || true

log=mixest.Rcheck/00check.log
grep -q '^Status: ' "$log" || { echo "R CMD check did not finish" >&2; exit 1; }
bad=$(
  grep -E '^\*.*\.\.\. .*(ERROR|WARNING|NOTE)$|^ (ERROR|WARNING)' "$log" |
    grep -vE '^\* checking (CRAN incoming feasibility|installed package size) \.\.\. .*NOTE$' |
    grep -vE '^\* checking package dependencies \.\.\. .*NOTE$'
  sed -n '/^\* checking package dependencies/,/^\* checking if this/p' "$log" |
    grep -vE '^(\* |Packages? which this enhances|  )'
  sed -n '/^\* checking CRAN incoming/,/^\* checking package/p' "$log" | grep -vE '^(\* |Maintainer:|New submission|$)'
) || true
if [ -n "$bad" ]; then
  printf 'R CMD check found:\n%s\n' "$bad" >&2
  exit 1
fi
