# Builds the website into .build/site from the installed package, without the internet: no look-ups
# at CRAN or elsewhere. Run from the package's root folder. A topic of man/ or a vignette that
# _pkgdown.yml does not name is an error.
options(pkgdown.internet = FALSE)
pkg <- pkgdown::as_pkgdown(".", override = list(destination = ".build/site"))
pkgdown::check_pkgdown(pkg)
pkgdown::init_site(pkg)
pkgdown::build_home(pkg, quiet = FALSE, preview = FALSE)
pkgdown::build_reference(pkg, lazy = FALSE, devel = FALSE, preview = FALSE)
pkgdown::build_articles(pkg, lazy = FALSE, quiet = FALSE, preview = FALSE)
pkgdown::build_news(pkg, preview = FALSE)
pkgdown::build_search(pkg)
cat("the site is in .build/site/index.html\n")
