"""A FUSE file system of one file that behaves like a disk with a volatile write cache.

    volatile_file.py BACKING MOUNTPOINT

Written data is in memory until it is flushed (FUSE_FSYNC: a loop device sends it for REQ_OP_FLUSH and after
a write with FUA). A flush writes it to BACKING. The line `cut SEED` on standard input loses unflushed data:
all of it, or each sector of 512 or 4096 bytes at random by that seed. `cut SEED none` loses all of it. From
then on every request fails with EIO, as on a disk without power. When standard input ends, this program
unmounts and exits. The protocol is include/uapi/linux/fuse.h of the Linux kernel, version 7.31.
"""

import ctypes
import errno
import os
import random
import select
import stat
import struct
import sys

BLOCK = 4096
MAX_WRITE = 1 << 17
ROOT, FILE, NAME = 1, 2, b"disk"

LOOKUP, FORGET, GETATTR, SETATTR, OPEN, READ, WRITE = 1, 2, 3, 4, 14, 15, 16
STATFS, RELEASE, FSYNC, FLUSH, INIT, OPENDIR, READDIR = 17, 18, 20, 25, 26, 27, 28
RELEASEDIR, ACCESS, INTERRUPT, DESTROY, BATCH_FORGET = 29, 34, 36, 38, 42
FUSE_ASYNC_READ, FUSE_BIG_WRITES = 1 << 0, 1 << 5

libc = ctypes.CDLL(None, use_errno=True)


def checked(result):
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


class Cache:
    """Unflushed blocks in memory, and below them a file with the flushed data."""

    def __init__(self, path):
        self.file = os.open(path, os.O_RDWR)
        self.size = os.fstat(self.file).st_size
        self.blocks = {}
        self.dead = False

    def read(self, offset, size):
        size = max(0, min(size, self.size - offset))
        data = bytearray(os.pread(self.file, size, offset))
        if self.blocks:
            for number in range(offset // BLOCK, (offset + size + BLOCK - 1) // BLOCK):
                if block := self.blocks.get(number):
                    begin = number * BLOCK
                    first, last = max(begin, offset), min(begin + BLOCK, offset + size)
                    data[first - offset : last - offset] = block[first - begin : last - begin]
        return data

    def write(self, offset, data):
        done = 0
        while done < len(data):
            number, within = divmod(offset + done, BLOCK)
            part = data[done : done + BLOCK - within]
            if len(part) == BLOCK:
                self.blocks[number] = part
            else:
                block = bytearray(self.read(number * BLOCK, BLOCK))
                block[within : within + len(part)] = part
                self.blocks[number] = block
            done += len(part)

    def flush(self):
        for number, block in self.blocks.items():
            os.pwrite(self.file, block, number * BLOCK)
        self.blocks.clear()

    def cut(self, seed):
        """Returns the number of blocks in the cache, and of their sectors that are kept."""
        dice = random.Random(seed)
        self.dead = True
        kept = 0
        if not seed.endswith("none") and dice.random() < 0.5:
            sector, chance = dice.choice((512, BLOCK)), dice.random()
            for number, block in sorted(self.blocks.items()):
                for begin in range(0, BLOCK, sector):
                    if dice.random() < chance:
                        os.pwrite(self.file, block[begin : begin + sector], number * BLOCK + begin)
                        kept += 1
        lost = len(self.blocks)
        self.blocks.clear()
        return lost, kept


class Server:
    def __init__(self, backing, mountpoint):
        self.cache = Cache(backing)
        self.mountpoint = mountpoint.encode()
        self.device = os.open("/dev/fuse", os.O_RDWR)
        options = f"fd={self.device},rootmode=40000,user_id=0,group_id=0,max_read={MAX_WRITE}"
        checked(libc.mount(b"multires-soak", self.mountpoint, b"fuse.multires-soak", 0, options.encode()))

    def run(self):
        commands = b""
        poll = select.poll()
        poll.register(self.device, select.POLLIN)
        poll.register(0, select.POLLIN)
        while True:
            for descriptor, _ in poll.poll():
                if descriptor == self.device:
                    if not self.serve():
                        return
                    continue
                more = os.read(0, 4096)
                if not more:  # the program that started this has exited
                    libc.umount2(self.mountpoint, 2)
                    return
                *lines, commands = (commands + more).split(b"\n")
                for line in lines:
                    lost, kept = self.cache.cut(line.decode().removeprefix("cut "))
                    print(lost, kept, flush=True)

    def serve(self):
        """Serves one request. False when the file system was unmounted."""
        try:
            request = os.read(self.device, MAX_WRITE + BLOCK)
        except OSError as error:
            if error.errno == errno.ENODEV:
                return False
            if error.errno in (errno.EINTR, errno.EAGAIN, errno.ENOENT):
                return True
            raise
        _, operation, unique, node = struct.unpack_from("<IIQQ", request)
        if operation in (FORGET, BATCH_FORGET, INTERRUPT):
            return True
        code, body = 0, b""
        try:
            body = self.answer(operation, node, memoryview(request)[40:])
        except OSError as error:
            code = -error.errno
        os.write(self.device, struct.pack("<IiQ", 16 + len(body), code, unique) + body)
        return operation != DESTROY

    def attributes(self, node):
        mode, size = (stat.S_IFDIR | 0o700, 0) if node == ROOT else (stat.S_IFREG | 0o600, self.cache.size)
        return struct.pack("<6Q10I", node, size, size // 512, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, BLOCK, 0)

    def answer(self, operation, node, body):
        cache = self.cache
        if cache.dead and operation in (READ, WRITE, FSYNC):
            raise OSError(errno.EIO, "the power is off")
        if operation == READ:
            _, offset, size = struct.unpack_from("<QQI", body)
            return bytes(cache.read(offset, size))
        if operation == WRITE:
            _, offset, size = struct.unpack_from("<QQI", body)
            cache.write(offset, bytes(body[40 : 40 + size]))
            return struct.pack("<II", size, 0)
        if operation == FSYNC:
            cache.flush()
            return b""
        if operation == INIT:
            major, _, readahead, flags = struct.unpack_from("<IIII", body)
            flags &= FUSE_ASYNC_READ | FUSE_BIG_WRITES
            return struct.pack("<IIIIHHIIHHI7I", major, 31, readahead, flags, 16, 12, MAX_WRITE, 1, 0, 0, 0, *[0] * 7)
        if operation == LOOKUP:
            if bytes(body).rstrip(b"\0") != NAME:
                raise OSError(errno.ENOENT, "no such file")
            return struct.pack("<4Q2I", FILE, 0, 3600, 3600, 0, 0) + self.attributes(FILE)
        if operation in (GETATTR, SETATTR):
            return struct.pack("<QII", 3600, 0, 0) + self.attributes(node)
        if operation in (OPEN, OPENDIR):
            return struct.pack("<QII", 0, 0, 0)
        if operation == STATFS:
            return struct.pack("<5Q10I", 0, 0, 0, 0, 0, BLOCK, 255, BLOCK, *[0] * 7)
        if operation in (FLUSH, RELEASE, RELEASEDIR, ACCESS, DESTROY, READDIR):
            return b""
        raise OSError(errno.ENOSYS, "not needed by a loop device")


if __name__ == "__main__":
    server = Server(*sys.argv[1:3])
    print("mounted", flush=True)
    server.run()
