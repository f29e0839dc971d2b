"""What the tests of the programs share: a Maildir to serve, the daemon in a directory of its own, a plain IMAP
connection, and the verdict.

A test is a script: `TEST.py SOURCE BUILD`. It prints what it saw, and ends with 0, 1, or 77 where something it needs is
not there. Everything listens on 127.0.0.1 and lies in a temporary directory (KEEP=1 leaves it). IMAPARC_SEED repeats a
random run.
"""
import atexit
import base64
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SOURCE, BUILD = (os.path.abspath(p) for p in sys.argv[1:3])
BIN = os.path.join(BUILD, 'bin')
SEED = int(os.environ.get('IMAPARC_SEED') or random.SystemRandom().randrange(1 << 32))
WAIT = 120.0  # an upper bound for what should take far less: only a hang meets it


def rng():
    print('seed %d (IMAPARC_SEED=%d repeats this run)' % (SEED, SEED), flush=True)
    return random.Random(SEED)


def fail(text):
    print('FAIL: ' + text, flush=True)
    sys.exit(1)


def skip(text):
    print('SKIP: ' + text, flush=True)
    sys.exit(77)


def check(condition, text):
    if not condition:
        fail(text)


def need(*programs):
    for p in programs:
        if not shutil.which(p):
            skip('%s is not installed' % p)


