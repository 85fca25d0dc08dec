"""What the document of kv-service can't say."""

from urllib.parse import unquote

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    """The key in the body of a write is the one in its path, or hardly any would be taken."""
    if isinstance(case.body, dict) and isinstance(case.body.get("key"), str):
        case.body["key"] = unquote(str(case.path_parameters["key"]))
