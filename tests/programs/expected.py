"""What the authors of other mail programs expect of their test mails, where a collection has it: as much of it as IMAP's
ENVELOPE and BODYSTRUCTURE say too. Each reader gives [Expected] for one set of the collection; a set that is not there
gives none."""
import glob
import json
import os
import re
import xml.etree.ElementTree

from structures import envelope, structure, values


class Expected:
    """path: of the message; data: which one it is in an mbox. answers: {item: value}, in full, as an IMAP
    server gave them. tree: a part of what is known of each: {'type', 'parts', 'octets', 'lines', 'charset', 'encoding'}.
    headers: {'subject': text, 'message-id': id, 'from' and so on: [address]}."""

    def __init__(self, source, path, tree=None, headers=None, answers=None, data=None):
        self.source, self.path, self.data = source, path, data
        self.tree, self.headers, self.answers = tree, headers or {}, answers or {}


def read(path):
    with open(path, 'rb') as f:
        return f.read()


def stalwart_imap(corpus):
    for path in sorted(glob.glob(os.path.join(corpus, 'stalwart-imap-expected', '*.imap'))):
        found = dict(re.findall(rb'(?ms)^(BODY|BODYSTRUCTURE) (\(.*?^\))$', read(path)))
        yield Expected('Stalwart', path[:-5] + '.txt',
                       answers={item.decode(): structure(values([text])[0]) for item, text in found.items()})


def mime_type(field):
    """Of a Content-Type's value, None where it is not plainly type/subtype."""
    m = re.match(r'\s*([\w.+-]+)\s*/\s*([\w.+-]+)\s*(;|$)', field)
    return m and (m.group(1) + '/' + m.group(2)).lower()


def mime4j(corpus):
    def tree(entity):
        fields = [f.text or '' for f in entity.find('header')]
        types = [f.partition(':')[2] for f in fields if f.strip().lower().startswith('content-type')]
        known = {}
        if types and mime_type(types[0]):
            known['type'] = mime_type(types[0])
        for child in entity:
            if child.tag == 'multipart':
                known['parts'] = [tree(part) for part in child.findall('body-part')]
            elif child.tag == 'message':
                known['parts'] = [tree(child)]
            elif child.tag == 'body':
                known['parts'] = []
        return known
    for path in sorted(glob.glob(os.path.join(corpus, 'mime4j-*', '*.xml'))):
        if '_decoded' in path or not os.path.exists(path[:-4] + '.msg'):
            continue
        try:
            root = xml.etree.ElementTree.parse(path).getroot()
        except xml.etree.ElementTree.ParseError:
            continue  # a few hold control characters, which XML does not allow
        yield Expected('mime4j', path[:-4] + '.msg', tree(root))


def mimekit(corpus):
    def tree(part):
        known = {'type': part['mimeType'].lower()}
        known['parts'] = [tree(p) for p in part.get('children', [])]
        if 'message' in part:
            known['parts'] = [tree(part['message']['body'])]
        if not known['type'].startswith('multipart/'):
            known['octets'] = part['octets']
        return known
    for path in sorted(glob.glob(os.path.join(corpus, 'mimekit-mbox', '*.unix-offsets.json'))):
        mbox = read(path.replace('.unix-offsets.json', '.mbox.txt'))
        # As with CRLF, as IMAP counts; where in the file a message is says the other list.
        dos = json.loads(read(path.replace('.unix-offsets.json', '.dos-offsets.json')))
        for message, known in zip(json.loads(read(path)), dos):
            data = mbox[message['beginOffset']:message['endOffset']]
            yield Expected('MimeKit', path.replace('.unix-offsets.json', '.mbox.txt'), tree(known['body']), data=data)


def mail_parser(corpus):
    def headers(part):
        known = {}
        for h in part['headers']:
            if h['name'] in ('from', 'to', 'cc', 'bcc') and isinstance(h['value'], dict) and 'Address' in h['value']:
                a = h['value']['Address']
                people = a.get('List') or [m for g in a.get('Group', []) for m in g['addresses']]
                if all(m['address'] for m in people):  # none: a lone name, of which a client may think what it likes
                    known[h['name']] = [m['address'] for m in people]
            elif h['name'] == 'subject' and isinstance(h['value'], dict):
                known['subject'] = h['value'].get('Text')
            elif h['name'] == 'message_id' and isinstance(h['value'], dict):
                known['message-id'] = h['value'].get('Text')
        return known

    def tree(message, number):
        part = message['parts'][number]
        known = {}
        for h in part['headers']:
            if h['name'] == 'content_type' and isinstance(h['value'], dict) and h['value']['ContentType']['c_subtype']:
                t = h['value']['ContentType']
                known['type'] = (t['c_type'] + '/' + t['c_subtype']).lower()
        body = part['body']
        known['parts'] = []
        if isinstance(body, dict) and 'Multipart' in body:
            known['parts'] = [tree(message, n) for n in body['Multipart']]
        elif isinstance(body, dict) and 'Message' in body:
            known['parts'] = [tree(body['Message'], 0)]
        return known
    for path in sorted(glob.glob(os.path.join(corpus, 'mail-parser-*', '*.json'))):
        if os.path.exists(path[:-5] + '.eml'):
            message = json.loads(read(path))
            yield Expected('mail-parser', path[:-5] + '.eml', tree(message, 0), headers(message['parts'][0]))