def temporary():
    path = tempfile.mkdtemp(prefix='imaparc-programs-')
    if os.environ.get('KEEP'):
        print('kept: ' + path)
    else:
        atexit.register(shutil.rmtree, path, True)
    return path


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def until(what, condition, seconds=WAIT):
    """Asks again and again until it is so; the test's one way to wait."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            fail('not within %d s: %s' % (seconds, what))
        time.sleep(0.02)


# ---- folder names (RFC 3501 5.1.3) --------------------------------------------------------------------------------

def utf7_encode(name):
    out, run = [], []

    def flush():
        if run:
            b = base64.b64encode(''.join(run).encode('utf-16-be')).decode().rstrip('=').replace('/', ',')
            out.append('&' + b + '-')
            run.clear()
    for c in name:
        if ' ' <= c <= '~':
            flush()
            out.append('&-' if c == '&' else c)
        else:
            run.append(c)
    flush()
    return ''.join(out)


def utf7_decode(name):
    def one(m):
        if not m.group(1):
            return '&'
        b = m.group(1).replace(',', '/')
        return base64.b64decode(b + '=' * (-len(b) % 4)).decode('utf-16-be')
    return re.sub(r'&([^-]*)-', one, name)


def quoted(wire):
    return '"' + wire.replace('\\', '\\\\').replace('"', '\\"') + '"'


# ---- an archive ----------------------------------------------------------------------------------------------------

class Maildir:
    """A Maildir++ of one owner. folders: tuple of levels -> {name: bytes}; ('INBOX',) is the root."""

    def __init__(self, root):
        self.root = root
        self.folders = {}
        self.serial = 0
        self.folder(('INBOX',))

    def path(self, levels):
        return self.root if levels == ('INBOX',) else os.path.join(self.root, '.' + '.'.join(utf7_encode(l) for l in levels))

    def folder(self, levels):
        for part in ('cur', 'new', 'tmp'):
            os.makedirs(os.path.join(self.path(levels), part), exist_ok=True)
        return self.folders.setdefault(levels, {})

    def add(self, levels, data, age=None, flags='', name=None, when=None):
        """Delivered as an MDA does: written to tmp, moved to cur or new. age: days before now; or when: seconds since 1970."""
        self.serial += 1
        name = name or '%d.M%dP%d.test' % (1600000000 + self.serial, self.serial, os.getpid())
        self.folder(levels)[name] = data
        temporary = os.path.join(self.path(levels), 'tmp', name)
        with open(temporary, 'wb') as f:
            f.write(data)
        if when is None:
            when = time.time() - 86400 * (1 + (self.serial % 200) if age is None else age)
        os.utime(temporary, (when, when))
        os.rename(temporary, os.path.join(self.path(levels), 'cur', name + ':2,' + flags) if flags is not None
                  else os.path.join(self.path(levels), 'new', name))
        return name

    def remove(self, levels, name):
        for part in ('cur', 'new'):
            directory = os.path.join(self.path(levels), part)
            for f in os.listdir(directory):
                if f.split(':2,')[0] == name:
                    os.unlink(os.path.join(directory, f))
        del self.folders[levels][name]

    def messages(self):
        """What is to be seen of them: a literal must not hold a NUL (RFC 3501 9, CHAR8), so 0x80 stands for it, as in Dovecot."""
        return {levels: sorted(norm(m).replace(b'\0', b'\x80') for m in messages.values())
                for levels, messages in self.folders.items()}


def norm(data):
    """How two copies of a message are compared: line ends do not count."""
    return data.replace(b'\r\n', b'\n')


def plain(r, subject=None, words=30):
    """A small valid mail."""
    pool = 'alpha bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november'.split()
    text = '\n'.join(' '.join(r.choice(pool) for _ in range(8)) for _ in range(max(1, words // 8)))
    return ('From: Ann <ann@example.org>\nTo: bob@example.com\nSubject: %s\nDate: Tue, 03 Jun 2025 10:00:%02d +0200\n'
            'Message-ID: <%x@example.org>\n\n%s\n' % (subject or r.choice(pool), r.randrange(60), r.getrandbits(64), text)).encode()


# ---- the daemon ----------------------------------------------------------------------------------------------------

class Daemon:
    def __init__(self, directory, archive, users=('ann',), password='pass word', months=0, settings=''):
        """archive: the directory that holds one Maildir an owner."""
        self.directory = directory
        self.archive = archive
        self.password = password
        self.port = free_port()
        self.config = os.path.join(directory, 'imaparchd.toml')
        self.data = os.path.join(directory, 'data')
        self.log = os.path.join(directory, 'imaparchd.log')
        self.process = None
        os.makedirs(directory, exist_ok=True)
        with open(self.config, 'w') as f:
            f.write('data_dir = "%s"\n[imap]\nport = %d\ninterface = "127.0.0.1"\nmax_months = %d\n'
                    '[[store]]\nname = "archive"\ntype = "maildir"\npath = "%s/%%u"\n'
                    '[auth.file]\npath = "%s/users"\n[control]\nsocket = "%s/control.sock"\n%s'
                    % (self.data, self.port, months, archive, directory, directory, settings))
        for user in users:
            self.ctl('user', 'add', user, '--password-stdin', stdin=password + '\n')
        atexit.register(self.kill)

    def start(self, wait=True):
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen([os.path.join(BIN, 'imaparchd'), '--config', self.config],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if wait:
            until('the daemon answers', self.answers)
        return self

    def answers(self):
        if self.process.poll() is not None:
            fail('imaparchd ended with %d: %s' % (self.process.returncode, self.last_words()))
        try:
            socket.create_connection(('127.0.0.1', self.port), 5).close()
        except OSError:
            return False
        return self.ctl('status', ok=None)[0] == 0

    def synchronised(self):
        """Everything the stores have now is in the index."""
        code, out, err = self.ctl('resync', '--wait', ok=None)
        check(code == 0, 'resync --wait exits %d: %s%s' % (code, out, err))
        return self

    def stop(self):
        """SIGTERM, and it must end well."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            fail('imaparchd did not end within 60 s of SIGTERM')
        self.process = None
        check(code == 0, 'imaparchd ended with %d on SIGTERM: %s' % (code, self.last_words()))

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process = None

    def last_words(self):
        with open(self.log, errors='replace') as f:
            return ''.join(f.readlines()[-12:])

    def ctl(self, *words, stdin=None, ok=0):
        """(exit code, stdout, stderr); fails the test unless the code is `ok` (None: any)."""
        run = subprocess.run([os.path.join(BIN, 'imaparch-ctl'), '--config', self.config, *words], input=stdin or '',
                             capture_output=True, text=True, timeout=300)
        if ok is not None and run.returncode != ok:
            fail('imaparch-ctl %s exits %d, not %d:\n%s%s' % (' '.join(words), run.returncode, ok, run.stdout, run.stderr))
        return run.returncode, run.stdout, run.stderr

    def ctl_json(self, *words):
        return json.loads(self.ctl('--json', *words)[1])

    def connect(self, user='ann', login=True):
        c = Imap(self.port)
        if login:
            c.ok('LOGIN %s %s' % (quoted(user), quoted(self.password)))
        return c


# ---- a plain IMAP connection -----------------------------------------------------------------------------------------

