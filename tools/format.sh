#!/bin/sh
# Formats the sources with the tools that are at hand: C++ by clang-format (rules: .clang-format), R
# by air (air.toml), or else the spaces of R code by styler. Comments are wrapped by hand.
#   sh tools/format.sh [--check]    --check changes nothing and looks at C++ alone; status 1 when a
#                                   file is not formatted
set -eu
cd "$(dirname "$0")/.."

have() { command -v "$1" >/dev/null 2>&1; }
cpp_files() { find src \( -name '*.cpp' -o -name '*.h' \) ! -name RcppExports.cpp; }

if ! have clang-format; then
  echo "C++ is left alone: clang-format is missing (Debian: apt-get install clang-format)"
elif [ "${1:-}" = --check ]; then
  cpp_files | xargs clang-format --dry-run -Werror
  echo "C++ is formatted"
else
  cpp_files | xargs clang-format -i
  echo "C++ formatted by clang-format"
fi
[ "${1:-}" != --check ] || exit 0

if have air; then
  air format .
  echo "R formatted by air"
elif Rscript -e 'quit(status = !requireNamespace("styler", quietly = TRUE))'; then
  Rscript -e 'styler::style_pkg(scope = "spaces", strict = FALSE, exclude_files = "R/RcppExports[.]R")'
  echo "spaces in R formatted by styler"
else
  echo "R is left alone: neither air nor styler is there (R: install.packages(\"styler\"))"
fi
