# make demo and make test set up what they need on a fresh machine (tools/setup.sh); the other targets likewise.

.PHONY: demo test install check core sanitize docs bench bench-quick clean

demo:
	sh tools/setup.sh
	sh tools/install.sh
	Rscript tools/demo.R

# FILTER=lmm runs test-lmm.R alone
test:
	sh tools/setup.sh test
	sh tools/install.sh
	NOT_CRAN=true Rscript tools/test.R $(FILTER)

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
	sh tools/sanitizers.sh $(FILTER)

# NAMESPACE, man/ and the generated bindings
docs:
	sh tools/setup.sh docs
	Rscript tools/docs.R

bench bench-quick:
	sh tools/setup.sh bench
	sh tools/install.sh
	Rscript bench/compare.R $(if $(findstring quick,$@),--quick) $(WORKLOADS)

clean:
	rm -rf .build
	find src -name '*.o' -o -name '*.so' | xargs rm -f
