"""A key-value service as somebody might write it in an afternoon, with Python's standard
library alone: a stand-in for services that were written without this kit.

    python3 tests/strangers/stranger.py [PORT]
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

values = {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Else the body of an answer waits until its head is acknowledged.
    disable_nagle_algorithm = True

    def do_GET(self):
        if self.path == "/health":
            return self.answer(200, {"status": "healthy"})
        key = self.key()
        if key not in values:
            return self.missing(key)
        self.answer(200, {"success": True, "key": key, "value": values[key]})

    def do_PUT(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            document = json.loads(body)
            if document["key"] != self.key():
                return self.answer(400, {"detail": {"success": False, "error": "another key"}})
            values[self.key()] = document["value"]
        except (KeyError, TypeError, ValueError):
            return self.answer(400, {"detail": {"success": False, "error": "not key and value"}})
        self.answer(200, {"success": True, "message": "stored"})

    do_POST = do_PUT

    def do_DELETE(self):
        key = self.key()
        if key not in values:
            return self.missing(key)
        del values[key]
        self.answer(200, {"success": True, "message": "deleted"})

    def key(self):
        return unquote(self.path).split("/", 2)[2].strip().lower()

    def missing(self, key):
        self.answer(404, {"detail": {"success": False, "error": f"no key {key}"}})

    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    ThreadingHTTPServer.request_queue_size = 128
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
