"""The two kinds of model: what people send is read strictly, what Ferry writes to itself tolerantly."""

from datetime import datetime
from typing import Annotated, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict

Model = TypeVar("Model", bound=BaseModel)
Moment = Annotated[datetime, AwareDatetime]


class Asked(BaseModel):
    """What people send: no unknown field, no guessed type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Kept(BaseModel):
    """What Ferry writes to itself: fields that this release does not know are kept and passed on."""

    model_config = ConfigDict(frozen=True, extra="allow", populate_by_name=True)


def change(model: Model, **fields: object) -> Model:
    """A copy of *model* with *fields* changed, validated anew (``model_copy(update=)`` validates nothing)."""
    return type(model).model_validate({**dict(model), **fields})
