"""The OpenAI SDK, plain and asynchronous, against the sandbox."""

import asyncio
import json
import os

import openai
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel

URL = os.environ["SANDBOX_URL"]
MODEL = "openai/gpt-4o-mini"
HELLO = [{"role": "user", "content": "Hello"}]
client = OpenAI(api_key="sk-or-v1-0123456789abcdef", base_url=URL, max_retries=0)


def refused(kind, model, who=client):
    try:
        who.chat.completions.create(model=model, messages=HELLO, timeout=5)
    except kind as error:
        return error
    raise AssertionError(f"{model}: {kind.__name__} expected")


plain = client.chat.completions.create(model=MODEL, messages=HELLO)
assert plain.object == "chat.completion" and plain.usage.cost > 0
assert client.models.list().data[0].id == MODEL

pieces = client.chat.completions.create(model=MODEL, messages=HELLO, stream=True)
said = "".join(p.choices[0].delta.content or "" for p in pieces if p.choices)
assert said == plain.choices[0].message.content

*_, last = client.chat.completions.create(
    model=MODEL, messages=HELLO, stream=True, stream_options={"include_usage": True}
)
assert last.choices == [] and last.usage == plain.usage and last.usage.cost > 0

for kind, fault in [
    (openai.BadRequestError, "400-context-length"),
    (openai.AuthenticationError, "401"),
    (openai.PermissionDeniedError, "403"),
    (openai.NotFoundError, "404-no-code"),
    (openai.UnprocessableEntityError, "422"),
    (openai.RateLimitError, "rate-limited"),
    (openai.InternalServerError, "down"),
    (openai.APIConnectionError, "connection-reset"),
]:
    refused(kind, f"sandbox/{fault}")
assert refused(openai.RateLimitError, "sandbox/429-retry-after").response.headers["retry-after"]

# Its own retries get over what passes.
patient = OpenAI(api_key="sk-or-v1-other", base_url=URL, max_retries=2)
for fault in ["503-once", "500-once", "429-hint-date", "connection-reset-once"]:
    answer = patient.chat.completions.create(model=f"sandbox/{fault}", messages=HELLO)
    assert answer.choices[0].message.content

# What is unusual and still good is understood.
for oddity in ["comments", "crlf", "no-space", "several-data-lines", "split-utf8", "no-done", "usage-old-form", "usage-on-finish"]:
    pieces = client.chat.completions.create(model=f"sandbox/{oddity}", messages=HELLO, stream=True)
    said = "".join(p.choices[0].delta.content or "" for p in pieces if p.choices)
    assert len(said.split()) == 60, (oddity, said)
for oddity in ["leading-whitespace", "foreign-id", "tier-unknown", "finish-null", "usage-missing"]:
    assert client.chat.completions.create(model=f"sandbox/{oddity}", messages=HELLO).choices


class Fact(BaseModel):
    answer: str
    examples: list[str]
    score: float


parsed = client.chat.completions.parse(
    model=MODEL, messages=[{"role": "user", "content": "What is an API?"}], response_format=Fact
).choices[0].message.parsed
assert "API" in parsed.answer and len(parsed.examples) == 2
question = [{"role": "user", "content": "What is an API?"}]
with client.chat.completions.stream(model=MODEL, messages=question, response_format=Fact) as stream:
    assert sum(event.type == "content.delta" for event in stream) > 5
    assert stream.get_final_completion().choices[0].message.parsed == parsed

lookup = {
    "type": "function",
    "function": {
        "name": "lookup",
        "parameters": {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]},
    },
}
talk = [{"role": "user", "content": "Who wrote Faust?"}]
first = client.chat.completions.create(model=MODEL, messages=talk, tools=[lookup], tool_choice="required")
call = first.choices[0].message.tool_calls[0]
assert json.loads(call.function.arguments) == {"q": "Who wrote Faust?"}
with client.chat.completions.stream(model=MODEL, messages=talk, tools=[lookup], tool_choice="required") as stream:
    fragments = [e for e in stream if e.type == "tool_calls.function.arguments.delta"]
    streamed = stream.get_final_completion().choices[0]
assert len(fragments) > 1 and streamed.finish_reason == "tool_calls"
assert streamed.message.tool_calls[0].function.arguments == call.function.arguments
talk += [first.choices[0].message, {"role": "tool", "tool_call_id": call.id, "content": "Goethe"}]
last = client.chat.completions.create(model=MODEL, messages=talk, tools=[lookup])
assert last.choices[0].message.content == "The tool returned: Goethe"

# Responses.
response = client.responses.create(model=MODEL, input="Hello")
assert response.status == "completed" and response.output_text == plain.choices[0].message.content
assert response.usage.total_tokens == plain.usage.total_tokens and response.usage.cost == plain.usage.cost
with client.responses.stream(model=MODEL, input="Hello") as stream:
    kinds = [event.type for event in stream]
    assert stream.get_final_response().output_text == response.output_text
assert kinds[:2] == ["response.created", "response.in_progress"] and kinds[-1] == "response.completed"

# Embeddings, which the SDK asks for in Base64 unless told otherwise.
small = "openai/text-embedding-3-small"
vector = client.embeddings.create(model=small, input="Hello").data[0].embedding
floats = client.embeddings.create(model=small, input="Hello", encoding_format="float").data[0].embedding
assert len(vector) == 1536 and all(abs(a - b) < 1e-7 for a, b in zip(vector, floats))


async def many():
    several = AsyncOpenAI(api_key="sk-or-v1-0123456789abcdef", base_url=URL, max_retries=0)
    asked = [several.chat.completions.create(model=MODEL, messages=HELLO) for _ in range(50)]
    answers = await asyncio.gather(*asked)
    assert len({a.id for a in answers}) == 50 and len({a.choices[0].message.content for a in answers}) == 1


asyncio.run(many())
