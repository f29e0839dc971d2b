#!/usr/bin/env python3
"""Real clients (Python's imaplib, curl, mbsync) fetch every message of every folder, byte for byte, line ends aside."""
import os

from clients import by_curl, by_imaplib, by_mbsync, same_as_mbsync_has
from harness import Daemon, Maildir, need, same_mail, temporary
import nasty


def main():
    need('curl', 'mbsync')
    work = temporary()
    maildir = Maildir(os.path.join(work, 'archive', 'ann'))
    for what, data in nasty.mails():
        maildir.add(('INBOX',), data)
        maildir.add(('R&D', 'Prüfung & Test'), data, flags=None)
    for levels in nasty.FOLDERS:
        maildir.add(levels, b'Subject: in a folder\nFrom: a@b\n\n' + '/'.join(levels).encode() + b'\n', flags='S')
    maildir.folder(('empty',))
    daemon = Daemon(work, os.path.join(work, 'archive')).start().synchronised()

    same_mail(maildir, by_imaplib(daemon))
    print('imaplib: the same')
    same_mail(maildir, by_curl(daemon, list(maildir.folders), os.path.join(work, 'curl')))
    print('curl: the same')
    same_as_mbsync_has(maildir, by_mbsync(daemon, os.path.join(work, 'mbsync')))
    print('mbsync: the same')
    daemon.stop()


main()
