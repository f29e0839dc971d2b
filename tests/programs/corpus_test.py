#!/usr/bin/env python3
"""With IMAPARC_CORPUS=DIR, a collection of real and broken mails (a folder a set, below it each file that is a mail is one
message, or an mbox of them): real clients fetch every message byte for byte, line ends aside; ENVELOPE, BODYSTRUCTURE and
body sections are compared with Dovecot's, where that is installed, and with what the authors of other programs expect of
the mails, where the collection has it; and SEARCH finds messages by what is in them. Each difference must stand in
corpus-differences.txt with its reason, and nothing that is no difference may stand there.

IMAPARC_CORPUS_REPORT=FILE writes what differs, with both values, for whoever has to explain it."""
import collections
import email
import email.errors
import email.header
import email.utils
import os
import re

from harness import Daemon, Imap, Maildir, check, fail, need, norm, rng, same_mail, skip, temporary

CORPUS = os.environ.get('IMAPARC_CORPUS')
if not CORPUS:
    skip('IMAPARC_CORPUS is not set')

from clients import by_curl, by_imaplib, by_mbsync, same_as_mbsync_has
from structures import Comparison, envelope, fetched, numbered, place, structure
import corpus
import dovecot
import expected

LIST = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'corpus-differences.txt')


# ---- what is no difference but a class of them ------------------------------------------------------------------------

def everywhere(change):
    """A change of bytes, in both, wherever they stand in a field's value."""
    def inside(v):
        return change(v) if isinstance(v, bytes) else type(v)(map(inside, v)) if isinstance(v, (list, tuple)) else v
    return lambda ours, theirs: (inside(ours), inside(theirs))


HEADER = ['ENVELOPE ' + f for f in ('date', 'subject', 'from', 'sender', 'reply-to', 'to', 'cc', 'bcc', 'in-reply-to', 'message-id')]
VALUES = HEADER + ['parameters', 'id', 'description', 'md5', 'disposition', 'location', 'language']


def charset_case(v):
    return v and [(name, value.lower() if name == b'charset' and value else value) for name, value in v]


DOVECOT = [
    ('charset parameter\'s case', ['parameters'], lambda a, b: (charset_case(a), charset_case(b))),
    ('white space at folds', VALUES, everywhere(lambda b: re.sub(rb'[ \t\r\n]+', b' ', b))),
    ('white space around values', VALUES, everywhere(lambda b: b.strip(b' \t\r\n'))),
    ('BODY[n.MIME], BODY[n.HEADER] of a part that ends with its header\'s empty line', ['MIME', 'HEADER'],
     lambda a, b: (a, b + b'\r\n' if a == b + b'\r\n' else b)),
    ('BODY[n] of a multipart whose last part is a multipart without epilogue', ['content', 'TEXT'],
     lambda a, b: (a + b'\r\n' if a + b'\r\n' == b else a, b)),
]


class Octets(int):
    """A part's octets, and as many as they are with LF for CRLF."""
    raw = 0


def made_up(v):
    return v and [[None if x in (b'unknown', b'localhost', b'MISSING_DOMAIN', b'') else x for x in address] for address in v]


STALWART = [
    ('octets, lines', ['octets'], lambda a, b: (getattr(a, 'raw', a), b)),
    ('octets, lines', ['lines'], lambda a, b: (b, b) if b == 0 else (a, b)),
    ('encoding NIL', ['encoding'], lambda a, b: (None, None) if a == b'7bit' and b is None else (a, b)),
    ('md5', ['md5'], lambda a, b: (a, None) if b and re.fullmatch(rb'[0-9a-f]{32}', b) else (a, b)),
    ('From of a message without one, or without domain', HEADER,
     lambda a, b: (None if not any(map(any, made_up(a) or [])) else made_up(a), None if not any(map(any, made_up(b) or [])) else made_up(b))
     if isinstance(a, list) or isinstance(b, list) else (a, b)),
]

CLASSES = {'Dovecot': DOVECOT, 'Stalwart': STALWART, 'MimeKit': [
    ('the empty line before a From_ line', ['octets'], lambda a, b: (a, b + 2 if a == b + 2 else b))]}


# ---- what servers say -------------------------------------------------------------------------------------------------

