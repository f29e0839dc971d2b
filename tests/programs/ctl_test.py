#!/usr/bin/env python3
"""imaparch-ctl as a script uses it: configuration in place, live or by a new listener, refusals that change nothing;
port check, interfaces, users, index with and without the daemon; exit codes; stdout for data."""
import fcntl
import json
import os
import re
import socket
import subprocess

from harness import BIN, Daemon, Imap, Maildir, check, free_port, plain, rng, temporary, until

r = rng()
work = temporary()
maildir = Maildir(os.path.join(work, 'archive', 'ann'))
for k in range(20):
    maildir.add(('INBOX',), plain(r), age=k)
    maildir.add(('Größe', 'klein'), plain(r), age=400 + k)
daemon = Daemon(work, os.path.join(work, 'archive'), months=12)

# ---- without the daemon
daemon.ctl('status', ok=3)
daemon.ctl('resync', ok=3)
daemon.ctl('no-such-verb', ok=2)
daemon.ctl('config', 'get', ok=2)
daemon.ctl('--help')
check(daemon.ctl('config', 'get', 'imap.max_months')[1] == '12\n', 'config get prints the value alone')
check(daemon.ctl('config', 'get', 'imap.enabled')[1] == 'true\n', 'config get knows defaults')
check(daemon.ctl('port', 'check', str(daemon.port), '--interface', '127.0.0.1')[0] == 0, 'the port is free')
daemon.ctl('config', 'check')
interfaces = daemon.ctl_json('interfaces')
names = json.dumps(interfaces)
check('"lo"' in names and '127.0.0.1' in names, 'interfaces has lo: %s' % names[:300])

# ---- bad files: file, line, caret, what is allowed
good = open(daemon.config).read()
for change, line, words in [
        (lambda t: t.replace('port =', 'prot ='), 'prot', ['unknown', 'imap.port']),
        (lambda t: re.sub(r'port = \d+', 'port = 70000', t), '70000', ['65535']),
        (lambda t: re.sub(r'port = \d+', 'port = "many"', t), 'many', ['number']),
        (lambda t: t.replace('type = "maildir"', 'type = "tape"'), 'tape', ['maildir']),
        (lambda t: t.replace('[imap]', '[imap'), '[imap', [])]:
    open(daemon.config, 'w').write(change(good))
    code, out, err = daemon.ctl('config', 'check', ok=1)
    number = next(i for i, l in enumerate(change(good).split('\n'), 1) if line in l)
    check('imaparchd.toml:%d:' % number in out + err, 'the line is named: %s' % (out + err))
    check('^' in out + err, 'a caret shows the place: %s' % (out + err))
    for word in words:
        check(word in out + err, '%r is said: %s' % (word, out + err))
    run = subprocess.run([os.path.join(BIN, 'imaparchd'), '--config', daemon.config, '--check'], capture_output=True, text=True)
    check(run.returncode != 0 and '^' in run.stderr + run.stdout, 'imaparchd --check refuses it, too')
open(daemon.config, 'w').write(good)
run = subprocess.run([os.path.join(BIN, 'imaparchd'), '--config', daemon.config, '--check'], capture_output=True, text=True)
check(run.returncode == 0, 'imaparchd --check: %s' % run.stderr)
run = subprocess.run([os.path.join(BIN, 'imaparchd'), '--config', os.path.join(work, 'none.toml')], capture_output=True, text=True)
check(run.returncode != 0 and 'none.toml' in run.stderr, 'a missing file is named: %s' % run.stderr)

# ---- set and unset keep the rest of the file
commented = good.replace('[imap]\n', '# the listener\n[imap]\n').replace('max_months = 12', 'max_months = 12   # a year')
open(daemon.config, 'w').write(commented)
daemon.ctl('config', 'set', 'imap.max_months', '24')
check(open(daemon.config).read() == commented.replace('max_months = 12', 'max_months = 24'), 'set changes one value: %s' % open(daemon.config).read())
before = open(daemon.config).read()
for key, value in [('imap.max_months', 'many'), ('imap.max_months', '-1'), ('imap.port', '0'), ('imap.colour', 'red'),
                   ('imap.interface', 'nosuch0'), ('store.archive.type', 'tape'), ('tls.force', 'true')]:
    code, out, err = daemon.ctl('config', 'set', key, value, ok=None)
    check(code in (1, 2) and not out and key.split('.')[-1] in err, 'config set %s %s is refused and says why: %d %r %r' % (key, value, code, out, err))
    check(open(daemon.config).read() == before, 'and changes nothing')
daemon.ctl('config', 'set', 'imap.max_months', '12')

# ---- with the daemon
daemon.start().synchronised()
status = daemon.ctl_json('status')
check(status['messages'] == 40 and status['listener']['state'] == 'listening' and status['listener']['port'] == daemon.port,
      'status: %s' % json.dumps(status)[:500])
check(status['hidden_by_window'] == 20, 'status says what the window hides: %r' % status['hidden_by_window'])
code, out, err = daemon.ctl('status')
check(all(len(line) <= 80 for line in out.split('\n')) and '\x1b' not in out, 'the table fits 80 columns, without colour:\n' + out)
check(daemon.ctl('port', 'check', str(daemon.port), '--interface', '127.0.0.1', ok=1)[1:] != ('', ''), 'a taken port says by whom')

