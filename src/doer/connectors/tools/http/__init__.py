"""HTTP tools: resources of a JSON service addressed by path below a base URL (RFC 9110), each write in its four verbs."""

from doer.connectors.tools.http.manifests import http_tools

__all__ = ["http_tools"]