def described(connection, folders):
    """{folder: [{item: value} of each message, in the order of UIDs]}"""
    found = {}
    for folder in folders:
        exists = connection.select(folder, 'EXAMINE')['EXISTS']
        answers = [fetched(r) for r in connection.ok('UID FETCH 1:* (RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE)')] if exists else []
        answers = dict(a for a in answers if a)
        check(sorted(answers) == list(range(1, exists + 1)), '%r: FETCH left out messages' % (folder,))
        for items in answers.values():
            items['ENVELOPE'] = envelope(items['ENVELOPE'])
            items['BODY'] = structure(items['BODY'])
            items['BODYSTRUCTURE'] = structure(items['BODYSTRUCTURE'])
        found[folder] = [answers[n] for n in range(1, exists + 1)]
    return found


def sections(connection, number, parts):
    """{section: bytes} of one message."""
    asked = []
    for section, part in parts:
        name = '.'.join(map(str, section))
        if name:
            asked += [name, name + '.MIME']
        if part['type'] == b'message/rfc822':
            asked += [name + '.HEADER', name + '.TEXT']
    asked += ['HEADER', 'TEXT']
    found = {}
    for i in range(0, len(asked), 100):
        for r in connection.ok('FETCH %d (%s)' % (number, ' '.join('BODY.PEEK[%s]' % s for s in asked[i:i + 100]))):
            one = fetched(r)
            if one:
                found.update((k[5:-1], v or b'') for k, v in one[1].items() if k.startswith('BODY['))
    return found


def body_agrees(ours):
    """BODY is BODYSTRUCTURE without the extension data (RFC 3501 7.4.2)."""
    extensions = ('md5', 'disposition', 'language', 'location')

    def plain(part):
        left_out = extensions + (('parameters',) if part['type'].startswith(b'multipart/') else ())
        return {k: [plain(p) for p in v] if k == 'parts' else v for k, v in part.items() if k not in left_out}
    for folder, answers in ours.items():
        for number, items in enumerate(answers, 1):
            check(items['BODY'] == plain(items['BODYSTRUCTURE']), '%r %d: BODY is not BODYSTRUCTURE\'s' % (folder, number))


# ---- the comparisons --------------------------------------------------------------------------------------------------

def with_dovecot(found, ours, theirs, connections):
    comparison = Comparison('Dovecot', CLASSES['Dovecot'])
    per_folder = {}
    for message in found:
        per_folder.setdefault(message.folder, []).append(message)
    for folder, messages in per_folder.items():
        for connection in connections:
            connection.select(folder, 'EXAMINE')
        for number, message in enumerate(messages, 1):
            a, b = ours[folder][number - 1], theirs[folder][number - 1]
            comparison.field(message.id, 'RFC822.SIZE', 'RFC822.SIZE', a['RFC822.SIZE'], b['RFC822.SIZE'])
            comparison.envelopes(message.id, '', a['ENVELOPE'], b['ENVELOPE'])
            before = len(comparison.differences)
            comparison.structures(message.id, a['BODYSTRUCTURE'], b['BODYSTRUCTURE'])
            if len(comparison.differences) != before:
                continue  # the sections of parts that are others say nothing
            parts = numbered(a['BODYSTRUCTURE'])
            x, y = (sections(c, number, parts) for c in connections)
            for name in x:
                kind = name.rsplit('.', 1)[-1]
                comparison.field(message.id, 'BODY[%s]' % name, kind if kind.isalpha() else 'content', x[name], y.get(name))
    return comparison


