#!/usr/bin/env python3
"""An archive that lives: new mail reaches an idling client, folders come and go, a store that is empty or away takes
nothing with it, removals need the administrator's word or two looks, the window hides by date and gives back the same
UIDs, SIGTERM says BYE."""
import os
import re
import shutil
import time

from harness import Daemon, Imap, Maildir, check, plain, rng, same_mail, temporary, until

r = rng()
work = temporary()
archive = os.path.join(work, 'archive')
maildir = Maildir(os.path.join(archive, 'ann'))
for k in range(300):
    maildir.add(('INBOX',), plain(r), age=k * 3)  # 0 to 897 days old
for k in range(30):
    maildir.add(('Sent',), plain(r), age=k)
daemon = Daemon(work, archive, months=0, users=('ann', 'newcomer'), settings='[sync]\nrescan = 1\n').start().synchronised()


def messages(levels):
    c = daemon.connect()
    n = c.select(levels, 'EXAMINE')['EXISTS']
    c.close()
    return n


def uids(levels):
    c = daemon.connect()
    found = c.fetch_all(levels)
    c.close()
    return found[0], {uid: m for uid, (m, _, _) in found[1].items()}


# ---- IDLE hears of new mail
c = daemon.connect()
c.select(('INBOX',))
c.send('i IDLE\r\n')
check(c.response()[0].startswith(b'+'), 'IDLE is answered by a continuation')
started = time.monotonic()
maildir.add(('INBOX',), plain(r), age=0, flags=None)
answer = c.response()
print('new mail announced to an idling client after %.0f ms' % ((time.monotonic() - started) * 1000))
check(answer == [b'* 301 EXISTS'], 'IDLE says %r' % answer)
c.send('DONE\r\n')
while not c.response()[0].startswith(b'i OK'):
    pass
c.close()

# ---- a message taken away: seen missing twice, then EXPUNGE
c = daemon.connect()
c.select(('Sent',))
gone = list(maildir.folders[('Sent',)])[3]
maildir.remove(('Sent',), gone)
expunged = until('the removal is announced', lambda: [x for x in c.ok('NOOP') if b'EXPUNGE' in x[0]])
check(len(expunged) == 1, 'one EXPUNGE: %r' % expunged)
c.close()
same_mail(maildir, daemon.connect().snapshot())

# ---- a new folder, then one that disappears
before = uids(('Sent',))
maildir.add(('later', 'sub'), plain(r))
until('the new folder is listed', lambda: ('later', 'sub') in daemon.connect().list())
shutil.rmtree(maildir.path(('later', 'sub')))
until('the folder is gone', lambda: ('later', 'sub') not in daemon.connect().list())
del maildir.folders[('later', 'sub')]
check(uids(('Sent',)) == before, 'other folders keep their UIDs')

# ---- empty is not gone
before = uids(('INBOX',))
os.rename(archive, archive + '.away')


def troubled():
    status = daemon.ctl_json('status')
    return not status['stores'][0]['available']


until('the status says that the store is away', troubled)
code, out, err = daemon.ctl('resync', '--wait', ok=None)
check(code == 4, 'a resync without the store exits 4: %d %s%s' % (code, out, err))
check(messages(('INBOX',)) == len(before[1]), 'a store that is away takes no message with it')
c = daemon.connect()
c.select(('INBOX',))
tagged, untagged = c.command('FETCH 1 BODY.PEEK[]')
check(tagged.startswith('NO [UNAVAILABLE]'), 'a body of a store that is away: %r' % tagged)
tagged, untagged = c.command('FETCH 1:5 (UID FLAGS)')
check(tagged.startswith('OK') and len(untagged) == 5, 'what the index knows is still answered: %r' % tagged)
c.close()
os.mkdir(archive)  # there, and empty
daemon.ctl('resync', '--wait', ok=4)
check(messages(('INBOX',)) == len(before[1]), 'an empty store takes no message with it')
os.rmdir(archive)
os.rename(archive + '.away', archive)
until('the store is back', lambda: daemon.ctl('resync', '--wait', ok=None)[0] == 0)
check(uids(('INBOX',)) == before, 'and everything is as before')

# ---- a listing that loses too much
lost = os.path.join(work, 'lost')
os.rename(maildir.path(('INBOX',)) + '/cur', lost)
os.mkdir(maildir.path(('INBOX',)) + '/cur')
daemon.ctl('resync', '--wait', ok=4)
check(messages(('INBOX',)) == len(before[1]), 'losing nearly all of a folder needs the administrator\'s word')
os.rmdir(maildir.path(('INBOX',)) + '/cur')
os.rename(lost, maildir.path(('INBOX',)) + '/cur')
until('the store is back', lambda: daemon.ctl('resync', '--wait', ok=None)[0] == 0)
check(uids(('INBOX',)) == before, 'and everything is as before')
os.rename(maildir.path(('INBOX',)) + '/cur', lost)
os.mkdir(maildir.path(('INBOX',)) + '/cur')
daemon.ctl('resync', '--wait', '--accept-removals')
check(messages(('INBOX',)) == 1, 'with it, what is missing is gone (one lies in new/): %d left\n%s' % (messages(('INBOX',)), daemon.ctl('status')[1]))
os.rmdir(maildir.path(('INBOX',)) + '/cur')
os.rename(lost, maildir.path(('INBOX',)) + '/cur')
daemon.ctl('resync', '--wait')
check(uids(('INBOX',)) == before, 'what comes back has the UIDs that it had')

# ---- the window, live
c = daemon.connect()
c.select(('INBOX',))
daemon.ctl('config', 'set', 'imap.max_months', '12')
expunges = until('the window takes effect', lambda: [x for x in c.ok('NOOP') if b'EXPUNGE' in x[0]])
visible = uids(('INBOX',))
check(visible[0] == before[0] and set(visible[1]) < set(before[1]), 'the window shows a part, with the same UIDs')
check(300 * 12 / 30 < len(expunges) + len(visible[1]) <= 301, 'the session heard of each')
# 0, 3, 6 … days ago; twelve months are 365 or 366 days: 122 or 123 of them, and the one delivered above.
check(122 <= len(visible[1]) <= 125, '%d messages are younger than twelve months' % len(visible[1]))
status = daemon.ctl_json('status')
check(status['hidden_by_window'] == len(before[1]) - len(visible[1]), 'status says how many it hides: %r' % status['hidden_by_window'])
daemon.ctl('config', 'set', 'imap.max_months', '0')
until('the window is gone', lambda: uids(('INBOX',))[1] == before[1])
check(uids(('INBOX',)) == before, 'everything is there again, with the UIDs that it had')
c.close()

# ---- an owner who has no mail yet
c = daemon.connect('newcomer')
check(list(c.list()) == [('INBOX',)], 'LIST shows INBOX alone: %r' % c.list())
tagged, untagged = c.command('SELECT INBOX')
check(tagged.startswith('NO [UNAVAILABLE]'), 'and SELECT says that it is not synchronised: %r' % tagged)
newcomer = Maildir(os.path.join(archive, 'newcomer'))
newcomer.add(('INBOX',), plain(r))
until('the new owner is found', lambda: c.command('SELECT INBOX')[0].startswith('OK'))
c.close()

# ---- the end
c = daemon.connect()
c.select(('INBOX',))
daemon.stop()
check(c.response()[0].startswith(b'* BYE'), 'SIGTERM says BYE')
print('all seen')
