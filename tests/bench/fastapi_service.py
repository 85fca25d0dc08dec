"""A service of the same shape by FastAPI: a dictionary behind two routes."""

import socket
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI()
values: dict[str, Any] = {}


class Document(BaseModel):
    key: str
    value: Any


@app.get("/keys/{key}")
async def read(key: str) -> dict[str, Any]:
    if key not in values:
        raise HTTPException(404)
    return {"success": True, "key": key, "value": values[key]}


@app.put("/keys/{key}")
async def write(key: str, document: Document) -> dict[str, Any]:
    if document.key != key:
        raise HTTPException(400)
    values[key] = document.value
    return {"success": True, "message": "Value stored successfully"}


listener = socket.create_server(("127.0.0.1", 0))
print("listening on http://%s:%s" % listener.getsockname(), flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="warning")).run([listener])
