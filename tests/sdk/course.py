"""What the source course does with the OpenAI client, in the same calls: only the base URL points to the sandbox."""

import asyncio
import os

from openai import AsyncOpenAI, OpenAI

URL, KEY = os.environ["SANDBOX_URL"], "sk-or-v1-0123456789abcdef"
client = OpenAI(api_key=KEY, base_url=URL)


def user(text):
    return [{"role": "user", "content": text}]


# One model.
first = client.chat.completions.create(model="openai/gpt-4o-mini", messages=user("用一句话介绍 Python"))
assert "Python" in first.choices[0].message.content
assert "沙盒" not in first.choices[0].message.content, "the lesson's question has a prepared answer"

# Several models, each with its own errors: one that does not exist spoils nothing.
QUESTION = "用一句话解释什么是 API？"
answers = {}
for model in [
    "openai/gpt-4o-mini",
    "google/gemini-2.0-flash-exp:free",
    "nobody/no-such-model",
    "meta-llama/llama-3.2-3b-instruct:free",
]:
    try:
        reply = client.chat.completions.create(model=model, messages=user(QUESTION))
        assert reply.usage.total_tokens > 0
        answers[model] = reply.choices[0].message.content
    except Exception as error:
        answers[model] = error
assert isinstance(answers.pop("nobody/no-such-model"), Exception)
assert len(set(answers.values())) == 3, "three models, three answers"


def with_fallback(text, models, timeout=10):
    """The first answer of a list of models, and who gave it."""
    failed = []
    for model in models:
        try:
            reply = client.chat.completions.create(model=model, messages=user(text), timeout=timeout)
            return reply.choices[0].message.content, model, failed
        except Exception:
            failed.append(model)
    return None, None, failed


chain = ["openai/gpt-4o", "openai/gpt-4o-mini", "google/gemini-2.0-flash-exp:free", "meta-llama/llama-3.2-3b-instruct:free"]
text, used, failed = with_fallback("用一句话解释什么是递归", chain)
assert used == "openai/gpt-4o" and "递归" in text and not failed
client = OpenAI(api_key=KEY, base_url=URL, max_retries=0)
text, used, failed = with_fallback("用一句话解释什么是递归", ["sandbox/rate-limited", "sandbox/down", *chain])
assert used == "openai/gpt-4o" and failed == ["sandbox/rate-limited", "sandbox/down"]
assert with_fallback("你好", ["sandbox/429-always", "sandbox/503"])[:2] == (None, None)


async def side_by_side(text, models):
    several = AsyncOpenAI(api_key=KEY, base_url=URL)

    async def one(model):
        try:
            reply = await several.chat.completions.create(model=model, messages=user(text), timeout=30)
            return model, reply.choices[0].message.content, reply.usage.total_tokens
        except Exception as error:
            return model, None, str(error)

    return await asyncio.gather(*(one(model) for model in models))


results = asyncio.run(
    side_by_side(
        "用一个生活中的类比，解释什么是 Docker？",
        [
            "openai/gpt-4o-mini",
            "google/gemini-2.0-flash-exp:free",
            "meta-llama/llama-3.2-3b-instruct:free",
            "mistralai/mistral-7b-instruct:free",
            "qwen/qwen-2.5-7b-instruct:free",
        ],
    )
)
assert len({text for _, text, _ in results}) == 5, "five models, five answers"
assert all("Docker" in text and tokens > 0 for _, text, tokens in results)

# The router, with the words the course believes in.
used = {}
for word in ["cheapest", "fastest", "best"]:
    reply = client.chat.completions.with_raw_response.create(
        model="openrouter/auto", messages=user("你好"), extra_body={"route": word}
    )
    assert "not a parameter of the real service" in reply.headers["x-sandbox-note"]
    used[word] = reply.parse().model
assert len(set(used.values())) == 3 and "openrouter/auto" not in used.values(), used
