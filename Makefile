# make serve   installs what is missing, builds, serves http://localhost:8080 until Ctrl-C
# make test    installs what is missing, runs every test
# make check   lint, build and the tests that need no service
# make test-all  make test, then on a bare Debian 12 and 13 too, as root
# make install for systemd, as root, what "make build" has built; make uninstall leaves data and settings
# make soak    power cuts, kills, full disks and failing syncs, for an hour or two, as root
# make bench   speed, as ratios against named baselines measured in the same run
# make dist    an archive for web space without root, in dist/
# make format  lays the sources out; make lint checks that they are, and the page's types
# make generate  writes what the page's scripts take from www/openapi.json

SHELL := /bin/bash
RELEASE := -c release --static-swift-stdlib

# With a ?: only where Debian has it. From Debian 13 on, libheif's codecs are packages of their own, and
# libvips-dev brings neither the encoder of AVIF nor libde265's header.
PACKAGES := libfcgi-dev libvips-dev libheif-dev libde265-dev libjpeg62-turbo-dev zlib1g-dev libsqlite3-dev \
	libssl-dev pkg-config nginx libheif-plugin-libde265? libheif-plugin-dav1d? libheif-plugin-aomenc?
DIST_PACKAGES := binutils patchelf perl
TEST_PACKAGES := curl strace fcgiwrap libvips-tools libimage-exiftool-perl mate-backgrounds \
	chromium-headless-shell fonts-dejavu-core python3-venv debootstrap systemd e2fsprogs mount \
	node-typescript libheif-plugin-x265?

.PHONY: serve build dist install uninstall test test-all check build-tested build-tests api-test audit install-test browser-test \
	hosting-test fault-test soak bench deps test-deps format lint lint-page generate clean

serve: build
	@MULTIRES_HOME=$(CURDIR) exec $$(swift build $(RELEASE) --show-bin-path 2>/dev/null)/multires serve

build: deps
	swift build $(RELEASE)

# Everything that runs without root on a Linux that has none of our packages; see deploy/dist. Swift's
# libraries once instead of in each program: 75 MB packed and not 158, for 4 ms more per CGI request.
dist: deps
	@.ci/install $(DIST_PACKAGES)
	swift build -c release --scratch-path .build/dist
	@deploy/dist $$(swift build -c release --scratch-path .build/dist --show-bin-path 2>/dev/null) dist

# The programs as `make dist` has them, in release mode, and the tests of them. -enable-testing shows the
# tests what is internal, -gnone saves a sixth of the time that they take.
TESTS := -c release -Xswiftc -enable-testing -Xswiftc -gnone --scratch-path .build/tests

test: test-deps
	@python3 -B Tests/Runner/run.py test

# And the README's commands on a bare Debian 12 and 13, which takes root and debootstrap.
test-all: test
	@python3 -B Tests/Runner/run.py more

# What needs no service: for daily use, in a minute after a build.
check: test-deps
	@python3 -B Tests/Runner/run.py check

build-tested:
	swift build $(TESTS)

build-tests: build-tested
	swift build $(TESTS) --build-tests

# Parts of "make test": nginx's files under gixy-ng; www/openapi.json against generated requests; systemd;
# Chromium; a rented host; the short form of "make soak". Tests/README.md says what each needs.
audit api-test install-test browser-test hosting-test fault-test: test-deps
	@python3 -B Tests/Runner/run.py test '$(@:-test=)*'

# Every acknowledged fact is checked after every fault. SEED=n repeats the choices of a run;
# PROGRAMS=dir takes other programs than a release build's.
CUTS := 200
KILLS := 1000
FULL := 20
SYNCS := 40
# Times as many rounds of each test with random numbers as in `make test`, with other numbers.
FUZZ := 40

soak: test-deps
	@[ $(FUZZ) = 0 ] || { $(MAKE) --no-print-directory build-tests && \
		MULTIRES_FUZZ_FACTOR=$(FUZZ) MULTIRES_FUZZ_SEED=$(SEED) MULTIRES_RELOADS=100 \
		swift test $(TESTS) --skip-build --filter 'Fuzz|fuzz|DamageTests|HEVCStreamTests|MemoryLimitTests|ProgramTests|ReloadTests|KillTests|KillPointTests|ManyLongJobsTests|StrangersTextTests'; }
	@[ -n "$(PROGRAMS)" ] || swift build $(RELEASE)
	@MULTIRES_PROGRAMS=$${PROGRAMS:-$$(swift build $(RELEASE) --show-bin-path 2>/dev/null)} \
		python3 Tests/Soak/soak.py --cuts $(CUTS) --kills $(KILLS) --full $(FULL) --syncs $(SYNCS) \
		$(addprefix --seed ,$(SEED))

PYTHON_PACKAGES := $(filter-out Tests/Bench/%,$(wildcard Tests/*/requirements.txt))

.venv/installed: $(PYTHON_PACKAGES)
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check $(addprefix -r ,$(PYTHON_PACKAGES))
	@touch $@

bench: test-deps build
	@.ci/install wrk gnuplot-nox libjpeg-turbo-progs apache2-bin media-types sqlite3
	MULTIRES_PROGRAMS=$$(swift build $(RELEASE) --show-bin-path 2>/dev/null) $(MAKE) -C Tests/Bench

# deploy/install says what goes where. PROGRAMS=dir takes other programs than a release build's.
install: deps
	@deploy/install install

uninstall:
	@deploy/install uninstall

export PREFIX SYSCONFDIR DATA OWNER PROGRAMS DESTDIR START

deps:
	@.ci/install $(PACKAGES)

test-deps:
	@.ci/install $(PACKAGES) $(DIST_PACKAGES) $(TEST_PACKAGES)

format:
	swift format -i -r --configuration .swift-format Package.swift Sources Tests

lint: lint-page
	swift format lint -s -r --configuration .swift-format Package.swift Sources Tests

# The page's scripts against the types of www/openapi.json, and what was made of it.
lint-page:
	@mkdir -p artifacts/page-types
	python3 -B Tests/PageTypes/generate.py types artifacts/page-types/api.d.ts
	tsc -p Tests/PageTypes
	python3 -B Tests/PageTypes/generate.py constants artifacts/page-types/contract.js
	cmp artifacts/page-types/contract.js www/core/contract.js

generate:
	python3 -B Tests/PageTypes/generate.py constants www/core/contract.js

clean:
	rm -rf .build .venv artifacts dist Tests/Bench/.build Tests/Bench/.venv
