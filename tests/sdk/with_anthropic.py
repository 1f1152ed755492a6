"""The official Anthropic SDK, plain and asynchronous, against the sandbox's Messages."""

import asyncio
import os

import anthropic
from anthropic import Anthropic, AsyncAnthropic
from pydantic import BaseModel

URL = os.environ["SANDBOX_ORIGIN"] + "/anthropic"
MODEL = "claude-sonnet-4.5"
ASKED = [{"role": "user", "content": "Explain recursion in one sentence."}]
client = Anthropic(api_key="sk-ant-0123456789abcdef", base_url=URL, max_retries=0)


def ask(model=MODEL, who=client, messages=ASKED, max_tokens=2000, **more):
    return who.messages.create(model=model, max_tokens=max_tokens, messages=messages, **more)


def refused(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} expected")


# Plain.
plain = ask()
assert plain.type == "message" and plain.role == "assistant" and plain.model == MODEL
assert plain.id.startswith("msg_") and plain._request_id.startswith("req_")
assert [block.type for block in plain.content] == ["text"] and "ecurs" in plain.content[0].text
assert plain.stop_reason == "end_turn" and plain.stop_sequence is None
assert plain.usage.input_tokens > 5 and plain.usage.output_tokens > 5
assert plain.usage.cache_read_input_tokens == plain.usage.cache_creation_input_tokens == 0
for name in ["claude-sonnet-4-5", "claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4.5"]:
    assert ask(name).model == MODEL
short = ask(max_tokens=4)
assert short.stop_reason == "max_tokens" and short.usage.output_tokens == 4
stopped = ask("sandbox/echo", messages=[{"role": "user", "content": "one two three"}], stop_sequences=[" two"])
assert (stopped.stop_reason, stopped.stop_sequence, stopped.content[0].text) == ("stop_sequence", " two", "one")

# Streamed: as raw events, and put together by the SDK.
events = list(ask(stream=True))
kinds = [event.type for event in events]
assert kinds[0] == "message_start" and kinds[-2:] == ["message_delta", "message_stop"]
assert kinds.index("content_block_start") < kinds.index("content_block_delta") < kinds.index("content_block_stop")
said = "".join(event.delta.text for event in events if event.type == "content_block_delta")
assert said == plain.content[0].text
assert events[-2].delta.stop_reason == "end_turn" and events[-2].usage.output_tokens == plain.usage.output_tokens
with client.messages.stream(model=MODEL, max_tokens=2000, messages=ASKED) as stream:
    assert "".join(stream.text_stream) == said
    whole = stream.get_final_message()
assert whole.content[0].text == said and whole.usage.input_tokens == plain.usage.input_tokens

