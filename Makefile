# The comment of a target, after two #, is what "make help" prints.

SHELL := /bin/bash
RELEASE := -c release --static-swift-stdlib

# A package with a ? is installed only if this Debian has it. Since Debian 13 libheif's codecs are separate
# packages, and libvips-dev depends neither on the AVIF encoder nor on libde265's header.
PACKAGES := libfcgi-dev libvips-dev libavif-dev libheif-dev libde265-dev libjpeg62-turbo-dev zlib1g-dev \
	libsqlite3-dev libssl-dev pkg-config nginx libheif-plugin-libde265? libheif-plugin-aomenc?
DIST_PACKAGES := binutils patchelf perl
TEST_PACKAGES := curl strace fcgiwrap libvips-tools libimage-exiftool-perl mate-backgrounds \
	chromium-headless-shell fonts-dejavu-core python3-venv debootstrap systemd e2fsprogs mount \
	libjpeg-turbo-progs libavif-bin node-typescript shellcheck shfmt libheif-plugin-x265? \
	libheif-plugin-dav1d?

.PHONY: help serve build dist install uninstall test test-all check build-tested build-tests api-test audit \
	install-test browser-test hosting-test fault-test fuzz-tested fuzz-test soak bench deps test-deps format \
	format-text lint lint-page lint-text lint-words generate screenshots clean

help: ## list these targets
	@sed -nE 's/^([a-z -]+):[^#]*## (.*)/\1\t\2/p' Makefile | while IFS=$$'\t' read -r targets text; do \
		for target in $$targets; do printf '  make %-14s %s\n' "$$target" "$$text"; done; done

serve: build ## install missing packages, build, and serve http://localhost:8080 until Ctrl-C
	@MULTIRES_HOME=$(CURDIR) exec $$(swift build $(RELEASE) --show-bin-path 2>/dev/null)/multires serve

build: deps ## build the programs
	swift build $(RELEASE)

# An archive that runs without root on a Linux without our packages; see deploy/dist. Swift's libraries are
# shared instead of linked into each program: the archive is smaller, and a CGI request takes 4 ms more.
dist: deps ## build the archive for shared hosting in dist/
	@.ci/install $(DIST_PACKAGES)
	swift build -c release --scratch-path .build/dist
	@deploy/dist $$(swift build -c release --scratch-path .build/dist --show-bin-path 2>/dev/null) dist

# The programs in release mode, linked as for `make dist`, and their tests. -enable-testing lets the tests use
# internal declarations; -gnone saves a sixth of the build time.
TESTS := -c release -Xswiftc -enable-testing -Xswiftc -gnone --scratch-path .build/tests

test: test-deps ## install missing packages and run every test
	@python3 -B Tests/Runner/run.py test

# Also the README's commands on a bare Debian 12 and 13; needs root and debootstrap.
test-all: test ## run "make test", and then again on a bare Debian 12 and 13, as root
	@python3 -B Tests/Runner/run.py more

# The tests that need no service: for daily use, one minute after a build.
check: test-deps ## run the linters, the build and the tests that need no service
	@python3 -B Tests/Runner/run.py check

build-tested:
	swift build $(TESTS)

build-tests: build-tested
	swift build $(TESTS) --build-tests

# AddressSanitizer finds every access to memory that is not allocated. libvips and GLib keep memory until the
# end, so leaks are not looked for. Swift's own report of a crash would wait for ever.
ADDRESS_SANITIZER := --sanitize=address --scratch-path .build/address-sanitizer

fuzz-tested:
	swift build $(ADDRESS_SANITIZER) --product image-fuzz
	SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 $$(swift build $(ADDRESS_SANITIZER) --show-bin-path 2>/dev/null)/image-fuzz

# Parts of "make test": nginx's files checked with gixy-ng; www/openapi.json against generated requests;
# systemd; Chromium; shared hosting; the short form of "make soak"; damaged images. Tests/README.md lists what
# each needs.
audit api-test install-test browser-test hosting-test fault-test fuzz-test: test-deps ## run one part of "make test"
	@python3 -B Tests/Runner/run.py test '$(@:-test=)*'

# Checks every acknowledged fact after every fault. SEED=n repeats the choices of a run; PROGRAMS=dir tests
# other programs than those of a release build.
CUTS := 200
KILLS := 1000
FULL := 20
SYNCS := 40
# Each test with random numbers runs this many times as many rounds as in `make test`, with other numbers.
FUZZ := 40

