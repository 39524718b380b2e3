#!/bin/sh
# Runs the suite under AddressSanitizer and UndefinedBehaviorSanitizer, with the assertions of Eigen
# and of the standard library on, then every binding under gctorture. Stops at the first finding,
# with a stack trace.
#   sh tools/sanitizers.sh [FILTER]     FILTER: test files whose names match, as for make test
# The instrumented build goes to .build/sanitizers; a compiler of GNU's family is needed. R itself
# (Debian's, say) is not instrumented: the libraries of the sanitizers are preloaded into it, and
# the C++ library too, so that exceptions are caught. Leaks, which R has by design, are not looked
# for.
# What is known of code that is not ours is in ubsan.supp.
set -eu
cd "$(dirname "$0")/.."
root=$PWD/.build/sanitizers
rm -rf "$root/src"
mkdir -p "$root/src" "$root/lib"
cp -R DESCRIPTION NAMESPACE R src inst man data "$root/src/"
find "$root/src" -name '*.o' -o -name '*.so' | xargs rm -f

flags='-g1 -O1 -fno-omit-frame-pointer -fsanitize=address,undefined'
echo "CXX17FLAGS = $flags -UNDEBUG -D_GLIBCXX_ASSERTIONS -Wno-ignored-attributes" > "$root/Makevars"
compiler=$(R CMD config CXX17)
# no test load: R would have to be preloaded for it
R_MAKEVARS_USER="$root/Makevars" MAKEFLAGS="${MAKEFLAGS:--j$(getconf _NPROCESSORS_ONLN)}" \
  R CMD INSTALL --no-lock --no-test-load --no-byte-compile --no-docs --library="$root/lib" "$root/src"

preload=
for library in libasan.so libubsan.so libstdc++.so; do preload="$preload $($compiler -print-file-name=$library)"; done
watched() {
  R_LIBS="$root/lib:${R_LIBS:-}" LD_PRELOAD="$preload" ASAN_OPTIONS=detect_leaks=0:abort_on_error=0 \
    UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1:suppressions=$PWD/tools/ubsan.supp NOT_CRAN=true "$@"
}
watched Rscript tools/test.R "$@"
watched Rscript tools/gctorture.R
