"""Loading a function's handler from the folder that s.yaml names, as a module of its own name."""

import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

from localcloud.fc.manifest import FunctionSpec
from localcloud.fc.models import importable

Handler = Callable[[bytes, Any], object]


def load(spec: FunctionSpec) -> Handler:
    """The handler of *spec*: ``handler.handler`` is `handler` in handler.py."""
    file_name, _, function_name = spec.props.handler.partition(".")
    file = spec.folder / f"{file_name}.py"
    module_name = f"ferry_function_{importable(spec.props.function_name)}"
    found = spec_from_file_location(module_name, file)
    assert found is not None
    assert found.loader is not None
    module = module_from_spec(found)
    sys.modules[module_name] = module
    found.loader.exec_module(module)
    handler: Handler = getattr(module, function_name)
    return handler
