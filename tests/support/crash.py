"""A disk in memory that loses power, after SQLite's crash tests.

What was not synced may be there, gone, torn at 512 bytes or filled with zeros; names in a folder that was not synced
may be there or not, in any combination. `CrashDisk.crash` draws one such state. Each kind of sync can be left out by
its place in the code, to show that the tests notice.
"""

from __future__ import annotations

import errno
import os
import sys

from dltui.core.disk.disk import Disk

SECTOR = 512
KINDS = ("open", "write", "fsync", "fdatasync", "sync_folder", "rename", "unlink", "mkdir", "truncate")


class PowerLossError(BaseException):
    """Nothing runs after this."""


class Inode:
    def __init__(self, content=b""):
        self.content = bytearray(content)
        self.durable = bytes(content)
        self.pending = []  # (offset, bytes) or (size, None)

    def sync(self):
        self.durable = bytes(self.content)
        self.pending.clear()

    def after_crash(self, rng):
        content = bytearray(self.durable)
        for offset, data in self.pending:
            fate = rng.random()
            if fate < 0.3:
                continue
            if data is None:
                del content[offset:]
                continue
            if len(content) < offset:
                content.extend(bytes(offset - len(content)))
            if fate < 0.6:
                content[offset : offset + len(data)] = data
                continue
            _tear(content, offset, data, rng)
        return Inode(content)


def _tear(content, offset, data, rng):
    """Only some sectors of a write arrive; the file may have grown to any sector, or fully, all the same."""
    end = offset + len(data)
    edges = [*range(offset - offset % SECTOR + SECTOR, end, SECTOR), end]
    size = max(rng.choice(edges), len(content))
    old = bytes(content) + bytes(max(0, size - len(content)))
    content[:] = old
    start = offset
    for edge in edges:
        if edge <= size and rng.random() < 0.5:
            content[start:edge] = data[start - offset : edge - offset]
        start = edge


class Folder:
    def __init__(self, entries=None):
        self.entries = dict(entries or {})
        self.durable = dict(self.entries)
        self.pending = []  # each a dict name -> inode, folder or None, all or nothing

    def change(self, changes):
        self.pending.append(changes)
        self._apply(self.entries, changes)

    @staticmethod
    def _apply(entries, changes):
        for name, node in changes.items():
            if node is None:
                entries.pop(name, None)
            else:
                entries[name] = node

    def sync(self):
        self.durable = dict(self.entries)
        self.pending.clear()

    def after_crash(self, rng):
        entries = dict(self.durable)
        for changes in self.pending:
            if rng.random() < 0.5:
                self._apply(entries, changes)
        return Folder({name: node.after_crash(rng) for name, node in entries.items()})


class CrashDisk(Disk):
    """Args: `power`, calls until the power fails (None: never); `without`, a site of `sites` to leave out."""

    def __init__(self, root=None, power=None, without=None):
        self.root = root or Folder()
        self.power = power
        self.without = without
        self.sites = set()
        self.n_calls = 0
        self._open = {}
        self._next = 100

    def crash(self, rng):
        return CrashDisk(self.root.after_crash(rng), without=self.without)

    def _call(self):
        self.n_calls += 1
        if self.power is not None and self.n_calls > self.power:
            raise PowerLossError

    def _left_out(self, kind):
        frame = sys._getframe(2)
        site = (kind, os.path.basename(frame.f_code.co_filename), frame.f_code.co_name, frame.f_lineno)
        self.sites.add(site)
        return site == self.without

    def _find(self, path):
        node = self.root
        for part in path.strip("/").split("/"):
            if not part:
                continue
            if not isinstance(node, Folder):
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
            if part not in node.entries:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
            node = node.entries[part]
        return node

    def _split(self, path):
        folder, name = os.path.split(path.rstrip("/"))
        return self._find(folder), name

    def open(self, path, flags):
        self._call()
        folder, name = self._split(path)
        node = folder.entries.get(name)
        if node is None:
            if not flags & os.O_CREAT:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
            node = Inode()
            folder.change({name: node})
        elif flags & os.O_EXCL:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
        self._next += 1
        self._open[self._next] = [node, 0, bool(flags & os.O_APPEND)]
        return self._next

    def close(self, descriptor):
        self._call()
        del self._open[descriptor]

    def read(self, descriptor, size):
        handle = self._open[descriptor]
        data = bytes(handle[0].content[handle[1] : handle[1] + size])
        handle[1] += len(data)
        return data

    def write(self, descriptor, data):
        handle = self._open[descriptor]
        node, offset, append = handle
        if append:
            offset = len(node.content)
        data = bytes(data)
        node.pending.append((offset, data))  # before the power can fail: a write cut short is a pending one
        self._call()
        if len(node.content) < offset:
            node.content.extend(bytes(offset - len(node.content)))
        node.content[offset : offset + len(data)] = data
        handle[1] = offset + len(data)
        return len(data)

    def seek(self, descriptor, offset):
        self._open[descriptor][1] = offset

    def truncate(self, descriptor, size):
        self._call()
        node = self._open[descriptor][0]
        del node.content[size:]
        node.pending.append((size, None))

    def fsync(self, descriptor):
        self._call()
        if not self._left_out("fsync"):
            self._open[descriptor][0].sync()

    def fdatasync(self, descriptor):
        self._call()
        if not self._left_out("fdatasync"):
            self._open[descriptor][0].sync()

    def sync_folder(self, path):
        self._call()
        if not self._left_out("sync_folder"):
            self._find(path).sync()

    def rename(self, old, new):
        self._call()
        if self._left_out("rename"):
            return
        folder, name = self._split(old)
        target, new_name = self._split(new)
        node = folder.entries[name]
        if folder is target:
            folder.change({name: None, new_name: node})
        else:
            folder.change({name: None})
            target.change({new_name: node})

    def unlink(self, path):
        self._call()
        folder, name = self._split(path)
        self._find(path)
        folder.change({name: None})

    def mkdir(self, path):
        self._call()
        folder, name = self._split(path)
        if name in folder.entries:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
        folder.change({name: Folder()})

    def rmdir(self, path):
        self.unlink(path)

    def names(self, path):
        return sorted(self._find(path).entries)

    def size(self, descriptor):
        return len(self._open[descriptor][0].content)

    def is_regular(self, path):
        return isinstance(self._find(path), Inode)

    def is_link(self, path):
        return False

    def lock(self, descriptor):
        return True

    def is_at(self, descriptor, path):
        return self._find(path) is self._open[descriptor][0]


class FailingDisk(Disk):
    """The real disk; after `first` calls of the kinds named, `count` of them fail with `code`."""

    def __init__(self, code=errno.EIO, first=0, count=1, kinds=KINDS):
        self.code, self.first, self.count, self.kinds = code, first, count, kinds
        self.n_calls = 0
        self.n_failed = 0

    def healthy(self):
        self.count = 0


def _failing(kind):
    def call(self, *arguments):
        if kind in self.kinds:
            self.n_calls += 1
            if self.first < self.n_calls <= self.first + self.count:
                self.n_failed += 1
                raise OSError(self.code, os.strerror(self.code))
        return getattr(Disk, kind)(self, *arguments)

    return call


for _kind in KINDS:
    setattr(FailingDisk, _kind, _failing(_kind))
