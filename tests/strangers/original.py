"""The service that kv-service follows, as its documentation describes it: FastAPI in front of a
dictionary. What it does on the wire beyond that is what FastAPI does.

    target/tools/original/bin/python tests/strangers/original.py [PORT]
"""

import socket
import sys
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI(title="KV Store Service", version="1.0.0")
values: dict[str, Any] = {}


class Document(BaseModel):
    key: str
    value: Any


def refused(status: int, error: str) -> HTTPException:
    return HTTPException(status, {"success": False, "error": error})


def present(key: str) -> None:
    if key not in values:
        raise refused(404, f"Key '{key}' not found")


@app.get("/health")
async def health():
    return {"status": "healthy"}


@app.put("/keys/{key}")
@app.post("/keys/{key}", status_code=201)
async def store(key: str, document: Document):
    if document.key != key:
        raise refused(400, f"Key in path '{key}' does not match key in body '{document.key}'")
    values[key] = document.value
    return {"success": True, "message": "Value stored successfully"}


@app.get("/keys/{key}")
async def retrieve(key: str):
    present(key)
    return {"success": True, "key": key, "value": values[key]}


@app.delete("/keys/{key}")
async def delete(key: str):
    present(key)
    del values[key]
    return {"success": True, "message": "Key deleted successfully"}


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    listener = socket.create_server(("127.0.0.1", port))
    print("listening on http://%s:%s" % listener.getsockname(), flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="critical")).run([listener])
