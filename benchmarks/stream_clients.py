"""
The yardsticks: other clients that stream from all venues at once, and say what they think the TTFT was.

A process of its own: `python -m benchmarks.stream_clients NAME CALLS PORT …`. Each venue is asked by a task or a
thread of its own, one call after the other. Prints one object for each call: its prompt, TTFT and time from first
token to last.
"""

import asyncio
import http.client
import json
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

_MODEL = "composed"
Call = dict[str, Any]


def _body(prompt: str) -> dict[str, Any]:
    messages = [{"role": "user", "content": prompt}]
    return {"model": _MODEL, "messages": messages, "stream": True, "max_tokens": 96}


def _call(prompt: str, port: int, started_ns: int, tokens_ns: list[int]) -> Call:
    ttft_ms = (tokens_ns[0] - started_ns) / 1e6
    return {"prompt": prompt, "port": port, "ttft_ms": ttft_ms, "span_ms": (tokens_ns[-1] - tokens_ns[0]) / 1e6}


def _has_text(line: str) -> bool:
    if not line.startswith("data: {"):
        return False
    choices = json.loads(line[6:])["choices"]
    return bool(choices and choices[0]["delta"].get("content"))


def raw_socket(port: int, prompts: Iterable[str]) -> list[Call]:
    """Stream over the standard library's blocking client: nothing between us and the socket but its HTTP."""
    connection, calls = http.client.HTTPConnection("127.0.0.1", port), []
    for prompt in prompts:
        tokens_ns, started_ns = [], time.perf_counter_ns()
        headers = {"content-type": "application/json"}
        connection.request("POST", "/v1/chat/completions", json.dumps(_body(prompt)), headers)
        for line in connection.getresponse():
            at_ns = time.perf_counter_ns()
            if _has_text(line.decode()):
                tokens_ns.append(at_ns)
        calls.append(_call(prompt, port, started_ns, tokens_ns))
    return calls


async def httpx_async(port: int, prompts: Iterable[str]) -> list[Call]:
    """Stream as most scripts do it."""
    import httpx

    calls = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as client:
        for prompt in prompts:
            tokens_ns, started_ns = [], time.perf_counter_ns()
            async with client.stream("POST", "/v1/chat/completions", json=_body(prompt)) as response:
                async for line in response.aiter_lines():
                    at_ns = time.perf_counter_ns()
                    if _has_text(line):
                        tokens_ns.append(at_ns)
            calls.append(_call(prompt, port, started_ns, tokens_ns))
    return calls


async def openai_sdk(port: int, prompts: Iterable[str]) -> list[Call]:
    """Stream with the SDK of OpenAI, its defaults but for retries."""
    import openai

    calls = []
    async with openai.AsyncOpenAI(api_key="none", base_url=f"http://127.0.0.1:{port}/v1", max_retries=0) as client:
        for prompt in prompts:
            tokens_ns, started_ns = [], time.perf_counter_ns()
            async for chunk in await client.chat.completions.create(**_body(prompt)):
                at_ns = time.perf_counter_ns()
                if chunk.choices and chunk.choices[0].delta.content:
                    tokens_ns.append(at_ns)
            calls.append(_call(prompt, port, started_ns, tokens_ns))
    return calls


def _prompts(port: int, calls: int) -> list[str]:
    return [f"{port}-{number}" for number in range(calls)]


def _in_threads(ask: Callable[[int, Iterable[str]], list[Call]], ports: list[int], calls: int) -> list[Call]:
    done: list[Call] = []
    threads = [threading.Thread(target=lambda p=port: done.extend(ask(p, _prompts(p, calls)))) for port in ports]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


async def _in_tasks(
    ask: Callable[[int, Iterable[str]], Awaitable[list[Call]]], ports: list[int], calls: int
) -> list[Call]:
    groups = await asyncio.gather(*(ask(port, _prompts(port, calls)) for port in ports))
    return [call for group in groups for call in group]


TASKS = {"httpx": httpx_async, "openai": openai_sdk}


def main() -> None:
    """Ask all venues at once and print what was measured."""
    name, calls, *ports = sys.argv[1:]
    numbers = [int(port) for port in ports]
    if name == "socket":
        print(json.dumps(_in_threads(raw_socket, numbers, int(calls))))
    else:
        print(json.dumps(asyncio.run(_in_tasks(TASKS[name], numbers, int(calls)))))


if __name__ == "__main__":
    main()