# Tools, with the answer handed back.
WEATHER = {
    "name": "current_weather",
    "description": "Weather of a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
talk = [{"role": "user", "content": "What is the weather in Lisbon?"}]
first = ask(messages=talk, tools=[WEATHER])
assert first.stop_reason == "tool_use"
call = first.content[0]
assert (call.type, call.name, call.input) == ("tool_use", "current_weather", {"city": "Lisbon"})
with client.messages.stream(model=MODEL, max_tokens=2000, messages=talk, tools=[WEATHER]) as stream:
    pieces = [event.partial_json for event in stream if event.type == "input_json"]
    streamed = stream.get_final_message()
assert len(pieces) > 1 and streamed.content[0].input == {"city": "Lisbon"} and streamed.stop_reason == "tool_use"
result = {"type": "tool_result", "tool_use_id": call.id, "content": "sunny"}
after = talk + [{"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
assert ask(messages=after, tools=[WEATHER]).content[0].text == "The tool returned: sunny"
forced = ask(tools=[WEATHER], tool_choice={"type": "tool", "name": "current_weather"})
assert forced.stop_reason == "tool_use" and ask(tools=[WEATHER], tool_choice={"type": "none"}).stop_reason == "end_turn"
refused(anthropic.BadRequestError, lambda: ask(messages=after[:2]))

# Thinking comes with a signature and has to go back as it came.
thinking = {"type": "enabled", "budget_tokens": 1024}
thought = ask(thinking=thinking, messages=talk, tools=[WEATHER])
assert [block.type for block in thought.content] == ["thinking", "tool_use"]
kept = talk + [{"role": "assistant", "content": thought.content}, {"role": "user", "content": [result]}]
assert "sunny" in ask(messages=kept, tools=[WEATHER], thinking=thinking).content[-1].text
thought.content[0].signature = "forged"
assert "signature" in refused(anthropic.BadRequestError, lambda: ask(messages=kept, tools=[WEATHER])).message
with client.messages.stream(model=MODEL, max_tokens=2000, messages=ASKED, thinking=thinking) as stream:
    assert [block.type for block in stream.get_final_message().content] == ["thinking", "text"]


# Structured output.
class Fact(BaseModel):
    answer: str
    examples: list[str]


parsed = client.messages.parse(
    model=MODEL, max_tokens=2000, messages=[{"role": "user", "content": "What is an API?"}], output_format=Fact
)
assert "API" in parsed.parsed_output.answer

# Errors.
for kind, status, word, fault in [
    (anthropic.BadRequestError, 400, "invalid_request_error", "400-context-length"),
    (anthropic.AuthenticationError, 401, "authentication_error", "401"),
    (anthropic.APIStatusError, 402, "billing_error", "402"),
    (anthropic.PermissionDeniedError, 403, "permission_error", "403"),
    (anthropic.NotFoundError, 404, "not_found_error", "404"),
    (anthropic.NotFoundError, 404, "not_found_error", "no-such-fault"),
    (anthropic.APIStatusError, 413, "request_too_large", "413"),
    (anthropic.RateLimitError, 429, "rate_limit_error", "429-always"),
    (anthropic.InternalServerError, 500, "api_error", "500"),
    (anthropic.InternalServerError, 529, "overloaded_error", "down"),
    (anthropic.InternalServerError, 529, "overloaded_error", "529"),
]:
    error = refused(kind, lambda: ask(f"sandbox/{fault}"))
    assert (error.status_code, error.body["error"]["type"]) == (status, word), (fault, error)
    assert error.request_id == error.body["request_id"]
assert refused(anthropic.NotFoundError, lambda: ask("claude-none"))
assert "retry-after" not in refused(anthropic.RateLimitError, lambda: ask("sandbox/429-always")).response.headers
for fault in ["429-retry-after", "429-hint-metadata", "429-hint-availability"]:
    assert refused(anthropic.RateLimitError, lambda: ask(f"sandbox/{fault}")).response.headers["retry-after"] == "0"
refused(anthropic.APIConnectionError, lambda: ask("sandbox/connection-reset"))
assert refused(anthropic.AuthenticationError, lambda: ask(who=Anthropic(api_key="two words", base_url=URL)))
assert "temperature" in refused(anthropic.BadRequestError, lambda: ask(extra_body={"temperature": 1.5})).message
assert "Extra inputs" in refused(anthropic.BadRequestError, lambda: ask(extra_body={"seed": 1})).message

# Streams that break: an error event, a cut, and one without its end.
broken = refused(anthropic.APIStatusError, lambda: list(ask("sandbox/error-mid-stream", stream=True)))
assert broken.body["error"]["type"] == "api_error"
heard = []
try:
    for event in ask("sandbox/stream-cut", stream=True):
        heard.append(event)
except Exception as error:
    assert not isinstance(error, AssertionError)
said = "".join(event.delta.text for event in heard if event.type == "content_block_delta")
assert len(said.split()) == 40 and heard[-1].type == "content_block_delta"
assert [e.type for e in ask("sandbox/no-done", stream=True)][-1] == "message_delta"

# What is unusual and still good is understood; the SDK's own retries get over what passes.
for oddity in ["comments", "crlf", "no-space", "several-data-lines", "split-utf8", "usage-twice", "leading-whitespace"]:
    said = "".join(e.delta.text for e in ask(f"sandbox/{oddity}", stream=True) if e.type == "content_block_delta")
    assert len(said.split()) == 60, (oddity, said)
patient = Anthropic(api_key="sk-ant-other", base_url=URL, max_retries=2)
for fault in ["503-once", "500-once", "429-hint-date", "connection-reset-once"]:
    assert ask(f"sandbox/{fault}", who=patient).content

models = client.models.list()
assert MODEL in [model.id for model in models.data] and client.models.retrieve("claude-sonnet-4-5").id == MODEL

# OpenRouter's Messages: any model, by OpenRouter's name.
router = Anthropic(api_key="sk-or-v1-0123456789abcdef", base_url=os.environ["SANDBOX_ORIGIN"] + "/api", max_retries=0)
said = ask("openai/gpt-4o-mini", who=router)
assert said.model == "openai/gpt-4o-mini" and said.content[0].text
counted = router.messages.count_tokens(model="openai/gpt-4o-mini", messages=ASKED)
assert counted.input_tokens == said.usage.input_tokens
assert client.messages.count_tokens(model=MODEL, messages=ASKED).input_tokens == counted.input_tokens


async def many():
    several = AsyncAnthropic(api_key="sk-ant-0123456789abcdef", base_url=URL, max_retries=0)
    answers = await asyncio.gather(*(ask(who=several) for _ in range(20)))
    assert len({answer.id for answer in answers}) == 20


asyncio.run(many())
