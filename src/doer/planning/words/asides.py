"""Asides: parts of a sentence that ask for nothing: greetings, apologies, thanks, reasons, and what a person cannot do.

An aside that holds a value of its own (an amount, a date, an address …) is none: what it says might matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from doer.intent.mention import Mention

_SUBJECT = r"(?:i|we|they|he|she|it|you|our|my|his|her|their|the|this|that|there)\b"
_TALK = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"^\W*(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day))\b(?: (?:there|all|team|everyone|folks|both))?(?=\s*[,!.:;–-])",
        (
            r"(?:(?<=^)|(?<=[,.!?:;] ))(?:just )?(?:an? )?(?:very )?(?:quick|small|short|little|tiny|urgent) (?:one|thing|request|favou?r|ask)"
            r"(?: for you)?(?=\s*[,.:;!–-])"
        ),
        r"\b(?:so |very |really |i'm |i am )*(?:sorry|apologies|my apologies) (?:again )?(?:for|about|to bother|to trouble)\b[^,.;:!?]*",
        r"\b(?:many )?(?:thanks|thank you|thx|cheers)(?: (?:so much|a lot|very much|a million|in advance|again|(?:for|to) [^,.;:!?]*))?",
        (
            r"\bas (?:i |we )?(?:just |already )?(?:discussed|agreed|promised|mentioned|announced)(?: with [^\s,.;]+(?: (?-i:[A-Z])[^\s,.;]*)?)?"
            r"(?: (?:in|at|over|during) (?:our|the|my|a|your|lunch|coffee)(?: [\w'-]+){0,3}?)?"
            r"(?: (?:this (?:morning|afternoon|week)|yesterday|today|earlier|before|on the phone|by phone|last week))?"
        ),
        r"\b(?:i |we )?(?:hope|trust) (?:this|you|all|that|everything)\b[^,.;!?]*",
        r"\b(?:when|whenever|once|as soon as|if) you (?:have|get|find|can|could)(?: (?:a |the |some )?(?:minute|moment|second|chance|time))?(?=\W|$)",
        (
            r"\b(?:at your (?:earliest )?convenience|no rush|no hurry|if (?:that|this|it)(?:['’]s| is| works)(?: (?:ok|okay|possible|fine|alright))?"
            r"|as (?:quickly|soon|fast) as (?:possible|you can)|asap|urgently|as a matter of urgency)\b"
        ),
        r"\b(?:would|do|could) you mind\b|\bdo you think (?:you|we) c(?:an|ould)\b|\bi(?: was|['’]m| am)? wonder(?:ing|ed)? if (?:you|we) c(?:an|ould)\b",
        r"\b(?:tell|show|give) me (?=(?:how|what|which|who|when|where)\b)",
        r"\bas well(?=\W*$)",
        r",?\s*\bso (?:that )?(?:i|we) (?:do not|don['’]?t|won['’]?t|will not|never) (?:forget|miss|overlook|lose)(?: (?:it|this|that|them|about (?:it|this|that)))?",
        r"\blet me know (?:when|once|if)\b[^,.;!?]*",
        r"\b(?:(?:best|kind|warm|many)(?: regards| wishes| greetings)?|regards|yours|cheers|thanks|thx),?\s*(?:[A-Z]\w+)?\s*$",
        r"\b(?:(?:very |so )?much|greatly|really) appreciated\b",
        r"\b(?:until further notice|for the time being)\b",
        (
            r"^\W*(?:any chance (?:that )?(?:you|we) (?:could|can)|(?:do you )?mind if i ask you to|(?:i (?:have to|must|need to|would like to|want to)"
            r"|may i|can i|could i|let me) ask you to|feel free to|(?:it(?:['’]s| is) )?(?:about )?time (?:for you )?to|be (?:so kind|good enough) (?:as )?to)\b"
        ),
    )
)
_REASON = re.compile(
    rf"\b(?:because|given that|now that|seeing that|so that|in order that|(?<!soon )(?<!long )(?<!far )as {_SUBJECT}|since {_SUBJECT})[^,.;:!?]*"
    r"|\bsince (?!\d)[^,.;:!?]*?\b(?:is|are|was|were|has|have|had|will|needs?|wants?)\b[^,.;:!?]*"
    rf"|\bas (?:our|the) \w+ (?:is|are|was|has|have|needs?|wants?)\b[^,.;:!?]*",
    re.IGNORECASE,
)
_CANNOT = re.compile(
    r"\b(?:i|we) (?:can['’]?t|cannot|can not|could not|couldn['’]?t) (?:read|see|find|open|make|tell|remember|recall)\b[^,.;!?]*",
    re.IGNORECASE,
)
_URGENT = re.compile(r"\b(?:asap|urgent(?:ly)?|as (?:quickly|soon|fast) as (?:possible|you can))\b", re.IGNORECASE)
_HARMLESS = frozenset({"person", "number", "time", "date_range"})
Span = tuple[int, int]


def asides(text: str, mentions: Sequence[Mention]) -> tuple[Span, ...]:
    """Return the spans that ask for nothing and hold no value of their own."""
    heavy = [each for each in mentions for each in (each.parts or (each,)) if each.kind not in _HARMLESS]
    return tuple(
        span
        for span in _found(text)
        if not any(each.start < span[1] and span[0] < each.end and not _of_speech(each) for each in heavy)
    )


def _of_speech(mention: Mention) -> bool:
    """`as discussed yesterday`: a day on which something was said."""
    return mention.kind == "date" and mention.text.lower() in {"yesterday", "today"}


def _found(text: str) -> Iterator[Span]:
    for pattern in (*_TALK, _REASON):
        for found in pattern.finditer(text):
            if found.group():
                yield found.span()


def puzzles(text: str) -> tuple[Span, ...]:
    """Return the spans in which a person says what they cannot make out: never dropped silently, and forbidding nothing."""
    return tuple(found.span() for found in _CANNOT.finditer(text))


def urgent(text: str) -> bool:
    """Tell whether haste is asked for without a day."""
    return bool(_URGENT.search(text))
