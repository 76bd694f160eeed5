# make serve   installs what is missing, builds, serves http://localhost:8080 until Ctrl-C
# make test    installs what is missing, runs every test
# make install for systemd, as root, what "make build" has built; make uninstall leaves data and settings
# make soak    power cuts, kills, full disks and failing syncs, for an hour or two, as root
# make bench   speed, as ratios against named baselines measured in the same run
# make dist    an archive for web space without root, in dist/
# make format  lays the sources out; make lint checks that they are

SHELL := /bin/bash
RELEASE := -c release --static-swift-stdlib

# With a ?: only where Debian has it. From Debian 13 on, libheif's codecs are packages of their own, and
# libvips-dev brings neither the encoder of AVIF nor libde265's header.
PACKAGES := libfcgi-dev libvips-dev libheif-dev libde265-dev libjpeg62-turbo-dev zlib1g-dev libsqlite3-dev \
	libssl-dev pkg-config nginx libheif-plugin-libde265? libheif-plugin-dav1d? libheif-plugin-aomenc?
DIST_PACKAGES := binutils patchelf perl
TEST_PACKAGES := curl strace fcgiwrap libvips-tools libimage-exiftool-perl mate-backgrounds \
	chromium fonts-dejavu-core python3-venv debootstrap systemd e2fsprogs mount libheif-plugin-x265?

.PHONY: serve build dist install uninstall test api-test audit install-test browser-test \
	hosting-test fault-test soak bench deps test-deps format lint clean

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

# The release build too: it is what is served, and its optimizer has failed on what a debug build takes.
test: test-deps lint
	swift build $(RELEASE)
	swift build --build-tests
	@mkdir -p artifacts && rm -f artifacts/answers.jsonl
	MULTIRES_ANSWERS=$(CURDIR)/artifacts/answers.jsonl Tests/swift-test --skip-build
	@$(MAKE) --no-print-directory api-test
	@$(MAKE) --no-print-directory audit
	@$(MAKE) --no-print-directory install-test
	@$(MAKE) --no-print-directory browser-test
	@$(MAKE) --no-print-directory hosting-test
	@$(MAKE) --no-print-directory fault-test

# nginx's files under gixy-ng.
audit: .venv/installed
	Tests/ConfigurationTests/audit .venv/bin/gixy $$(swift build --show-bin-path 2>/dev/null)/multires

# www/openapi.json against the answers that all the tests in Swift have seen, and against generated
# requests, which differ from run to run. SEED=n repeats those of a run, EXAMPLES=500 sends more.
api-test: .venv/installed
	@MULTIRES_PROGRAMS=$$(swift build --show-bin-path 2>/dev/null) \
		MULTIRES_ANSWERS=$(CURDIR)/artifacts/answers.jsonl \
		MULTIRES_SEED=$(SEED) MULTIRES_EXAMPLES=$(EXAMPLES) \
		.venv/bin/python -m pytest -q Tests/APITests

# Into folders of the tests' own; as root also into a systemd of their own.
install-test: .venv/installed
	@MULTIRES_PROGRAMS=$$(swift build --show-bin-path 2>/dev/null) \
		.venv/bin/python -m pytest -q Tests/InstallTests

# Alone it needs `swift build` before. Screenshots of every screen are left in artifacts/.
browser-test: .venv/installed
	@MULTIRES_PROGRAMS=$$(swift build --show-bin-path 2>/dev/null) \
		.venv/bin/python -m pytest -q Tests/BrowserTests

# A rented host: an older Debian in a chroot, which takes root and debootstrap; says so when it cannot.
hosting-test: .venv/installed
	@MULTIRES_PROGRAMS=$$(swift build --show-bin-path 2>/dev/null) \
		.venv/bin/python -m pytest -q Tests/HostingTests

# The short form of "make soak"; it takes root and loop devices, and prints why when it cannot run.
fault-test:
	@MULTIRES_PROGRAMS=$$(swift build --show-bin-path 2>/dev/null) \
		python3 Tests/Soak/soak.py --cuts 6 --kills 15 --full 1 --syncs 1 $(addprefix --seed ,$(SEED))

# Every acknowledged fact is checked after every fault. SEED=n repeats the choices of a run;
# PROGRAMS=dir takes other programs than a release build's.
CUTS := 200
KILLS := 1000
FULL := 20
SYNCS := 40

soak: test-deps
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

lint:
	swift format lint -s -r --configuration .swift-format Package.swift Sources Tests

clean:
	rm -rf .build .venv artifacts dist Tests/Bench/.build Tests/Bench/.venv