live = daemon.connect()
code, out, err = daemon.ctl('config', 'set', 'imap.max_months', '0')
check('live' in out + err, 'says that it applied live: %r' % (out + err))
live.ok('NOOP')

taken = socket.socket()
taken.bind(('127.0.0.1', 0))
taken.listen()
before = open(daemon.config).read()
code, out, err = daemon.ctl('config', 'set', 'imap.port', str(taken.getsockname()[1]), ok=1)
check(str(taken.getsockname()[1]) in err, 'a port that is taken is refused by its number: %r' % err)
check(open(daemon.config).read() == before, 'the file is as it was')
live.ok('NOOP')
Imap(daemon.port).close()
taken.close()

old, new = daemon.port, free_port()
code, out, err = daemon.ctl('config', 'set', 'imap.port', str(new))
check('listener' in out + err, 'says that the listener was restarted: %r' % (out + err))
check(live.response()[0].startswith(b'* BYE'), 'clients of the old listener hear BYE')
daemon.port = new
daemon.connect().close()
try:
    socket.create_connection(('127.0.0.1', old), 2).close()
    check(False, 'the old port is closed')
except OSError:
    pass

daemon.ctl('config', 'set', 'imap.enabled', 'false')
until('the listener is closed', lambda: daemon.ctl_json('status')['listener']['state'] == 'closed')
daemon.ctl('config', 'set', 'imap.enabled', 'true')
daemon.connect().close()

# ---- users
daemon.ctl('user', 'add', 'bob', '--password-stdin', stdin='secret one\n')
daemon.ctl('user', 'add', 'bob', '--password-stdin', stdin='x\n', ok=1)
check('bob' in daemon.ctl('user', 'list')[1], 'user list')
c = Imap(daemon.port)
c.ok('LOGIN bob "secret one"')
daemon.ctl('user', 'passwd', 'bob', '--password-stdin', stdin='secret two\n')
c2 = Imap(daemon.port)
check(c2.command('LOGIN bob "secret one"')[0].startswith('NO [AUTHENTICATIONFAILED]'), 'the old password is refused')
c2.ok('LOGIN bob "secret two"')
daemon.ctl('user', 'remove', 'bob')
daemon.ctl('user', 'remove', 'bob', ok=1)
c3 = Imap(daemon.port)
check(c3.command('LOGIN bob "secret two"')[0].startswith('NO [AUTHENTICATIONFAILED]'), 'a removed user is refused')
check(not re.search('secret|pass word', open(daemon.log).read()), 'no password in the log')
mode = os.stat(os.path.join(work, 'users')).st_mode & 0o777
check(mode & 0o007 == 0, 'the password file is not for everybody: %o' % mode)

# ---- index, with the daemon and without: the same
with_daemon = [daemon.ctl('--json', *words)[1] for words in (
    ('index', 'users'), ('index', 'folders', '--user', 'ann'), ('index', 'messages', '--user', 'ann', '--folder', 'Größe/klein'))]
folders = json.loads(with_daemon[1])['folders']
check([f['path'] for f in folders][0] == 'INBOX' and any(f['path'] == 'Größe/klein' and f['messages'] == 20 for f in folders),
      'index folders: %s' % with_daemon[1])
check(len(json.loads(with_daemon[2])['messages']) == 20, 'index messages: %s' % with_daemon[2][:300])
daemon.ctl('index', 'check')
daemon.ctl_json('index', 'stats')
daemon.ctl('index', 'folders', '--user', 'nobody', ok=1)
daemon.ctl('resync', '--user', 'nobody', ok=1)
report = daemon.ctl_json('resync', '--user', 'ann', '--store', 'archive', '--wait')
check(report['finished'] and report['added'] == 0, 'resync --wait: %r' % report)
daemon.stop()
without = [daemon.ctl('--json', *words)[1] for words in (
    ('index', 'users'), ('index', 'folders', '--user', 'ann'), ('index', 'messages', '--user', 'ann', '--folder', 'Größe/klein'))]
check(json.loads(with_daemon[1]) == json.loads(without[1]), 'folders differ: %s %s' % (with_daemon[1], without[1]))
check(json.loads(with_daemon[2]) == json.loads(without[2]), 'messages differ')
daemon.ctl('index', 'check')

# ---- another process has the index open as the daemon starts (imaparch-ctl, for a moment): the daemon waits
with open(os.path.join(daemon.data, 'IMAPDB.FDB'), 'rb') as held:
    fcntl.flock(held, fcntl.LOCK_EX)  # as the engine in the other process does
    daemon.start(wait=False)
    until('the daemon finds the index in use', lambda: 'index_in_use' in open(daemon.log).read())
until('the daemon answers', daemon.answers)  # fails the test if it ended
daemon.stop()

# ---- two daemons on one data directory: the second says so and ends
daemon.start()
second = open(daemon.config).read().replace('port = %d' % daemon.port, 'port = %d' % free_port()).replace('control.sock', 'control2.sock')
other = os.path.join(work, 'second.toml')
open(other, 'w').write(second)
run = subprocess.run([os.path.join(BIN, 'imaparchd'), '--config', other], capture_output=True, text=True, timeout=60)
check(run.returncode == 1 and re.search('in use|another', run.stderr), 'a second daemon: %d %s' % (run.returncode, run.stderr))
daemon.connect().close()
daemon.stop()
print('all seen')
