# Every target first sets up what it needs on a fresh machine (tools/setup.sh).

.PHONY: demo test install check core sanitize docs format lint readme site bench bench-quick clean

demo:
	sh tools/setup.sh
	sh tools/install.sh
	Rscript tools/demo.R

# FILTER=lmm runs test-lmm.R alone
test:
	sh tools/setup.sh test
	sh tools/install.sh
	NOT_CRAN=true Rscript tools/test.R $(if $(FILTER),'$(FILTER)')

install:
	sh tools/setup.sh
	sh tools/install.sh

# R CMD check as CRAN runs it
check:
	sh tools/setup.sh check
	sh tools/check.sh

# proof that the numerical core compiles with nothing but Eigen
core:
	sh tools/setup.sh
	sh tools/core_alone.sh

# the suite under AddressSanitizer and UndefinedBehaviorSanitizer, the bindings under gctorture
sanitize:
	sh tools/setup.sh test
	sh tools/sanitizers.sh $(if $(FILTER),'$(FILTER)')

# NAMESPACE, man/ and the generated bindings
docs:
	sh tools/setup.sh docs
	Rscript tools/docs.R

# C++ by clang-format, R by air or styler, where they are at hand
format:
	sh tools/format.sh

# widths of lines, formatting of C++, lintr
lint:
	sh tools/setup.sh lint
	sh tools/lint.sh

# README.md and its picture from README.Rmd
readme:
	sh tools/setup.sh readme
	sh tools/install.sh
	Rscript -e 'rmarkdown::render("README.Rmd", quiet = TRUE)'

# the website, in .build/site
site:
	sh tools/setup.sh site
	sh tools/install.sh
	Rscript tools/site.R

bench bench-quick:
	sh tools/setup.sh bench
	sh tools/install.sh
	Rscript bench/compare.R $(if $(findstring quick,$@),--quick) $(WORKLOADS)

clean:
	rm -rf .build
	find src -name '*.o' -o -name '*.so' | xargs rm -f
