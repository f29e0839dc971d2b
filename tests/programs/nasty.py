"""Mails and folder names that break things, made here."""


def mails():
    """[(what, bytes)]: each a message as it may lie in an archive."""
    head = b'From: "Bob \\"B.\\" Smith" <bob@example.org>\nTo: ann@example.org\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n' \
           b'Date: Mon, 7 Feb 1994 21:52:25 -0800 (PST)\nMessage-Id: <B27397-0100000@example.org>\n'
    out = [
        ('plain', head + b'\nHello Joe, do you think we can meet at 3:30 tomorrow?\n'),
        ('CRLF', (head + b'\nLine one\nLine two\n').replace(b'\n', b'\r\n')),
        ('mixed line ends', head.replace(b'\n', b'\r\n') + b'\r\none\ntwo\r\nthree\n'),
        ('no line end at the end', head + b'\nthe last line has no end'),
        ('empty body', head + b'\n'),
        ('no empty line after the header', head),
        ('body only', b'\nno header at all\n'),
        ('one byte', b'x'),
        ('8-bit everything', 'From: J\xf6rg <joerg@example.org>\nSubject: Gr\xfc\xdfe\n\nGr\xf6\xdfe\n'.encode('latin-1')),
        ('UTF-8 header', 'From: Jörg <joerg@example.org>\nSubject: Größe 📁\n\nGröße\n'.encode()),
        ('folded header', head + b'X-Long: a\n b\n\tc\nReferences: <1@x>\n <2@x>\n\nbody\n'),
        ('header line without colon', head + b'this is no header line\nX-After: yes\n\nbody\n'),
        ('very long line', head + b'\n' + b'x' * 100000 + b'\n'),
        ('dots and From', head + b'\n.\n..\nFrom the start\n>From quoted\n'),
        ('literal bait', head + b'\nA1 OK done\n* BYE {10}\n)\n'),
        ('quotes in the subject', b'Subject: "a" \\ b {3}\nFrom: x@y\n\nz\n'),
        ('no addresses', b'From: \nTo: undisclosed-recipients:;\nSubject:\n\nbody\n'),
        ('group', b'From: ann@example.org\nTo: A Group:Ed Jones <joe@where.test>,john@one.test;\n\nbody\n'),
    ]
    multipart = head + b'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b1"\n\npreamble\n--b1\n' \
        b'Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe\n' \
        b'--b1\nContent-Type: application/pdf; name="a b.pdf"\nContent-Transfer-Encoding: base64\n' \
        b'Content-Disposition: attachment; filename*=utf-8\'\'%c3%a4.pdf\n\nJVBERi0xLjQK\n--b1--\nepilogue\n'
    out += [
        ('multipart', multipart),
        ('no closing boundary', multipart.replace(b'--b1--\nepilogue\n', b'')),
        ('boundary never comes', multipart.replace(b'boundary="b1"', b'boundary="other"')),
        ('forwarded', head + b'Content-Type: message/rfc822\n\n' + multipart),
        ('digest', head + b'Content-Type: multipart/digest; boundary=d\n\n--d\n\n' + multipart + b'\n--d--\n'),
        ('nested 30 deep', b''.join(b'Content-Type: multipart/mixed; boundary=n%d\n\n--n%d\n' % (i, i) for i in range(30))
         + b'\ndeep\n' + b''.join(b'--n%d--\n' % i for i in reversed(range(30)))),
        ('300 kB', head + b'\n' + b'0123456789 the quick brown fox\n' * 10000),
        ('LF at a block\'s edge', head + b'\n' + (b'y' * 4095 + b'\n') * 70),
    ]
    return out


FOLDERS = [('Sent Items',), ('Entwürfe',), ('R&D',), ('R&D', 'Prüfung & Test'), ('50 off',), ('a*b',), ('quo"te',), ('back\\slash',),
           ('日本語',), ('日本語', '会議'), ('Привет мир',), ('emoji 📁',), ('{curly} (paren)',), ('&',), ('-dash',), ('trailing space ',),
           ('L' * 120,), ('inbox2',), ('NIL',), ('Lists', 'a', 'b', 'c', 'd')]
