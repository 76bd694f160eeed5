"""The archive that `make dist` packs."""

import hashlib
import pathlib
import subprocess
import tarfile

from conftest import pack
from stack import PROJECT


def test_the_same_build_gives_the_same_bytes(archive, tmp_path):
    assert pack(tmp_path).read_bytes() == archive.read_bytes()


def test_its_checksums_are_correct(archive, tmp_path):
    beside = archive.with_name(archive.name + ".sha256").read_text().split()
    assert beside == [hashlib.sha256(archive.read_bytes()).hexdigest(), archive.name]
    subprocess.run(["tar", "xzf", archive, "-C", tmp_path], check=True)
    [home] = tmp_path.iterdir()
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=home, check=True)
    listed = {line.split("  ")[1] for line in (home / "SHA256SUMS").read_text().splitlines()}
    there = {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}
    assert there - listed == {"SHA256SUMS"}


def test_nothing_in_it_names_the_machine_or_its_users(archive):
    with tarfile.open(archive) as tar:
        for member in tar:
            assert (member.uid, member.gid, member.uname, member.gname) == (0, 0, "", "")
            assert member.mtime == 1_700_000_000
            assert member.mode & 0o022 == 0
            if member.isfile():
                assert str(PROJECT).encode() not in tar.extractfile(member).read(), member.name


def test_it_has_what_rendering_needs_and_no_more(archive):
    with tarfile.open(archive) as tar:
        names = [pathlib.Path(name).name for name in tar.getnames()]
    for needed in (
        "libvips.so.42",
        "libavif.so",
        "vips-heif.so",
        "libc.so.6",
        "site.htaccess",
        "index.html",
        "multires.conf",
    ):
        assert any(name.startswith(needed) for name in names), needed
    for unneeded in (
        "Magick",
        "poppler",
        "openslide",
        "rsvg",
        "hdf5",
        "OpenEXR",
        "libicu",
        "libcurl",
        "libgnutls",
        "rav1e",
        "SvtAv1",
        "gav1",
        "absl",
    ):
        assert not [name for name in names if unneeded.lower() in name.lower()]
