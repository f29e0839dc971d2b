#!/usr/bin/env python3
"""The index holds no message data: unique words in subjects, addresses, bodies, attachments' names and in the mail
files' own names are nowhere in IMAPDB.FDB or in the ledger, neither as they are nor in base64 or UTF-16."""
import base64
import os

from harness import Daemon, Maildir, check, rng, temporary

r = rng()
words = {what: 'canary%s%016x' % (what, r.getrandbits(64)) for what in
         ('subject', 'name', 'local', 'domain', 'body', 'attachment', 'file', 'messageid', 'header')}
work = temporary()
maildir = Maildir(os.path.join(work, 'archive', 'ann'))
mail = ('From: "{name}" <{local}@{domain}.example>\nTo: {local}2@{domain}.example\nSubject: {subject}\n'
        'Message-ID: <{messageid}@example.org>\nX-Note: {header}\nMIME-Version: 1.0\n'
        'Content-Type: multipart/mixed; boundary=b\n\n--b\n\n{body}\n--b\nContent-Type: application/pdf; name={attachment}.pdf\n'
        'Content-Disposition: attachment; filename={attachment}.pdf\n\nx\n--b--\n').format(**words).encode()
for levels in (('INBOX',), ('Sent',)):
    for k in range(5):
        maildir.add(levels, mail, name='1700000000.M%dP1.%s' % (k, words['file']), flags='S' if k % 2 else '')

daemon = Daemon(work, os.path.join(work, 'archive')).start().synchronised()
c = daemon.connect()
c.ok('SELECT INBOX')
found = c.ok('SEARCH SUBJECT "%s" BODY "%s" FROM "%s"' % (words['subject'], words['body'], words['local']))
check([b'* SEARCH 1 2 3 4 5'] in found, 'the words are in the mail, and SEARCH finds them: %r' % found)
c.ok('FETCH 1:* (ENVELOPE BODYSTRUCTURE BODY[])')
c.ok('STORE 1:3 +FLAGS (\\Flagged $Label1)')
c.close()
daemon.ctl('index', 'check')
daemon.stop()

looked = 0
for directory, _, files in os.walk(daemon.data):
    inside = os.path.relpath(directory, daemon.data).split(os.sep)[0]
    if inside == 'catalog':
        continue  # the archive service's, which is made of message data
    for file in files:
        data = open(os.path.join(directory, file), 'rb').read()
        lower = data.lower()
        looked += len(data)
        for what, word in words.items():
            for form in (word.encode(), word.encode('utf-16-le'), word.encode('utf-16-be')):
                check(form.lower() not in lower, '%s: the word of %s is in it' % (file, what))
            for shift in range(3):
                coded = base64.b64encode(b'x' * shift + word.encode())[4:-4]
                check(coded not in data, '%s: the word of %s is in it, in base64' % (file, what))
catalog = b''.join(open(os.path.join(d, f), 'rb').read() for d, _, fs in os.walk(os.path.join(daemon.data, 'catalog')) for f in fs)
check(words['subject'].encode() in catalog, 'the catalog, which may have it, has the subject: the search would find it')
check(os.path.getsize(os.path.join(daemon.data, 'IMAPDB.FDB')) > 0, 'IMAPDB.FDB is there')
print('%d bytes of index and ledger, %d words, none found' % (looked, len(words)))
