"""Plan over tools that are only described: the function-calling form of OpenAI and MCP, without anything to execute."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from doer import Abstention, Doer, Plan, Question, ToolSpec

OPENAI = {
    "type": "function",
    "function": {
        "name": "book_room",
        "description": "Book a meeting room.",
        "parameters": {
            "type": "object",
            "properties": {
                "room": {"type": "string", "description": "Name of the room."},
                "start": {"type": "string", "format": "date-time"},
                "people": {"type": "integer", "description": "How many people come."},
            },
            "required": ["room", "start"],
        },
    },
}
MCP = {
    "name": "weather",
    "description": "Tell the weather in a city.",
    "inputSchema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


async def main(folder: Path) -> list[Plan | Question | Abstention]:
    tools = [
        # What the publisher says of effects is not believed: the strictest is taken, unless you say otherwise.
        ToolSpec.from_json_schema(OPENAI, examples=["book the {room} room at {start} for {people} people"]),
        ToolSpec.from_json_schema(MCP, effect="read", examples=["what is the weather in {city}"]),
    ]
    async with Doer(tools=tools, folder=folder, timezone="Europe/Berlin") as app:
        sentences = [
            "book the Mercury room next Monday at 14:00 for 6 people",
            "book the Mercury room for 6 people",
            "order pizza for 6 people",
        ]
        return [await app.plan(each) for each in sentences]


if __name__ == "__main__":
    with TemporaryDirectory() as temporary:
        for answer in asyncio.run(main(Path(temporary))):
            match answer:
                case Plan(steps):
                    for step in steps:
                        print(
                            step.tool, dict(step.arguments), {name: each.text for name, each in step.provenance.items()}
                        )
                case Question(slot, text):
                    print("asks for", slot, ":", text)
                case Abstention(reason, nearest):
                    print("cannot:", reason, nearest)
