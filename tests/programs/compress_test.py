#!/usr/bin/env python3
"""COMPRESS=DEFLATE (RFC 4978) with another zlib than the daemon's tests have: the same mail comes compressed as plain, in
fewer bytes; connections that rest take little memory; half a gigabyte of zeros in half a megabyte takes none. IDLE left
by closing the socket leaves no word in the log."""
import os
import re
import zlib

from harness import BUILD, Daemon, Imap, Maildir, check, plain, quoted, rng, temporary, until

CONNECTIONS = 100
KIB_EACH = 80  # that compression may add to a connection at rest: the inflater with its window, and malloc's waste


class Inflated:
    """What stands where the socket's file stood."""

    def __init__(self, file):
        self.file = file
        self.zlib = zlib.decompressobj(-15)
        self.ready = b''
        self.wire = 0

    def more(self):
        compressed = self.file.read1(65536)
        self.wire += len(compressed)
        self.ready += self.zlib.decompress(compressed)
        return compressed

    def readline(self):
        while b'\n' not in self.ready:
            if not self.more():
                break
        end = self.ready.find(b'\n') + 1 or len(self.ready)
        line, self.ready = self.ready[:end], self.ready[end:]
        return line

    def read(self, count):
        while len(self.ready) < count and self.more():
            pass
        data, self.ready = self.ready[:count], self.ready[count:]
        return data

    def close(self):
        self.file.close()


class Compressed(Imap):
    def start(self):
        self.ok('COMPRESS DEFLATE')
        self.file = Inflated(self.file)
        self.zlib = zlib.compressobj(6, zlib.DEFLATED, -15)
        return self

    def send(self, text):
        data = text if isinstance(text, bytes) else text.encode()
        if hasattr(self, 'zlib'):
            data = self.zlib.compress(data) + self.zlib.flush(zlib.Z_SYNC_FLUSH)
        self.socket.sendall(data)


def connect(daemon):
    c = Compressed(daemon.port)
    c.ok('LOGIN %s %s' % (quoted('ann'), quoted(daemon.password)))
    return c.start()


def resident_kib(daemon):
    with open('/proc/%d/status' % daemon.process.pid) as f:
        return int(re.search(r'VmRSS:\s+(\d+)', f.read()).group(1))


r = rng()
work = temporary()
maildir = Maildir(os.path.join(work, 'archive', 'ann'))
for levels in (('INBOX',), ('Sent',)):
    for _ in range(150):
        maildir.add(levels, plain(r, words=r.randint(1, 2000)))
daemon = Daemon(work, os.path.join(work, 'archive')).start().synchronised()

plainly = daemon.connect()
expected = plainly.snapshot()
plainly.close()
c = connect(daemon)
check(c.snapshot() == expected, 'the same mail comes compressed as plain')
size = sum(len(m) for _, mails in expected.values() for m, _, _ in mails.values())
check(c.file.wire < size * 0.8, '%d bytes of mail took %d compressed' % (size, c.file.wire))
tagged, _ = c.command('COMPRESS DEFLATE')
check(tagged.startswith('NO [COMPRESSIONACTIVE]'), 'COMPRESS twice is answered by %r' % tagged)
tagged, _ = c.command('UNAUTHENTICATE')
check(tagged.startswith('OK') and c.file.zlib.eof, 'UNAUTHENTICATE ends the deflated stream')
c.close()

# At rest: what compression adds to what such a connection takes anyway.
idle = []


def resting(connected):
    before = resident_kib(daemon)
    for _ in range(CONNECTIONS):
        c = connected()
        c.ok('SELECT INBOX')
        c.ok('FETCH 1:20 (BODY.PEEK[])')
        c.send('i1 IDLE\r\n')
        check(c.response()[0].startswith(b'+'), 'IDLE begins')
        idle.append(c)
    return lambda: (resident_kib(daemon) - before) / CONNECTIONS


anyway = resting(daemon.connect)()
compressed = resting(lambda: connect(daemon))
if 'IMAPARC_SANITIZE:STRING=\n' in open(os.path.join(BUILD, 'CMakeCache.txt')).read():  # else memory tells nothing
    # A deflater is freed after a second of rest.
    until('compression takes less than %d KiB of a connection at rest' % KIB_EACH,
          lambda: compressed() - anyway < KIB_EACH, 30)
each = compressed() - anyway
for c in idle:
    c.close()
    c.socket.close()  # without DONE or LOGOUT
until('they are gone', lambda: open(daemon.log).read().count('imap_session_finished') >= 2 * CONNECTIONS)
with open(daemon.log) as f:
    words = [line for line in f if re.search(r'\b(error|warning) imap_', line)]
check(not words, 'the log says %r' % words[:3])

# Half a gigabyte of zeros.
c = connect(daemon)
before = resident_kib(daemon)
bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
zeros = bytes(1 << 20)
data = b''.join(bomb.compress(zeros) for _ in range(512)) + bomb.flush(zlib.Z_SYNC_FLUSH)
try:
    c.socket.sendall(data)
except OSError:
    pass  # it did not want to read all of it
last = []
while True:
    try:
        line = c.file.readline()
    except OSError:
        break
    if not line:
        break
    last.append(line)
check(last and last[-1].startswith(b'* BYE'), 'the bomb is answered by %r' % last)
grown = resident_kib(daemon) - before
check(grown < 16 * 1024, 'it took %d KiB' % grown)
d = daemon.connect()
d.ok('NOOP')
d.close()
daemon.stop()
print('%d bytes of mail; %d KiB more a resting connection; the bomb took %d KiB' % (size, each, grown))