class Imap:
    """Lines and literals, no more: what arrived is looked at by the test."""

    def __init__(self, port, timeout=WAIT):
        self.socket = socket.create_connection(('127.0.0.1', port), timeout)
        self.socket.settimeout(timeout)
        self.file = self.socket.makefile('rb')
        self.tag = 0
        self.greeting = self.response()

    def response(self):
        """One response: a list of bytes, text and literals in turn. [] when the server closed."""
        parts = []
        while True:
            line = self.file.readline()
            if not line.endswith(b'\r\n'):
                return []
            m = re.search(rb'\{(\d+)\}\r\n$', line)
            if not m:
                parts.append(line[:-2])
                return parts
            parts += [line[:m.start()], self.file.read(int(m.group(1)))]

    def send(self, text):
        self.socket.sendall(text if isinstance(text, bytes) else text.encode())

    def command(self, text):
        """(tagged line as text, untagged responses)."""
        self.tag += 1
        tag = b'T%d ' % self.tag
        self.send(tag + (text if isinstance(text, bytes) else text.encode()) + b'\r\n')
        untagged = []
        while True:
            r = self.response()
            if not r:
                raise ConnectionError('closed during %r' % text[:80])
            if r[0].startswith(tag):
                return r[0][len(tag):].decode('utf-8', 'replace'), untagged
            untagged.append(r)

    def ok(self, text):
        tagged, untagged = self.command(text)
        check(tagged.startswith('OK'), '%r is answered by %r' % (text[:200], tagged))
        return untagged

    def list(self):
        """{levels: selectable}"""
        found = {}
        for r in self.ok('LIST "" "*"'):
            m = re.match(rb'\* LIST \(([^)]*)\) "/" (.*)$', r[0], re.S)
            check(m, 'LIST answers %r' % r)
            name = r[1] if len(r) > 1 else m.group(2)
            if name.startswith(b'"'):
                name = re.sub(rb'\\(.)', rb'\1', name[1:-1])
            levels = tuple(utf7_decode(l) for l in name.decode().split('/'))
            found[levels] = b'\\Noselect' not in m.group(1)
        return found

    def select(self, levels, verb='SELECT'):
        """{EXISTS, UIDVALIDITY, UIDNEXT, ...}"""
        untagged = self.ok('%s %s' % (verb, quoted('/'.join(utf7_encode(l) for l in levels))))
        text = b'\n'.join(r[0] for r in untagged).decode()
        state = {'EXISTS': int(re.search(r'\* (\d+) EXISTS', text).group(1))}
        for key in ('UIDVALIDITY', 'UIDNEXT'):
            state[key] = int(re.search(r'\[%s (\d+)\]' % key, text).group(1))
        return state

    def fetch_all(self, levels):
        """UIDVALIDITY, {uid: (message, flags, internal date)} of a folder, by EXAMINE."""
        state = self.select(levels, 'EXAMINE')
        found = {}
        if state['EXISTS']:
            for r in self.ok('UID FETCH 1:* (FLAGS INTERNALDATE BODY.PEEK[])'):
                line = b''.join(r[::2]).decode('utf-8', 'replace')
                if ' FETCH ' not in line:
                    continue
                uid = int(re.search(r'UID (\d+)', line).group(1))
                flags = frozenset(re.search(r'FLAGS \(([^)]*)\)', line).group(1).split())
                date = re.search(r'INTERNALDATE "([^"]+)"', line).group(1)
                check(uid not in found, 'UID %d twice in %r' % (uid, levels))
                found[uid] = (r[1] if len(r) > 1 else b'', flags, date)
        check(len(found) == state['EXISTS'], '%r: %d EXISTS, %d fetched' % (levels, state['EXISTS'], len(found)))
        return state['UIDVALIDITY'], found

    def snapshot(self):
        """All of an owner's mail: {levels: (UIDVALIDITY, {uid: (message, flags, date)})}"""
        return {levels: self.fetch_all(levels) for levels, selectable in self.list().items() if selectable}

    def close(self):
        self.file.close()
        self.socket.close()


def same_mail(maildir, snapshot):
    """Fails unless the snapshot has every message of the Maildir, byte for byte, line ends aside, and no other."""
    expected = maildir.messages()
    for levels, messages in expected.items():
        check(levels in snapshot, 'folder %r is missing' % (levels,))
        got = sorted(norm(m) for m, _, _ in snapshot[levels][1].values())
        check(got == messages, 'folder %r: %d messages expected, %d came, %d of them the same'
              % (levels, len(messages), len(got), len(set(got) & set(messages))))
    for levels in set(snapshot) - set(expected):
        check(not snapshot[levels][1], 'folder %r was not expected' % (levels,))
