"""Methods, the schema of their documents, and their presets."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path

from core.methods.catalog import METHODS
from server.routes.answers import failures
from server.schemas.methods import MethodSummary, PresetDetail, PresetSummary
from server.schemas.page import Page
from server.services import methods

router = APIRouter(prefix="/methods", tags=["methods"])

MethodName = Annotated[str, Path(max_length=100, description="Name of the method.", examples=[next(iter(METHODS))])]
PresetName = Annotated[
    str, Path(max_length=100, description="Name of the preset, without the method.", examples=["demo"])
]


@router.get("", operation_id="list_methods", summary="List the methods", responses=failures())
def list_methods() -> Page[MethodSummary]:
    """Return every method that can be launched."""
    return Page(items=methods.list_methods())


@router.get("/{method}", operation_id="show_method", summary="Show a method", responses=failures(404))
def show_method(method: MethodName) -> MethodSummary:
    """Return one method."""
    return methods.show_method(method)


@router.get(
    "/{method}/schema",
    operation_id="show_method_schema",
    summary="JSON Schema of a method's experiment documents",
    responses=failures(404),
)
def show_method_schema(method: MethodName) -> dict[str, Any]:
    """Return the schema that a document is checked against; its defaults are the published values."""
    return methods.document_schema(method)


@router.get(
    "/{method}/presets", operation_id="list_presets", summary="List a method's presets", responses=failures(404)
)
def list_presets(method: MethodName) -> Page[PresetSummary]:
    """Return the named, complete settings of a method."""
    return Page(items=methods.list_presets(method))


@router.get("/{method}/presets/{preset}", operation_id="show_preset", summary="Show a preset", responses=failures(404))
def show_preset(method: MethodName, preset: PresetName) -> PresetDetail:
    """Return what a preset expands to, where it leaves the published values, and its stages."""
    return methods.show_preset(method, preset)
