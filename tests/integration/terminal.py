# SPDX-License-Identifier: MIT
"""A pseudo-terminal with a program on it, and what a person would see there."""
import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

from harness import BUILD, DEADLINE_S, environment, wait_for

TOKEN = re.compile(r"\x1b\[([0-9;]*)([A-Za-z])|([^\x1b])", re.S)


class Screen:
    """The few sequences that we send, done as a terminal does them; anything else is an error."""

    def __init__(self, columns):
        self.columns, self.lines, self.row, self.column = columns, [""], 0, 0

    def feed(self, text):
        at = 0
        while at < len(text):
            token = TOKEN.match(text, at)
            if not token:
                raise AssertionError(f"no sequence of ours: {text[at:at + 20]!r}")
            at = token.end()
            self.put(token[3]) if token[3] else self.control(token[1], token[2])
        return self

    def control(self, number, letter):
        if letter == "A":
            self.row = max(0, self.row - int(number or 1))
        elif letter == "K":
            self.lines[self.row] = self.lines[self.row][:self.column]
        elif letter == "J":
            self.control("", "K")
            del self.lines[self.row + 1:]
        elif letter != "m":
            raise AssertionError(f"no sequence of ours: ESC[{number}{letter}")

    def put(self, c):
        if c == "\r":
            self.column = 0
        elif c == "\n":
            self.row += 1
            if self.row == len(self.lines):
                self.lines.append("")
        else:
            if self.column == self.columns:
                self.put("\n")
                self.column = 0
            line = self.lines[self.row].ljust(self.column)
            self.lines[self.row] = line[:self.column] + c + line[self.column + 1:]
            self.column += 1


class Terminal:
    """chimeractl with all of its streams on a terminal of so many columns."""

    def __init__(self, case, *args, columns=80, lines=24, socket=None, **env):
        self.case, self.columns, self.output = case, columns, ""
        self.decoder = codecs.getincrementaldecoder("utf-8")()  # a read may end within a character
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            more = {"CHIMERAD_SOCKET": str(socket)} if socket else {}
            env = environment(**{"TERM": "xterm", "LANG": "C.UTF-8", **more, **env})
            os.chdir(case.dir)
            self.size_of(0, columns, lines)
            program = BUILD / "ctl" / "chimeractl"
            os.execve(program, [str(program), *map(str, args)], env)
        case.addCleanup(self.close)

    @staticmethod
    def size_of(fd, columns, lines):
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def resize(self, columns, lines=24):
        self.columns = columns
        self.size_of(self.fd, columns, lines)  # the kernel tells with SIGWINCH

    def read(self):
        """What has come, "" at the end."""
        text = ""
        while not text:
            try:
                data = os.read(self.fd, 65536)
            except OSError:  # EIO: nobody holds the other end any more
                data = b""
            text = self.decoder.decode(data, final=not data)
            if not data:
                break
        return text

    def wait_for(self, text):
        end = time.monotonic() + DEADLINE_S
        while text not in self.output:
            if not select.select([self.fd], [], [], end - time.monotonic())[0]:
                raise AssertionError(f"no {text!r} in {self.output!r}")
            more = self.read()
            if not more:
                raise AssertionError(f"ended without {text!r}: {self.output!r}")
            self.output += more
        return self

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self):
        """Reads on to the end; the exit code."""
        while more := self.read():
            self.output += more
        pid, self.pid = self.pid, 0
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def screen(self):
        return Screen(self.columns).feed(self.output).lines

    def close(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)
