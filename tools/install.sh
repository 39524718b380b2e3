#!/bin/sh
# Builds the package and installs it into R's first library, unless the build there is this one
# already. From a fresh copy of the sources: make knows nothing of header files, so that old objects
# could go stale.
set -eu
cd "$(dirname "$0")/.."
stamp=.build/installed
installed=$(Rscript -e 'cat(file.path(.libPaths()[1], "mixest", "DESCRIPTION"))')

changed() { find DESCRIPTION NAMESPACE R data inst man src vignettes -newer "$stamp" 2>/dev/null | grep -q .; }
if [ -e "$stamp" ] && [ -e "$installed" ] && ! [ "$installed" -nt "$stamp" ] && ! changed; then
  echo "mixest is installed and up to date"
  exit 0
fi

mkdir -p .build
cd .build
rm -f mixest_*.tar.gz
R CMD build --no-build-vignettes ..
# without debugging symbols, which take long to write, and without the thousand warnings that newer
# compilers have for Debian's Eigen 3.3; a user's own Makevars goes first
if [ -z "${R_MAKEVARS_USER:-}" ] && ! [ -e "$HOME/.R/Makevars" ]; then
  echo 'CXX17FLAGS += -g0 -Wno-ignored-attributes' > Makevars
  export R_MAKEVARS_USER="$PWD/Makevars"
fi
MAKEFLAGS="${MAKEFLAGS:--j$(getconf _NPROCESSORS_ONLN)}" R CMD INSTALL mixest_*.tar.gz
touch installed
