"""Five trivial nodes in LangGraph, N graphs at once, AsyncSqliteSaver with durability="sync". Prints seconds as JSON."""

# mypy: ignore-errors
# It runs in a virtual environment of its own, which alone has LangGraph.
from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import TypedDict

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph

WORLD: dict[str, int] = {}


class State(TypedDict):
    """What the graph carries from node to node."""

    name: str
    done: int


def node(number: int):  # noqa: ANN201  # LangGraph's own type is not to be had in our checks
    async def put(state: State) -> State:
        WORLD[f"{state['name']}/{number}"] = number
        return {"name": state["name"], "done": state["done"] + 1}

    return put


async def main(runs: int, steps: int, folder: Path) -> None:
    graph = StateGraph(State)
    for number in range(steps):
        graph.add_node(f"s{number}", node(number))
        graph.add_edge(f"s{number - 1}" if number else START, f"s{number}")
    graph.add_edge(f"s{steps - 1}", END)
    async with AsyncSqliteSaver.from_conn_string(str(folder / "checkpoints.db")) as saver:
        app = graph.compile(checkpointer=saver)
        began = time.perf_counter()
        done = await asyncio.gather(
            *(
                app.ainvoke(
                    {"name": f"goal {run}", "done": 0},
                    {"configurable": {"thread_id": str(run)}},
                    durability="sync",
                )
                for run in range(runs)
            )
        )
        seconds = time.perf_counter() - began
    assert all(state["done"] == steps for state in done)
    print(json.dumps({"seconds": seconds}))


asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