def decoded(value):
    """An unstructured header as people read it; 8-bit bytes that are no UTF-8 are taken for ISO 8859-1."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = value.decode('latin-1')
    try:
        text = str(email.header.make_header(email.header.decode_header(text)))
    except (LookupError, ValueError, email.errors.HeaderParseError):
        pass  # encoded words that Python cannot read stay as written
    return ' '.join(text.split())


def addresses(v):
    """Mailboxes alone, without groups."""
    found = []
    for _, _, mailbox, host in v or []:
        if mailbox and host:
            found.append((mailbox + (b'' if host == b'MISSING_DOMAIN' else b'@' + host)).decode('utf-8', 'replace'))
    return found


def known_part(comparison, message, ours, known, number=(), inside=False):
    multipart = ours['type'].startswith(b'multipart/')
    number, where = place(number, multipart, inside)
    mine = {'type': ours['type'].decode(), 'octets': ours.get('octets'), 'parts': ours.get('parts', []), 'charset': None}
    mine['charset'] = dict(ours.get('parameters') or []).get(b'charset', b'').decode('latin-1').lower()
    for name in ('type', 'octets', 'charset'):
        if known.get(name) is not None:
            comparison.field(message, 'BODYSTRUCTURE ' + name + where, name, mine[name], known[name])
    if 'parts' in known:
        comparison.field(message, 'BODYSTRUCTURE number of parts' + where, 'parts', len(mine['parts']), len(known['parts']))
        if len(mine['parts']) == len(known['parts']):
            for i, (a, b) in enumerate(zip(mine['parts'], known['parts']), 1):
                known_part(comparison, message, a, b, number + (i,) if multipart else number, not multipart)


def with_expectations(found, ours, connection):
    comparisons = {}
    at = {}
    for message in found:
        at[message.path, message.data.rstrip() if message.ordinal else None] = message
    places, count = {}, collections.Counter()
    for message in found:
        count[message.folder] += 1
        places[message.id] = count[message.folder]
    for one in expected.everything(CORPUS):
        comparison = comparisons.setdefault(one.source, Comparison(one.source, CLASSES.get(one.source, ())))
        message = at.get((os.path.relpath(one.path, CORPUS), one.data and one.data.rstrip()))
        if one.data and not message:
            comparison.passed_over += 1  # an mbox that others take apart in another way
            continue
        check(message, 'expected answers for %s, but there is no such message' % one.path)
        mine = ours[message.folder][places[message.id] - 1]
        for item, value in one.answers.items():
            connection.select(message.folder, 'EXAMINE')
            parts = numbered(mine[item])
            content = sections(connection, places[message.id], parts)
            for number, part in parts:
                if 'octets' in part:
                    data = content['.'.join(map(str, number))]
                    part['octets'] = Octets(part['octets'])
                    part['octets'].raw = len(data) - data.count(b'\r\n')
            comparison.structures(message.id, mine[item], value, what=item)
        if one.tree:
            known_part(comparison, message.id, mine['BODYSTRUCTURE'], one.tree)
        for name, value in one.headers.items():
            v = mine['ENVELOPE']['ENVELOPE ' + name]
            if isinstance(value, list):
                comparison.field(message.id, 'ENVELOPE ' + name, name, addresses(v), value)
            elif name == 'message-id':
                comparison.field(message.id, 'ENVELOPE ' + name, name, (v or b'').decode('latin-1').strip().strip('<>'), value)
            else:
                comparison.field(message.id, 'ENVELOPE ' + name, name, decoded(v or b''), ' '.join((value or '').split()))
    return list(comparisons.values())


def words_of(message):
    """[(key, text)]: what SEARCH must find it by, as Python's email package reads it."""
    data = norm(message.data)
    asked = []
    if b'\r' in data:
        return asked  # a lone CR ends a line for Python, and for nobody in IMAP
    parsed = email.message_from_bytes(data)
    subject = parsed.get_all('Subject', [None])[-1]  # of several the last is the envelope's
    if isinstance(subject, str):  # one with 8-bit bytes is a Header: nobody knows its charset
        try:
            text = str(email.header.make_header(email.header.decode_header(subject)))
        except (LookupError, ValueError, email.errors.HeaderParseError):
            text = ''
        if '\ufffd' not in text and '=?' not in text:
            asked += [('SUBJECT', word) for word in re.findall(r'\w{3,}', text)]
    sender = parsed.get_all('From', [None])[-1]
    if isinstance(sender, str) and ':' not in re.sub(r'"[^"]*"', '', sender):  # groups, and what only looks like one
        asked += [('FROM', address) for _, address in email.utils.getaddresses([sender]) if re.fullmatch(r'[\w.+-]+@[\w.-]+', address)]
    # Where no header is, or it breaks off, what Python takes for the body is our header's.
    if not parsed.defects and parsed.get_content_type() == 'text/plain' and not parsed.is_multipart():
        try:
            text = parsed.get_payload(decode=True).decode(parsed.get_content_charset('us-ascii'))
            asked += [('BODY', word) for word in re.findall(r'\w{5,}', text)[:200:20]]
        except (LookupError, ValueError):
            pass
    return asked


