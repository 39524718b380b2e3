#!/bin/sh
# Looks for what breaks the style, with the tools that are at hand: widths of lines, formatting of
# C++ (clang-format), R code (lintr). All of them run; the status is 1 when one found something.
set -u
cd "$(dirname "$0")/.."
status=0

echo "-- widths of lines"
Rscript tools/widths.R || status=1
echo "-- C++"
sh tools/format.sh --check || status=1
echo "-- R"
if Rscript -e 'quit(status = !requireNamespace("lintr", quietly = TRUE))'; then
  Rscript tools/lint.R || status=1
else
  echo "R is not looked at: lintr is missing (R: install.packages(\"lintr\"))"
fi
exit $status
