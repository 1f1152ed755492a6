"""Measures one Python SDK against the server of the bench `speed`: `sdk.py openai|litellm URL`. Prints JSON.

The same work as on the Rust side: each answer is read, and of a stream each word. Times are microseconds.
"""

import asyncio
import json
import os
import statistics
import sys
import time

KEY = "sk-or-v1-0123456789"
MESSAGES = [{"role": "user", "content": "Explain recursion in one sentence."}]
MANY = 1000


def openai_sdk(url):
    from openai import AsyncOpenAI, OpenAI, __version__

    client = OpenAI(base_url=url, api_key=KEY, max_retries=0)

    def ask(model, stream=False):
        return client.chat.completions.create(model=model, messages=MESSAGES, stream=stream)

    def fresh():
        return AsyncOpenAI(base_url=url, api_key=KEY, max_retries=0)

    async def ask_async(client):
        return await client.chat.completions.create(model="acme/one", messages=MESSAGES)

    return __version__, ask, fresh, ask_async


def litellm_sdk(url):
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # it would fetch its prices from the network
    from importlib.metadata import version

    import litellm

    litellm.suppress_debug_info = True
    to = {"api_base": url, "api_key": KEY, "messages": MESSAGES, "max_retries": 0}

    def ask(model, stream=False):
        return litellm.completion(model=f"openai/{model}", stream=stream, **to)

    async def ask_async(_):
        return await litellm.acompletion(model="openai/acme/one", **to)

    return version("litellm"), ask, lambda: None, ask_async


def timed(work, rounds):
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        times.append((time.perf_counter() - begun) * 1e6)
    return statistics.median(times)


def main(name, url, paced, burst):
    version, ask, fresh, ask_async = {"openai": openai_sdk, "litellm": litellm_sdk}[name](url)

    def one():
        assert ask("acme/one").choices[0].message.content

    def stream(words, pause):
        seen, finished = 0, False
        for chunk in ask(f"stream/{words}/{pause}", stream=True):
            for choice in chunk.choices:
                seen += bool(choice.delta.content)
                finished = finished or choice.finish_reason == "stop"
        assert seen == words and finished, f"{seen} of {words} words"

    async def many(client):
        await asyncio.gather(*(ask_async(client) for _ in range(MANY)))

    async def many_rounds():
        client = fresh()
        times = []
        for _ in range(5):
            begun = time.perf_counter()
            await many(client)
            times.append((time.perf_counter() - begun) * 1e6)
        return times[0], statistics.median(times[1:])

    timed(one, 30)
    call = timed(one, 300)
    paced_time = timed(lambda: stream(paced, 1000), 3)
    burst_time = timed(lambda: stream(burst, 0), 9)
    first, kept = asyncio.run(many_rounds())
    json.dump(
        {"version": version, "call": call, "paced": paced_time, "burst": burst_time, "first": first, "kept": kept},
        sys.stdout,
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
