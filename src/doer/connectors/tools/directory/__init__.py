"""Directory tools: users, groups and memberships over SCIM 2.0 (RFC 7643, RFC 7644), each write in its four verbs."""

from doer.connectors.tools.directory.manifests import directory_tools

__all__ = ["directory_tools"]
