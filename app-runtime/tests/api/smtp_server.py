"""A real SMTP server for the tests: puts every mail into a maildir, ends when its standard input does."""

import sys

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox

controller = Controller(Mailbox(sys.argv[1]), hostname="127.0.0.1", port=int(sys.argv[2]))
controller.start()
print("ready", flush=True)
sys.stdin.read()
controller.stop()