def stalwart_jmap(corpus):
    def tree(part):
        known = {'type': part['type'].lower()}
        if known['type'] != 'message/rfc822':  # of which JMAP does not show the parts
            known['parts'] = [tree(p) for p in part.get('subParts', [])]
        if part.get('charset') and any(h['name'].lower() == 'content-type' and 'charset' in h['value'].lower() for h in part.get('headers', [])):
            known['charset'] = part['charset'].lower()
        return known
    for path in sorted(glob.glob(os.path.join(corpus, 'stalwart-jmap-expected', 'email_get', '*.json'))):
        email = json.loads(read(path))
        if os.path.exists(path[:-5] + '.eml') and 'bodyStructure' in email:
            headers = {k: [a['email'] for a in email[k]] for k in ('from', 'to', 'cc', 'bcc') if email.get(k)}
            if email.get('subject'):
                headers['subject'] = email['subject']
            if email.get('messageId'):
                headers['message-id'] = email['messageId'][0]
            yield Expected('Stalwart JMAP', path[:-5] + '.eml', tree(email['bodyStructure']), headers)


def mailcore(corpus):
    def tree(part):
        kind = part['partType']
        known = {'parts': []}
        if kind == 'single':
            if part.get('mimeType'):
                known['type'] = part['mimeType'].lower()
        elif kind == 'message':
            known.update(type='message/rfc822', parts=[tree(part['mainPart'])])
        else:
            known['parts'] = [tree(p) for p in part['parts']['items']] if 'parts' in part else []
            if kind != 'multipart/mixed':  # which it calls all kinds it has no name for
                known['type'] = kind.lower()
        return known
    root = os.path.join(corpus, 'mailcore2-jwz', 'output')
    for directory, _, files in sorted(os.walk(root)):
        for file in sorted(files):
            path = os.path.join(directory, file)
            message = json.loads(read(path))
            h = message['header']
            headers = {k: [a['mailbox'] for a in h[k]['items'] if 'mailbox' in a] for k in ('to', 'cc', 'bcc') if k in h}
            if 'mailbox' in h.get('from', {}):
                headers['from'] = [h['from']['mailbox']]
            if 'subject' in h:
                headers['subject'] = h['subject']
            yield Expected('MailCore', path.replace(root, os.path.join(corpus, 'mailcore2-jwz', 'input')), tree(message['mainPart']), headers)


def numbers_to_tree(types):
    """{(): type, (1,): type, (1, 2): type} as a tree."""
    def tree(number):
        children = sorted(n for n in types if len(n) == len(number) + 1 and n[:-1] == number)
        return {'type': types[number], 'parts': [tree(n) for n in children]}
    return tree(())


def mime_tools(corpus):
    for path in sorted(glob.glob(os.path.join(corpus, 'MIME-tools', 'testmsgs', '*.ref'))):
        text = read(path).decode('latin-1')
        message = re.search(r'"Message" => "([^"]*)"', text).group(1)
        # Some open the messages in a message, or take uuencoded text apart: there the parts are not IMAP's.
        if re.search(r'"ExtractNested" => "?0|"ExtractUuencode" => 1|"NONE"|"REPLACE"', text):
            continue
        types = {}
        for name, body in re.findall(r'(?ms)^  "(Msg|Part_[\d_]+)" => \{(.*?)^  \}', text):
            t = re.search(r'"Type" => "([^"]*)"', body)
            types[tuple(map(int, name.split('_')[1:]))] = t and t.group(1).lower()
        yield Expected('MIME-tools', os.path.join(corpus, 'MIME-tools', message), numbers_to_tree(types))


def mailparse(corpus):
    for path in sorted(glob.glob(os.path.join(corpus, 'mailparse-pecl', '*.exp'))):
        types = {}
        for block in re.split(r'(?m)^ *Part ', read(path).decode('latin-1'))[1:]:
            types[tuple(map(int, block.split()[0].split('.')))[1:]] = re.search(r'content-type => string\(\d+\) "([^"]*)"', block).group(1).lower()
        yield Expected('mailparse', path[:-4] + '.txt', numbers_to_tree(types))


def everything(corpus):
    for reader in (stalwart_imap, mime4j, mimekit, mail_parser, stalwart_jmap, mailcore, mime_tools, mailparse):
        yield from reader(corpus)
