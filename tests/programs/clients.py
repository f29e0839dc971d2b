"""Real clients that read all mail of a daemon: Python's imaplib, curl, mbsync. Each gives what it saw as
{levels: (UIDVALIDITY or 0, {UID: (message, flags, date)})}, and fails the test on any error it meets."""
import collections
import imaplib
import os
import re
import subprocess
import urllib.parse

from harness import check, norm, quoted, utf7_decode, utf7_encode

imaplib._MAXLINE = 1 << 26


def by_imaplib(daemon):
    """{levels: (uidvalidity, {uid: (message, flags, date)})}, and what the other answers say agrees with the bytes."""
    c = imaplib.IMAP4('127.0.0.1', daemon.port, timeout=60)
    c.login('ann', daemon.password)
    got = {}
    typ, lines = c.list()
    check(typ == 'OK', 'LIST')
    names = []
    for line in lines:
        if isinstance(line, tuple):
            names.append((line[0], line[1]))
        elif line:
            m = re.match(rb'\(([^)]*)\) "/" (.*)$', line, re.S)
            name = m.group(2)
            names.append((m.group(1), re.sub(rb'\\(.)', rb'\1', name[1:-1]) if name.startswith(b'"') else name))
    for attributes, name in names:
        if b'\\Noselect' in attributes:
            continue
        wire = name.decode()
        typ, data = c.status(quoted(wire), '(MESSAGES UIDNEXT UIDVALIDITY UNSEEN RECENT)')
        status = {k: int(v) for k, v in re.findall(r'([A-Z]+) (\d+)', data[0][data[0].rindex(b'('):].decode())}
        typ, data = c.select(quoted(wire), readonly=True)
        check(typ == 'OK', 'EXAMINE %s: %r' % (wire, data))
        exists = int(data[0])
        typ, data = c.uid('SEARCH', 'ALL')
        uids = [int(u) for u in (data[0] or b'').split()]
        check(exists == len(uids) == status['MESSAGES'] and uids == sorted(set(uids)), '%s: counts differ' % wire)
        check(not uids or status['UIDNEXT'] > uids[-1], '%s: UIDNEXT' % wire)
        messages = {}
        for uid in uids:
            typ, data = c.uid('FETCH', str(uid), '(RFC822.SIZE BODY.PEEK[])')
            check(typ == 'OK', '%s UID %d' % (wire, uid))
            whole = data[0][1]
            size = int(re.search(rb'RFC822.SIZE (\d+)', data[0][0]).group(1))
            check(size == len(whole), '%s UID %d: RFC822.SIZE %d, %d bytes came' % (wire, uid, size, len(whole)))
            check(not re.search(rb'(?<!\r)\n', whole), '%s UID %d: a bare LF' % (wire, uid))
            typ, data = c.uid('FETCH', str(uid), '(BODY.PEEK[HEADER] BODY.PEEK[TEXT] BODY.PEEK[]<5.70>)')
            section = {}
            for text, literal in ((x[0], x[1]) if isinstance(x, tuple) else (x, None) for x in data):
                section.update(re.findall(rb'(BODY\[\w*\](?:<\d+>)?) "([^"\\]*)"', text))  # short ones
                if literal is not None:
                    section[re.search(rb'(BODY\[\w*\](?:<\d+>)?) \{\d+\}$', text).group(1)] = literal
            check(section[b'BODY[HEADER]'] + section[b'BODY[TEXT]'] == whole, '%s UID %d: HEADER + TEXT is not the message' % (wire, uid))
            check(section[b'BODY[]<5>'] == whole[5:75], '%s UID %d: <5.70>' % (wire, uid))
            messages[uid] = (whole, frozenset(), '')
        got[tuple(utf7_decode(l) for l in wire.split('/'))] = (status['UIDVALIDITY'], messages)
    c.logout()
    return got


