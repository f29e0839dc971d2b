#!/usr/bin/env python3
"""kill -9 at random moments of a first synchronisation, 20 times: it starts again, ends up complete, and no UID is given
to two messages, not even one that a client saw only between two kills."""
import hashlib
import os
import re

from harness import Daemon, Maildir, check, norm, plain, rng, same_mail, temporary
import time

ROUNDS = 20
r = rng()
work = temporary()
archive = os.path.join(work, 'archive')
owners = ['ann', 'bob', 'cid']
maildirs = {owner: Maildir(os.path.join(archive, owner)) for owner in owners}
folders = [('INBOX',), ('Sent',), ('a', 'b'), ('a', 'c')]
for owner in owners:
    for k in range(1500):
        maildirs[owner].add(r.choice(folders), plain(r, subject='%s %d' % (owner, k)))
seen = {}  # (owner, folder, UIDVALIDITY, UID) -> digest of the message it was given to


def look(daemon, owner):
    """Whatever is visible right now."""
    try:
        c = daemon.connect(owner)
    except OSError:
        return 0
    count = 0
    try:
        for levels, selectable in c.list().items():
            if not selectable:
                continue
            tagged, untagged = c.command('EXAMINE "%s"' % '/'.join(levels))
            if not tagged.startswith('OK'):
                check(tagged.startswith('NO [UNAVAILABLE]'), 'EXAMINE answers %r' % tagged)
                continue
            validity = int(re.search(r'UIDVALIDITY (\d+)', str(untagged)).group(1))
            for answer in c.command('UID FETCH 1:* BODY.PEEK[]')[1]:
                m = re.search(rb'UID (\d+)', b''.join(answer[::2]))
                if m and len(answer) > 1:
                    digest = hashlib.sha256(norm(answer[1])).digest()
                    key = (owner, levels, validity, int(m.group(1)))
                    check(seen.setdefault(key, digest) == digest, 'UID given twice: %r' % (key,))
                    count += 1
    except (ConnectionError, OSError) as e:
        print('  cut off while looking: %s' % type(e).__name__)
    finally:
        c.close()
    return count


daemon = Daemon(work, archive, users=owners)
visible = 0
for k in range(ROUNDS):
    daemon.start(wait=False)
    moment = r.random() * (0.3 if k < 10 else 1.2)
    end = time.monotonic() + moment
    while time.monotonic() < end:
        if k % 2:
            visible = look(daemon, r.choice(owners))
    check(daemon.process.poll() is None, 'imaparchd ended by itself: ' + daemon.last_words())
    daemon.kill()
    print('kill %d after %.2f s, %d UIDs known so far' % (k + 1, moment, len(seen)), flush=True)
    if k == 12:  # news between two lives
        for owner in owners:
            maildirs[owner].add(('INBOX',), plain(r))
daemon.start().synchronised()
for owner in owners:
    look(daemon, owner)
    c = daemon.connect(owner)
    same_mail(maildirs[owner], c.snapshot())
    c.close()
daemon.ctl('index', 'check')
daemon.stop()
total = sum(len(m) for d in maildirs.values() for m in d.folders.values())
check(len(seen) == total, '%d UIDs for %d messages' % (len(seen), total))
print('%d messages, %d UIDs, complete' % (total, len(seen)))