def by_search(found, connection, random, size):
    """[what a sample of messages was not found by]"""
    places, count = {}, collections.Counter()
    for position, message in enumerate(found):
        count[message.folder] += 1
        places[position] = count[message.folder]
    misses, asked = [], 0
    selected = None
    for position in sorted(random.sample(range(len(found)), min(size, len(found)))):
        message = found[position]
        if selected != message.folder:
            connection.select(message.folder, 'EXAMINE')
            selected = message.folder
        for key, text in words_of(message):
            wire = text.encode()
            line = b'SEARCH CHARSET UTF-8 %s {%d+}\r\n%s' % (key.encode(), len(wire), wire)
            numbers = b' '.join(r[0] for r in connection.ok(line) if r[0].startswith(b'* SEARCH')).split()[2:]
            asked += 1
            if b'%d' % places[position] not in numbers:
                misses.append((message.id, 'SEARCH %s' % key, text))
    print('SEARCH: %d asked, %d missed' % (asked, len(misses)), flush=True)
    return misses


def hold_against_list(found, comparisons, without):
    """Fails unless the list has each difference, and no other. without: sources that could not be asked."""
    listed = {}
    ids = {m.id for m in found}
    with open(LIST, encoding='utf-8') as f:
        for number, line in enumerate(f, 1):
            if line.startswith('#') or not line.strip():
                continue
            columns = line.rstrip('\n').split('\t')
            check(len(columns) == 4 and all(columns), 'corpus-differences.txt:%d: four columns are wanted' % number)
            key = tuple(columns[:3])
            check(key not in listed, 'corpus-differences.txt:%d: twice' % number)
            check(key[0] == '*' or key[0] in ids, 'corpus-differences.txt:%d: the corpus has no such message' % number)
            listed[key] = number
    actual = {}
    for c in comparisons:
        actual.update({(message, c.source, what): values for (message, what), values in c.differences.items()})
        actual.update({('*', c.source, name): (times, 'times') for name, times in c.used.items()})
        print('%s: %d messages, %d fields compared (%d messages not), %d differ in %d messages, %d more by %d classes'
              % (c.source, len(c.messages), c.compared, c.passed_over, len(c.differences), len({m for m, _ in c.differences}), sum(c.used.values()), len(c.used)), flush=True)
    report = os.environ.get('IMAPARC_CORPUS_REPORT')
    if report:
        with open(report, 'w', encoding='utf-8') as f:
            for key, (a, b) in sorted(actual.items()):
                f.write('%s\t%s\n    ours   %.700r\n    theirs %.700r\n' % ('' if key in listed else 'NEW', '\t'.join(key), a, b))
    unexplained = sorted(set(actual) - set(listed))
    stale = sorted(n for key, n in listed.items() if key not in actual and key[1] not in without)
    for key in unexplained[:20]:
        print('not explained: %s\n    ours   %.200r\n    theirs %.200r' % ('  '.join(key), *actual[key]))
    check(not unexplained, '%d differences are not explained' % len(unexplained))
    check(not stale, 'corpus-differences.txt, lines %s: no difference any more' % stale[:20])


def main():
    need('curl', 'mbsync')
    work = temporary()
    found = corpus.messages(CORPUS)
    maildir = Maildir(os.path.join(work, 'archive', 'ann'))
    corpus.lay_out(maildir, found)
    print('%d messages, %d bytes, %d folders' % (len(found), sum(len(m.data) for m in found), len(maildir.folders)), flush=True)
    daemon = Daemon(work, os.path.join(work, 'archive')).start().synchronised()

    same_mail(maildir, by_imaplib(daemon))
    print('imaplib: the same', flush=True)
    same_mail(maildir, by_curl(daemon, list(maildir.folders), os.path.join(work, 'curl')))
    print('curl: the same', flush=True)
    left_out = same_as_mbsync_has(maildir, by_mbsync(daemon, os.path.join(work, 'mbsync')))
    print('mbsync: the same, but for %d whose header has no end' % left_out, flush=True)

    connection = daemon.connect()
    folders = sorted({m.folder for m in found})
    ours = described(connection, folders)
    body_agrees(ours)
    comparisons = with_expectations(found, ours, connection)
    without = set()
    if dovecot.there():
        other = Imap(dovecot.start(os.path.join(work, 'dovecot'), maildir.root))
        other.ok('LOGIN ann any')
        comparisons.append(with_dovecot(found, ours, described(other, folders), (connection, other)))
    else:
        without.add('Dovecot')
        print('Dovecot %s is not installed: not compared with it' % dovecot.VERSION)
    misses = by_search(found, connection, rng(), 400)
    check(not misses, 'not found: %s' % ''.join('\n  %s  %s %r' % miss for miss in misses))
    hold_against_list(found, comparisons, without)
    daemon.stop()


main()
