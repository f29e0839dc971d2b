"""A collection of mail: which files are messages, how they are called in corpus-differences.txt, and a Maildir of them."""
import hashlib
import os
import re

# What a collection has beside messages: expected results, origins, licences.
NO_MESSAGES = ('json', 'xml', 'yml', 'md', 'out', 'gz', 'imap', 'ref', 'exp')
FROM_LINE = re.compile(rb'(?:^|\n)(From [^\n]*\d\d:\d\d[^\n]*\n)')


class Message:
    """id: path below the corpus, '#' and ordinal if it lay in an mbox, ':' and the first 12 digits of its SHA-256 (an
    mbox's message without its From_ line)."""

    def __init__(self, path, ordinal, data):
        self.path = path
        self.ordinal = ordinal
        self.data = data
        self.id = '%s%s:%s' % (path, '#%d' % ordinal if ordinal else '', hashlib.sha256(data).hexdigest()[:12])
        self.folder = (path.split(os.sep)[0],)


def messages(corpus):
    found = []
    for directory, directories, files in os.walk(corpus):
        directories.sort()
        for file in sorted(files):
            path = os.path.join(directory, file)
            if 'ORIGIN' in file or file.rsplit('.', 1)[-1] in NO_MESSAGES:
                continue
            with open(path, 'rb') as f:
                data = f.read()
            name = os.path.relpath(path, corpus)
            starts = [m.start(1) for m in FROM_LINE.finditer(data)]
            if len(starts) > 1 and (file.endswith(('.mbox', '.mbx')) or data.startswith(b'From ')):
                for ordinal, (start, end) in enumerate(zip(starts, starts[1:] + [len(data)]), 1):
                    found.append(Message(name, ordinal, data[data.index(b'\n', start) + 1:end]))
            else:
                found.append(Message(name, 0, data))
    return found


def lay_out(maildir, found):
    """One folder a set, in the order of the messages: internal dates a minute apart."""
    for number, message in enumerate(found):
        maildir.add(message.folder, message.data, when=1600000000 + 60 * number, name='%010d.M%d.corpus' % (1600000000 + 60 * number, number))
