#!/usr/bin/env python3
"""With IMAPARC_CORPUS=DIR, a collection of real and broken mails (a tree of folders; each file that is a mail is one
message): real clients fetch every message byte for byte, and the ENVELOPE and BODYSTRUCTURE of the mails for which the
collection has another implementation's answer are compared. corpus-differences.txt lists and explains what differs."""
import os

from harness import skip

corpus = os.environ.get('IMAPARC_CORPUS')
if not corpus:
    skip('IMAPARC_CORPUS is not set')