def by_curl(daemon, folders, directory):
    got = {}
    os.makedirs(directory)
    login = ['-s', '-S', '--max-time', '300', '--noproxy', '*', '-u', 'ann:' + daemon.password]

    def curl(*words):
        run = subprocess.run(['curl', *login, *words], capture_output=True)
        check(run.returncode == 0, 'curl %s: exit %d %s' % (words[-1:], run.returncode, run.stderr.decode()))
        return run.stdout

    for number, levels in enumerate(folders):
        url = 'imap://127.0.0.1:%d/%s' % (daemon.port, urllib.parse.quote('/'.join(utf7_encode(l) for l in levels), safe=''))
        found = curl(url, '-X', 'UID SEARCH ALL').decode()
        uids = re.search(r'\* SEARCH ?([\d ]*)', found).group(1).split()
        files = {int(uid): os.path.join(directory, '%d.%s' % (number, uid)) for uid in uids}
        words = os.path.join(directory, '%d.curl' % number)
        with open(words, 'w') as f:
            f.writelines('url = "%s;UID=%d"\noutput = "%s"\n' % (url, uid, file) for uid, file in files.items())
        if files:
            curl('--fail-early', '-K', words)
        messages = {}
        for uid, file in files.items():
            # curl makes no file for a message of no bytes.
            messages[uid] = (open(file, 'rb').read() if os.path.exists(file) else b'', frozenset(), '')
        got[levels] = (0, messages)
    return got


def by_mbsync(daemon, directory):
    mail = os.path.join(directory, 'mail')
    os.makedirs(mail)
    rc = os.path.join(directory, 'mbsyncrc')
    with open(rc, 'w') as f:
        f.write('\n'.join(['FSync no', '', 'IMAPAccount a', 'Host 127.0.0.1', 'Port %d' % daemon.port,
                           'User ann', 'Pass "%s"' % daemon.password, 'SSLType None', '', 'IMAPStore r', 'Account a', '',
                           'MaildirStore l', 'Path "%s/"' % mail, 'Inbox "%s/INBOX"' % mail, 'SubFolders Verbatim', '',
                           'Channel c', 'Far :r:', 'Near :l:', 'Patterns *', 'Create Near', 'Sync Pull', 'SyncState *', '']))
    os.chmod(rc, 0o600)
    run = subprocess.run(['mbsync', '-V', '-c', rc, 'c'], capture_output=True, text=True, timeout=300,
                         env=dict(os.environ, HOME=directory))
    check(run.returncode == 0, 'mbsync: exit %d\n%s%s' % (run.returncode, run.stdout[-2000:], run.stderr[-2000:]))
    got = {}
    for path, directories, _ in os.walk(mail):
        if 'cur' in directories:
            messages = {}
            for part in ('cur', 'new'):
                for file in sorted(os.listdir(os.path.join(path, part))):
                    data = norm(open(os.path.join(path, part, file), 'rb').read())
                    head, empty, body = data.partition(b'\n\n')
                    head = re.sub(rb'(?m)^X-TUID: \S{12}\n?', b'', head + empty[:1])  # mbsync's own mark
                    messages[len(messages)] = (head + empty[1:] + body, frozenset(), '')
            got[tuple(utf7_decode(l) for l in os.path.relpath(path, mail).split(os.sep))] = (0, messages)
    return got


def same_as_mbsync_has(maildir, got):
    """mbsync says that it leaves out mails whose header has no end; all others must be there, and no other. Where it writes
    LF it drops every CR, lone ones too, so those do not count here. The result is how many were left out."""
    left_out = 0
    for levels, messages in maildir.messages().items():
        everything = collections.Counter(m.replace(b'\r', b'') for m in messages)
        expected = collections.Counter({d: n for d, n in everything.items() if b'\n\n' in d and not d.startswith(b'\n')})
        check(levels in got, 'mbsync: folder %r is missing' % (levels,))
        have = collections.Counter(m.replace(b'\r', b'') for m, _, _ in got[levels][1].values())
        check(not expected - have and not have - everything, 'mbsync: %r: %d missing or altered, %d unexpected'
              % (levels, (expected - have).total(), (have - everything).total()))
        left_out += (everything - have).total()
    return left_out
