"""A real SMTP server for the tests: puts every mail into a maildir, ends when its standard input does.

Arguments: maildir, port, manner (open, starttls or tls), certificate, key.
"""

import logging
import ssl
import sys
import warnings

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import AuthResult

# What it says about clients that are refused on purpose helps nobody.
logging.getLogger("mail.log").setLevel(logging.CRITICAL + 1)
warnings.simplefilter("ignore")

maildir, port, manner, certificate, key = sys.argv[1:]


def authenticate(server, session, envelope, mechanism, data):
    known = getattr(data, "login", None) == b"mailer" and data.password == b"p@ss word"
    return AuthResult(success=known, handled=False)


def context():
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate, key)
    return made


options = {}
if manner != "open":
    options = {"authenticator": authenticate, "auth_required": True}
if manner == "starttls":
    options |= {"tls_context": context(), "require_starttls": True}
if manner == "tls":
    # The server knows of no encryption but STARTTLS, and would ask for it again.
    options |= {"ssl_context": context(), "auth_require_tls": False}

controller = Controller(Mailbox(maildir), hostname="127.0.0.1", port=int(port), **options)
controller.start()
print("ready", flush=True)
sys.stdin.read()
controller.stop()
