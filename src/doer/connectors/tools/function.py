"""The public decorator `tool`: a typed function, and up to three more for its other verbs, as a tool."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, Generic, ParamSpec, TypeVar, cast, overload

from doer.connectors.tools.calling import Crashed, call, weighed
from doer.connectors.tools.declaration import check_manifest, check_name
from doer.connectors.tools.signature import Signature, as_json, read_signature
from doer.connectors.tools.spec import ToolSpec
from doer.domain.action import Change, Effect, Intent, Manifest, Preview, Receipt, Role, Verb, stricter
from doer.domain.errors import OutcomeUnknown, Permanent, ToolError, Transient, UsageError
from doer.domain.outcome import Absent, Conflict, Partial, Refuted, Reversal, Undone, Unknown, Verification, Verified
from doer.domain.value import JsonObject, Key

__all__ = ["FunctionTool", "ToolSpec", "tool"]

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., object])


def tool(  # noqa: PLR0913 - what a tool says of itself, all by name
    *,
    effect: Effect,
    roles: Mapping[str, Role] | None = None,
    once: bool = False,
    name: str | None = None,
    description: str | None = None,
    examples: Sequence[str] = (),
    issued: Sequence[str] = (),
    timeout: float = 30.0,
) -> Callable[[Callable[P, R]], FunctionTool[P, R]]:
    """Make a tool of a typed function, sync or async, that applies; it stays callable as a plain function.

    Its signature, annotations (pydantic types) and docstring (Google style) are the schema that planners see. A parameter
    annotated `Key` receives the idempotency key and is hidden; so is `before: Sequence[Change]`, which receives the
    changes foretold just before, with their versions. What it returns (a pydantic model, a dataclass, JSON, at most
    1 MB) is the receipt's result; it may also return a `Receipt` with data for its undo.

    The other verbs are attached to it: `@add_note.preview` over a function of the arguments it names (and `pending`);
    `@add_note.verify` over `(intent, receipt=None)`; `@add_note.undo` over `(receipt)`. A missing verb is told: without
    preview nothing can be foreseen, without undo the effect counts as irreversible, without verify its steps end
    unproven.

    `roles`: what each argument decides; `once`: the system enforces the key, a second try with it is safe; `examples`:
    wordings with `{parameter}`; `issued`: result fields that the system of record makes; `timeout`: seconds a verb may
    take. Raises UsageError for a function that cannot be a tool, saying why.
    """

    def make(function: Callable[P, R]) -> FunctionTool[P, R]:
        called = check_name(name if name is not None else getattr(function, "__name__", "?"))
        signature = read_signature(function, called, description)
        declared = Manifest(
            name=called,
            description=signature.description,
            parameters=signature.parameters,
            effect=effect,
            result=signature.result,
            examples=tuple(examples),
            once=once,
            roles=dict(roles or {}),
            issued=tuple(issued),
            timeout=timeout,
        )
        return FunctionTool(function, signature, check_manifest(declared))

    return make


class FunctionTool(Generic[P, R]):
    """A tool made of functions; see `tool`. Its preview, verify and undo are decorators too, which attach the verbs.

    Whatever its functions raise or return becomes one of the answers that the port `Tool` allows.
    """

    def __init__(self, function: Callable[P, R], signature: Signature, declared: Manifest) -> None:
        self._function = function
        self._signature = signature
        self._declared = declared
        self._preview: Callable[..., object] | None = None
        self._verify: Callable[..., object] | None = None
        self._undo: Callable[..., object] | None = None
        functools.update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function itself, past plan, grant and record."""
        return self._function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<tool {self._declared.name}>"

    @property
    def manifest(self) -> Manifest:
        """What the tool says of itself, with the verbs attached so far."""
        attached: Mapping[Verb, object] = {"preview": self._preview, "verify": self._verify, "undo": self._undo}
        verbs: frozenset[Verb] = frozenset({"apply", *(verb for verb, function in attached.items() if function)})
        effect = self._declared.effect
        if effect == "read":  # a read has nothing to foretell, to read back or to take back: its verbs are given
            verbs = self._declared.verbs
        elif "undo" not in verbs:
            effect = stricter(effect, "irreversible")
        return _with(self._declared, effect, verbs)

    # --- preview

    @overload
    def preview(self, arguments: F, /) -> F: ...

    @overload
    def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Coroutine[Any, Any, Preview]: ...

    def preview(self, arguments: F | JsonObject, pending: Sequence[Change] = ()) -> F | Coroutine[Any, Any, Preview]:
        """Say what apply would change; or, as a decorator, attach the function that says it.

        That function names those of the tool's parameters that it needs, and `pending` for the changes of earlier steps.
        It returns Preview, Change, a list of Change, or None when nothing would change.
        """
        if isinstance(arguments, Mapping):
            return self._run_preview(arguments, pending)
        self._preview = self._attach("preview", self._preview, arguments)
        self._check_preview_names(arguments)
        return arguments

    def _check_preview_names(self, function: Callable[..., object]) -> None:
        known = {*_properties(self._declared), "pending"}
        for parameter in inspect.signature(function).parameters.values():
            named = parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
            needed = parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
            if needed and not (named and parameter.name in known):
                raise UsageError(
                    f"tool {self._declared.name}: its preview asks for {parameter.name!r}; it can have: "
                    f"{', '.join(sorted(known))}"
                )

    async def _run_preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        if self._preview is None:
            return Preview() if self._declared.effect == "read" else Preview(foreseeable=False)
        values = self._signature.values_with_holes(arguments)
        if values is None:
            return Preview(foreseeable=False, note="known only when earlier steps have run")
        offered = {"pending": tuple(pending), **values}
        what = f"the preview of {self._declared.name}"
        try:
            answer = await call(
                functools.partial(self._preview, **_named(self._preview, offered)), self._declared.timeout
            )
        except ToolError:
            raise
        except TimeoutError as late:
            raise Transient(f"{what} took more than {self._declared.timeout:g} s") from late
        except Exception as crash:
            raise Permanent(f"{what} raised {_told(crash)}") from crash
        return _preview_of(answer, what)

    # --- apply

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Call the function.

        Raises its own ToolErrors; Permanent for arguments that do not fit; OutcomeUnknown for anything else that it
        raises, for a time-out, and for a result that is not JSON or larger than 1 MB.
        """
        values = dict(self._signature.values(arguments))
        handed = {self._signature.key: key, self._signature.before: tuple(before)}
        values |= {hidden: value for hidden, value in handed.items() if hidden is not None}
        name = self._declared.name
        function = cast("Callable[..., object]", self._function)
        try:
            returned = await call(functools.partial(function, **values), self._declared.timeout)
        except ToolError:
            raise
        except TimeoutError as late:
            raise OutcomeUnknown(
                f"{name} took more than {self._declared.timeout:g} s; it may have had its effect"
            ) from late
        except Exception as crash:
            raise OutcomeUnknown(f"{name} raised {_told(crash)}; it may have had its effect") from crash
        try:
            return self._receipt_of(returned)
        except (ValueError, TypeError) as wrong:
            raise OutcomeUnknown(
                f"{name} returned something unusable: {_told(wrong)}; it was called, so it may have had its effect"
            ) from wrong

    def _receipt_of(self, returned: object) -> Receipt:
        if isinstance(returned, Receipt):
            versions = {str(resource): str(version) for resource, version in returned.versions.items()}
            return Receipt(weighed(as_json(returned.result)), versions, weighed(as_json(returned.undo)))
        if self._signature.returns is not None:
            self._signature.returns.validate_python(returned)
        return Receipt(weighed(as_json(returned)))

    # --- verify

    @overload
    def verify(self, intent: F, /) -> F: ...

    @overload
    def verify(self, intent: Intent, receipt: Receipt | None = None) -> Coroutine[Any, Any, Verification]: ...

    def verify(self, intent: F | Intent, receipt: Receipt | None = None) -> F | Coroutine[Any, Any, Verification]:
        """Read it back; or, as a decorator, attach the function `(intent, receipt=None)` that does."""
        if isinstance(intent, Intent):
            return self._run_verify(intent, receipt)
        self._verify = self._attach("verify", self._verify, intent)
        return intent

    async def _run_verify(self, intent: Intent, receipt: Receipt | None) -> Verification:
        if self._verify is None and self._declared.effect == "read":
            return Verified(receipt, "a read has no effect") if receipt else Absent("a read leaves no trace")
        if self._verify is None:
            return Unknown(f"{self._declared.name} has no verify: nothing can be read back", final=True)
        what = f"the verify of {self._declared.name}"
        try:
            answer = await call(functools.partial(self._verify, intent, receipt), self._declared.timeout)
        except ToolError:
            raise
        except TimeoutError:
            return Unknown(f"{what} took more than {self._declared.timeout:g} s")
        except Exception as crash:  # noqa: BLE001 - what could not be read back is unknown
            return Unknown(f"{what} raised {_told(crash)}")
        if isinstance(answer, Verified | Absent | Refuted | Unknown):
            return answer
        return Unknown(
            f"{what} returned {answer!r:.80}; it must return Verified, Absent, Refuted or Unknown", final=True
        )

    # --- undo

    @overload
    def undo(self, receipt: F, /) -> F: ...

    @overload
    def undo(self, receipt: Receipt) -> Coroutine[Any, Any, Reversal]: ...

    def undo(self, receipt: F | Receipt) -> F | Coroutine[Any, Any, Reversal]:
        """Put back what was there; or, as a decorator, attach the function `(receipt)` that does."""
        if isinstance(receipt, Receipt):
            return self._run_undo(receipt)
        self._undo = self._attach("undo", self._undo, receipt)
        return receipt

    async def _run_undo(self, receipt: Receipt) -> Reversal:
        if self._undo is None and self._declared.effect == "read":
            return Undone(evidence="a read has no effect")
        if self._undo is None:
            raise Permanent(f"{self._declared.name} has no undo: it cannot be taken back")
        what = f"the undo of {self._declared.name}"
        try:
            answer = await call(functools.partial(self._undo, receipt), self._declared.timeout)
        except ToolError:
            raise
        except TimeoutError as late:
            raise OutcomeUnknown(f"{what} took more than {self._declared.timeout:g} s") from late
        except Exception as crash:
            raise OutcomeUnknown(f"{what} raised {_told(crash)}") from crash
        if isinstance(answer, Undone | Conflict | Partial):
            return answer
        raise OutcomeUnknown(f"{what} returned {answer!r:.80}; it must return Undone, Conflict or Partial")

    def _attach(self, verb: Verb, present: object, function: F) -> F:
        if not callable(function):
            raise UsageError(f"tool {self._declared.name}: its {verb} must be a function, not {function!r:.60}")
        if present is not None:
            raise UsageError(f"tool {self._declared.name} has two functions for {verb}; keep one")
        return function


def _with(declared: Manifest, effect: Effect, verbs: frozenset[Verb]) -> Manifest:
    return replace(declared, effect=effect, verbs=verbs)


def _properties(manifest: Manifest) -> tuple[str, ...]:
    return tuple(cast("JsonObject", manifest.parameters.get("properties", {})))


def _named(function: Callable[..., object], offered: Mapping[str, object]) -> dict[str, object]:
    parameters = inspect.signature(function).parameters
    if any(each.kind is each.VAR_KEYWORD for each in parameters.values()):
        return dict(offered)
    return {name: value for name, value in offered.items() if name in parameters}


def _preview_of(answer: object, what: str) -> Preview:
    changes = (answer,) if isinstance(answer, Change) else answer
    if isinstance(changes, list | tuple) and all(isinstance(each, Change) for each in changes):
        changes = Preview(tuple(changes))
    preview = Preview() if changes is None else changes
    if not isinstance(preview, Preview):
        raise Permanent(f"{what} returned {answer!r:.80}; it must return Preview, Change, a list of Change, or None")
    try:
        weighed([[each.before, each.after] for each in preview.changes])
        weighed(preview.result)
    except (ValueError, TypeError) as wrong:
        raise Permanent(f"{what} foretold something that is not JSON: {wrong}") from wrong
    return preview


def _told(crash: Exception) -> str:
    return str(crash)[:500] if isinstance(crash, Crashed) else f"{type(crash).__name__}: {str(crash)[:500]}"
