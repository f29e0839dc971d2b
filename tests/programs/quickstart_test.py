#!/usr/bin/env python3
"""apps/quickstart without a path and with one: it gets to the point where it says what to type, what it says works, Ctrl-C
stops it cleanly, and the second start is the same archive. (Packages and the build itself are not tried here.)"""
import os
import re
import shutil
import signal
import subprocess
import sys

from harness import BUILD, SOURCE, Imap, Maildir, check, free_port, need, plain, quoted, rng, temporary

need('curl')
r = rng()
work = temporary()


def run(*words):
    """(user, port, process): started, up to its last words."""
    port = free_port()
    p = subprocess.Popen([os.path.join(SOURCE, 'apps', 'quickstart'), *words], stderr=subprocess.PIPE, text=True,
                         stdin=subprocess.DEVNULL, start_new_session=True,
                         env=dict(os.environ, IMAPARC_BUILD=BUILD, IMAPARC_QUICKSTART=os.path.join(work, 'state'), IMAPARC_PORT=str(port)))
    said = ''
    for line in p.stderr:
        said += line
        if 'Ctrl-C' in line:
            user = re.search(r'user "([^"]+)"', said).group(1)
            return user, port, p, said
    check(False, 'quickstart ended: %d\n%s' % (p.wait(), said))


def stop(p):
    os.killpg(p.pid, signal.SIGINT)  # as a terminal does
    rest = p.stderr.read()
    check(p.wait(60) == 0 and 'stopped' in rest, 'Ctrl-C: %d %s' % (p.returncode, rest))


def curls(said):
    """The curl lines of the text, as they stand."""
    lines = [l.strip() for l in said.split('\n') if l.strip().startswith('curl ')]
    check(len(lines) == 3, 'three curl lines: %r' % lines)
    return [subprocess.run(['bash', '-c', l], capture_output=True, timeout=60) for l in lines]


user, port, p, said = run()
for result in curls(said):
    check(result.returncode == 0 and result.stdout, 'curl: %d %s' % (result.returncode, result.stderr))
if shutil.which('mbsync'):
    copy = os.path.join(work, 'copy')
    lines = re.search(r'mkdir -p /tmp/imaparc-copy.*?\) c\n', said, re.S).group(0).replace('/tmp/imaparc-copy', copy)
    result = subprocess.run(['bash', '-c', lines], capture_output=True, text=True, timeout=120, env=dict(os.environ, HOME=work))
    copied = sum(len(files) for path, _, files in os.walk(copy) if os.path.basename(path) in ('cur', 'new'))
    check(result.returncode == 0 and copied > 50, 'mbsync: %d, %d messages: %s' % (result.returncode, copied, result.stderr))
c = Imap(port)
c.ok('LOGIN %s %s' % (user, user))
folders = c.list()
check(('Entwürfe',) in folders and ('Projects', 'Archive move') in folders, 'folders of the demo archive: %r' % folders)
first = {levels: c.fetch_all(levels) for levels in folders}
check(sum(len(m) for _, m in first.values()) > 50, 'messages of the demo archive')
check('hides' in said or 'hidden' in said, 'the window is mentioned:\n' + said)
c.close()
stop(p)
user, port, p, said = run()
c = Imap(port)
c.ok('LOGIN %s %s' % (user, user))
check({levels: c.fetch_all(levels) for levels in c.list()} == first, 'the second start shows the same')
c.close()
stop(p)

# A folder of Maildirs, and a single Maildir.
maildir = Maildir(os.path.join(work, 'mine', 'carla'))
for k in range(5):
    maildir.add(('INBOX',), plain(r), age=1)
for path, expected in ((os.path.join(work, 'mine'), 'carla'), (os.path.join(work, 'mine', 'carla'), 'demo')):
    user, port, p, said = run(path)
    check(user == expected, 'the user is %s' % user)
    c = Imap(port)
    c.ok('LOGIN %s demo' % user)
    check(c.select(('INBOX',))['EXISTS'] == 5, 'its mail is there')
    c.close()
    stop(p)
print('all seen')