soak: test-deps ## run power cuts, kills, full disks and failing syncs for an hour or two, as root
	@[ $(FUZZ) = 0 ] || { $(MAKE) --no-print-directory build-tests && \
		export MULTIRES_FUZZ_FACTOR=$(FUZZ) MULTIRES_FUZZ_SEED=$(SEED) MULTIRES_RELOADS=100 && \
		$(MAKE) --no-print-directory fuzz-tested && \
		swift test $(TESTS) --skip-build --filter 'Fuzz|fuzz|DamageTests|HEVCStreamTests|MemoryLimitTests|ProgramTests|ReloadTests|KillTests|KillPointTests|ManyLongJobsTests|UntrustedTextTests'; }
	@[ -n "$(PROGRAMS)" ] || swift build $(RELEASE)
	@MULTIRES_PROGRAMS=$${PROGRAMS:-$$(swift build $(RELEASE) --show-bin-path 2>/dev/null)} \
		python3 Tests/Soak/soak.py --cuts $(CUTS) --kills $(KILLS) --full $(FULL) --syncs $(SYNCS) \
		$(addprefix --seed ,$(SEED))

PYTHON_PACKAGES := $(filter-out Tests/Bench/%,$(wildcard Tests/*/requirements.txt))

.venv/installed: $(PYTHON_PACKAGES)
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check $(addprefix -r ,$(PYTHON_PACKAGES))
	@touch $@

bench: test-deps build ## measure speed as ratios to named baselines of the same run
	@.ci/install wrk gnuplot-nox apache2-bin media-types sqlite3
	MULTIRES_PROGRAMS=$$(swift build $(RELEASE) --show-bin-path 2>/dev/null) $(MAKE) -C Tests/Bench

# deploy/install lists where each file goes. PROGRAMS=dir installs other programs than those of a release
# build.
install: deps ## install for systemd what "make build" has built, as root
	@deploy/install install

uninstall: ## remove what "make install" has installed; data and settings stay
	@deploy/install uninstall

export PREFIX SYSCONFDIR DATA OWNER PROGRAMS DESTDIR START

deps:
	@.ci/install $(PACKAGES)

test-deps:
	@.ci/install $(PACKAGES) $(DIST_PACKAGES) $(TEST_PACKAGES)

SWIFT_FORMAT := --configuration .swift-format -r Package.swift Tests/Bench/Package.swift Sources Tests
# Tools from PyPI, with exact versions in Tests/Lint/requirements.txt.
OXFMT := .venv/bin/oxfmt
RUFF := .venv/bin/ruff
SHELL_SCRIPTS := .ci/install .ci/run deploy/dist deploy/install deploy/shared-hosting/program.cgi \
	deploy/shared-hosting/tick Tests/InstallTests/boot Tests/Runner/serve_once
SHFMT := shfmt -i 4 -bn -ci

format: test-deps format-text ## format all sources
	swift format -i $(SWIFT_FORMAT)

format-text: .venv/installed
	$(OXFMT)
	$(RUFF) check -q --fix && $(RUFF) format -q
	$(SHFMT) -w $(SHELL_SCRIPTS)

lint: test-deps lint-page lint-text lint-words ## check the format and the types, run the linters, check the wording
	swift format lint -s $(SWIFT_FORMAT)

# JavaScript, CSS, HTML, Markdown and YAML; Python; shell.
lint-text: .venv/installed
	$(OXFMT) --check
	.venv/bin/oxlint -f unix www Tests/BrowserTests
	$(RUFF) check -q && $(RUFF) format -q --check
	shellcheck $(SHELL_SCRIPTS)
	$(SHFMT) -d $(SHELL_SCRIPTS)

# Phrases and names that CONTRIBUTING.md rules out, with the better wording.
lint-words:
	python3 -B Tests/Lint/words.py
	@cd Tests/Lint && python3 -B -m unittest -q words_test

# The page's scripts against the types of www/openapi.json, and the constants that are generated from it.
lint-page:
	@mkdir -p artifacts/page-types
	python3 -B Tests/PageTypes/generate.py types artifacts/page-types/api.d.ts
	tsc -p Tests/PageTypes
	python3 -B Tests/PageTypes/generate.py constants artifacts/page-types/contract.js
	cmp artifacts/page-types/contract.js www/core/contract.js

generate: ## write the constants that the page's scripts take from www/openapi.json
	python3 -B Tests/PageTypes/generate.py constants www/core/contract.js

screenshots: build-tested .venv/installed ## take the README's screenshots of the page
	cd Tests/BrowserTests && MULTIRES_PROGRAMS=$(CURDIR)/.build/tests/release ../../.venv/bin/python -B screenshots.py

clean: ## remove everything that was built
	rm -rf .build .venv artifacts dist Tests/Bench/.build Tests/Bench/.venv
