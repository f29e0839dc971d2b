#!/usr/bin/env python3
"""IMAPDB.FDB is deleted: after a start the same UIDVALIDITY, UIDs, dates and flags; LIST never shrinks meanwhile."""
import glob
import os
import shutil
import subprocess

from harness import BIN, Daemon, Maildir, check, plain, rng, same_mail, temporary, until

r = rng()
work = temporary()
maildir = Maildir(os.path.join(work, 'archive', 'ann'))
for k in range(600):
    maildir.add(r.choice([('INBOX',), ('Sent',), ('a', 'b'), ('Größe',)]), plain(r), flags=r.choice(['', 'S', 'SF', 'RS']))
# Enough of it for the rebuild to take a moment: one file under many names.
big = maildir.path(('big',))
maildir.folder(('big',))
first = os.path.join(big, 'cur', maildir.add(('big',), plain(r)) + ':2,')
for k in range(20000):
    os.link(first, os.path.join(big, 'cur', '1500000000.M%dP1.test:2,' % k))
    maildir.folders[('big',)]['1500000000.M%dP1.test' % k] = maildir.folders[('big',)][os.path.basename(first)[:-3]]
daemon = Daemon(work, os.path.join(work, 'archive')).start().synchronised()
c = daemon.connect()
same_mail(maildir, c.snapshot())
c.select(('INBOX',))
c.ok('STORE 1:7 +FLAGS (\\Flagged $Important)')
c.ok('STORE 3:9 -FLAGS (\\Seen)')
c.ok('STORE 11 FLAGS ()')
c.ok('UNSUBSCRIBE Sent')
# Something gone and something new, so that UIDs are not simply 1 to n.
for name in list(maildir.folders[('Sent',)])[:20]:
    maildir.remove(('Sent',), name)
daemon.synchronised()
until('the removals are published', lambda: daemon.synchronised() and len(daemon.connect().fetch_all(('Sent',))[1]) ==
      len(maildir.folders[('Sent',)]))
maildir.add(('Sent',), plain(r))
daemon.synchronised()
c = daemon.connect()
before, folders, lsub = c.snapshot(), c.list(), c.ok('LSUB "" "*"')
c.close()

for what in ('IMAPDB.FDB', 'IMAPDB.FDB and the catalog', 'IMAPDB.FDB cut to a half', 'a foreign IMAPDB.FDB'):
    daemon.stop()
    database = os.path.join(daemon.data, 'IMAPDB.FDB')
    if 'half' in what:
        os.truncate(database, os.path.getsize(database) // 2)
    elif 'foreign' in what:
        os.unlink(database)
        with open(database, 'wb') as f:
            f.write(b'this is no database\n' * 5000)
        run = subprocess.run([os.path.join(BIN, 'imaparchd'), '--config', daemon.config], capture_output=True, text=True)
        check(run.returncode == 1 and 'IMAPDB.FDB' in run.stderr and 'not' in run.stderr,
              'what is not ours is named and left alone: %d %s' % (run.returncode, run.stderr))
        check(open(database, 'rb').read(20) == b'this is no database\n', 'and left alone')
        os.unlink(database)
    else:
        os.unlink(database)
    if 'catalog' in what:
        shutil.rmtree(os.path.join(daemon.data, 'catalog'))
    daemon.start(wait=False)
    seen = 0

    def ready():
        global seen
        try:
            c = daemon.connect()
        except OSError:
            check(daemon.process.poll() is None, 'imaparchd ended: ' + daemon.last_words())
            return False
        check(c.list() == folders, '%s: LIST shows other folders while rebuilding' % what)
        seen += 1
        tagged, untagged = c.command('SELECT INBOX')
        check(tagged.startswith(('OK', 'NO [UNAVAILABLE]')), '%s: SELECT answers %r' % (what, tagged))
        c.close()
        return tagged.startswith('OK')

    until('SELECT works again', ready)
    daemon.synchronised()
    c = daemon.connect()
    after = c.snapshot()
    for levels in before:
        check(after[levels][0] == before[levels][0], '%s: %r has another UIDVALIDITY' % (what, levels))
        check(after[levels][1] == before[levels][1], '%s: %r differs' % (what, levels))
    check(set(after) == set(before), '%s: other folders' % what)
    check(c.ok('LSUB "" "*"') == lsub, '%s: other subscriptions' % what)
    c.close()
    daemon.ctl('index', 'check')
    print('%s: %d folders as before, LIST looked at %d times meanwhile' % (what, len(after), seen))
print('set aside: %d' % len(glob.glob(os.path.join(daemon.data, 'IMAPDB.FDB.damaged*'))))
daemon.stop()
