"""Generates the OpenAPI document of the JSON API from the menu declarations."""

from collections.abc import Sequence
from typing import Any

from app.views.base.declarations import Button
from app.views.base.declared_view import DeclaredView

_LIST = {
    "page": {"type": "integer", "minimum": 1},
    "size": {"type": "integer", "minimum": 1, "maximum": 100},
    "sort": {"type": "string"},
    "dir": {"type": "string", "enum": ["asc", "desc"]},
}


def openapi_document(views: Sequence[DeclaredView]) -> dict[str, Any]:
    """Return the OpenAPI 3.0 document for `views`, the menus of the current position."""
    paths: dict[str, Any] = {"/api/v1/token": _token()}
    for view in views:
        name = view.guide if not view.slug else type(view).__name__
        paths[f"/api/v1/g/{name}/"] = {"get": _operation(f"{view.label}", _query(view))}
        paths[f"/api/v1/g/{name}/{{id}}"] = {"get": _operation(f"{view.label}", [_path("id")])}
        for button in view.buttons:
            if view.may(button.name) and not button.is_page:
                paths[f"/api/v1/g/{name}/act/{button.name}"] = {"post": _act(button)}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Professional titles", "version": "1"},
        "paths": paths,
        "security": [{"token": []}],
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _operation(summary: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "summary": summary,
        "parameters": parameters,
        "responses": _responses("200", "400", "401", "403", "404"),
    }


def _query(view: DeclaredView) -> list[dict[str, Any]]:
    keys = [key for field in view.searched for key in field.parameters()]
    typed = [{"name": key, "in": "query", "schema": {"type": "string"}} for key in keys]
    return typed + [{"name": key, "in": "query", "schema": schema} for key, schema in _LIST.items()]


def _path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "integer"}}


def _act(button: Button) -> dict[str, Any]:
    row = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "integer"}, "version": {"type": "integer"}},
    }
    body = {
        "type": "object",
        "required": ["event", "rows"],
        "properties": {
            "event": {"type": "string", "enum": list(button.events)},
            "rows": {"type": "array", "items": row, "minItems": 1, "maxItems": 500},
            "opinion": {"type": "string"},
            "details": {"type": "object"},
        },
    }
    return {
        "summary": str(button.label),
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": _responses("200", "400", "401", "403", "404", "409", "422"),
    }


def _token() -> dict[str, Any]:
    body = {
        "type": "object",
        "required": ["username", "password"],
        "properties": {
            "username": {"type": "string"},
            "password": {"type": "string"},
            "position": {"type": "integer"},
            "code": {"type": "string"},
            "remember": {"type": "boolean"},
        },
    }
    return {
        "post": {
            "summary": "Sign in",
            "security": [],
            "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
            "responses": _responses("200", "401", "403", "429"),
        }
    }


def _responses(*codes: str) -> dict[str, Any]:
    return {code: {"description": code} for code in codes}
