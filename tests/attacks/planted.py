"""A server with two known holes, to see that a tool finds what is there: `python -m tests.attacks.planted PORT`."""

import sqlite3
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PAGE = """<!doctype html><html><head><title>Planted</title></head><body>
<form action="/find"><input name="id" value="1"><button>Find</button></form>
<form action="/say"><input name="text" value="hello"><button>Say</button></form>
<a href="/find?id=1">one</a> <a href="/say?text=hello">hello</a> {said}</body></html>"""


class Holes(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        given = {name: values[0] for name, values in parse_qs(parts.query).items()}
        status, said = 200, ""
        if parts.path == "/say":
            said = given.get("text", "")  # as it came: a script stays a script
        elif parts.path == "/find":
            status, said = _find(given.get("id", "1"))
        body = PAGE.format(said=said).encode(errors="replace")
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: a scan makes thousands of lines."""


def _find(number: str) -> tuple[int, str]:
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE thing (id INTEGER, name TEXT)")
        database.execute("INSERT INTO thing VALUES (1, 'first'), (2, 'second')")
        try:
            rows = database.execute(f"SELECT name FROM thing WHERE id = {number}").fetchall()
        except sqlite3.Error as error:
            return 500, f"SQL error: sqlite3.OperationalError: {error}"
    return 200, str(rows)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Holes).serve_forever()
