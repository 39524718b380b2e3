#!/bin/sh
# Installs what is missing: R, a C++ compiler and the R packages that DESCRIPTION names.
#   sh tools/setup.sh [PURPOSE]...    each PURPOSE adds the packages of the field Config/Needs/PURPOSE
# Debian's prebuilt packages come first, CRAN follows for what they lack. With nothing missing it
# changes nothing.
set -eu
cd "$(dirname "$0")/.."

have() { command -v "$1" >/dev/null 2>&1; }
stop() { printf '\nmixest setup: %s\n' "$1" >&2; exit 1; }

if [ "$(id -u)" -eq 0 ]; then sudo=; else sudo=sudo; fi
can_apt() { have apt-get && { [ -z "$sudo" ] || have sudo; }; }

updated=no
apt_update() {
  [ "$updated" = yes ] || $sudo apt-get update -qq || true   # an old list may still do
  updated=yes
}
apt_install() {
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

if ! have Rscript || ! { have g++ || have clang++ || have c++; }; then
  by_hand="Install R (4.1 or later) and a C++17 compiler with your system's package manager, then run this again."
  can_apt || stop "R or a C++ compiler is missing, and apt-get with root rights is not there to install them. $by_hand"
  apt_update
  apt_install r-base-core r-base-dev || stop "apt-get can't install R (its message is above). $by_hand"
fi

# vignettes need pandoc, R CMD check looks for qpdf, the core is compiled with a second Eigen, the
# linter looks at C++ with clang-format; without them less is done
tools=
for purpose in "$@"; do
  case $purpose in
    check) wanted="pandoc qpdf" ;;
    lint) wanted=clang-format ;;
    site | readme) wanted=pandoc ;;
    *) wanted= ;;
  esac
  for tool in $wanted; do have "$tool" || tools="$tools $tool"; done
  [ "$purpose" != check ] || [ -d /usr/include/eigen3 ] || tools="$tools libeigen3-dev"
done
if [ -n "$tools" ] && can_apt; then apt_update; apt_install $tools || true; fi

# a locale whose small letters differ, for the test of keywords; without it that test is skipped
case " $* " in *" test "*)
  if can_apt && ! locale -a 2>/dev/null | grep -qi '^tr_TR'; then
    have localedef && [ -e /usr/share/i18n/locales/tr_TR ] || { apt_update; apt_install locales || true; }
    $sudo localedef -i tr_TR -f UTF-8 tr_TR.UTF-8 || true
  fi
esac

missing=$(Rscript tools/packages.R missing "$@")
# Debian's packages are built for Debian's own R: another R (in /usr/local, say) would not see them
if [ -n "$missing" ] && can_apt && [ "$(R RHOME)" = /usr/lib/R ]; then
  apt_update
  # Debian 12 has no reformulas, but has Rdpack, which reformulas needs
  case " $missing " in *" reformulas "*) missing="$missing Rdpack" ;; esac
  known=$(apt-cache pkgnames r-cran-)
  debian=
  for name in $(echo "$missing" | tr '[:upper:]' '[:lower:]'); do
    if echo "$known" | grep -qx "r-cran-$name"; then debian="$debian r-cran-$name"; fi
  done
  if [ -n "$debian" ]; then apt_install $debian || true; fi
fi

Rscript tools/packages.R install "$@"
