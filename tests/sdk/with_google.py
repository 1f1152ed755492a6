"""The official Google SDK, plain and asynchronous, against the sandbox's generateContent."""

import asyncio
import os

from google import genai
from google.genai import errors, types
from pydantic import BaseModel

URL = os.environ["SANDBOX_ORIGIN"] + "/gemini"
MODEL = "gemini-2.5-flash"
ASKED = "Explain recursion in one sentence."


def sdk(key="AIza-0123456789abcdef", **more):
    return genai.Client(api_key=key, http_options=types.HttpOptions(base_url=URL, **more))


client = sdk()


def ask(model=MODEL, contents=ASKED, who=client, **config):
    return who.models.generate_content(model=model, contents=contents, config=types.GenerateContentConfig(**config))


def stream(model=MODEL, contents=ASKED, **config):
    return client.models.generate_content_stream(
        model=model, contents=contents, config=types.GenerateContentConfig(**config)
    )


def refused(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} expected")


# Plain.
plain = ask()
usage = plain.usage_metadata
assert "ecurs" in plain.text and plain.model_version == MODEL and plain.response_id
assert plain.candidates[0].finish_reason == types.FinishReason.STOP
assert usage.prompt_token_count + usage.candidates_token_count == usage.total_token_count
assert ask("google/gemini-2.5-flash").text == ask("models/gemini-2.5-flash").text == plain.text
assert ask(max_output_tokens=4).candidates[0].finish_reason == types.FinishReason.MAX_TOKENS
assert ask("sandbox/echo", "one two three", stop_sequences=[" two"]).text == "one"
assert ask(system_instruction="Be brief.").usage_metadata.prompt_token_count > usage.prompt_token_count

# Streamed: whole responses, usage on each, the finish reason on the last.
parts = list(stream())
assert "".join(part.text or "" for part in parts) == plain.text and len(parts) > 5
assert all(part.usage_metadata.prompt_token_count for part in parts)
assert [part.candidates[0].finish_reason for part in parts if part.candidates[0].finish_reason] == ["STOP"]
assert parts[-1].usage_metadata == usage

# Tools, with the answer handed back, and as the SDK does it by itself.
weather = types.FunctionDeclaration(
    name="current_weather",
    description="Weather of a city",
    parameters=types.Schema(type="OBJECT", properties={"city": types.Schema(type="STRING")}, required=["city"]),
)
tools = [types.Tool(function_declarations=[weather])]
talk = [types.Content(role="user", parts=[types.Part(text="What is the weather in Lisbon?")])]
first = ask(contents=talk, tools=tools)
assert [(call.name, call.args) for call in first.function_calls] == [("current_weather", {"city": "Lisbon"})]
assert first.candidates[0].finish_reason == "STOP" and first.candidates[0].content.parts[0].thought_signature
streamed = [call for part in stream(contents=talk, tools=tools) for call in part.function_calls or []]
assert [call.args for call in streamed] == [{"city": "Lisbon"}]
answer = types.Part.from_function_response(name="current_weather", response={"result": "sunny"})
after = talk + [first.candidates[0].content, types.Content(role="user", parts=[answer])]
assert ask(contents=after, tools=tools).text == "The tool returned: sunny"
refused(errors.ClientError, lambda: ask(contents=after[:2] + talk, tools=tools))
mode = types.ToolConfig(function_calling_config=types.FunctionCallingConfig(mode="ANY"))
assert ask(tools=tools, tool_config=mode).function_calls and not ask(tools=tools).function_calls


def lookup(q: str) -> str:
    """Looks a word up in the dictionary."""
    return f"found {q}"


assert "found" in ask(contents="Use the lookup tool, please: Faust", tools=[lookup]).text

# Thinking, shown when asked for.
thought = ask(thinking_config=types.ThinkingConfig(include_thoughts=True))
assert [bool(part.thought) for part in thought.candidates[0].content.parts] == [True, False]
count = thought.usage_metadata
assert count.thoughts_token_count > 0
assert count.prompt_token_count + count.candidates_token_count + count.thoughts_token_count == count.total_token_count


# Structured output.
class Fact(BaseModel):
    answer: str
    examples: list[str]


json = {"response_mime_type": "application/json"}
assert "API" in ask(contents="What is an API?", response_schema=Fact, **json).parsed.answer
parsed = ask(contents="What is an API?", response_json_schema=Fact.model_json_schema(), **json).parsed
assert "API" in (parsed.answer if isinstance(parsed, Fact) else parsed["answer"])

# Errors.
for kind, status, word, fault in [
    (errors.ClientError, 400, "INVALID_ARGUMENT", "400-context-length"),
    (errors.ClientError, 400, "INVALID_ARGUMENT", "401"),
    (errors.ClientError, 403, "PERMISSION_DENIED", "403"),
    (errors.ClientError, 404, "NOT_FOUND", "404"),
    (errors.ClientError, 404, "NOT_FOUND", "no-such-fault"),
    (errors.ClientError, 429, "RESOURCE_EXHAUSTED", "429-always"),
    (errors.ServerError, 500, "INTERNAL", "500"),
    (errors.ServerError, 503, "UNAVAILABLE", "down"),
    (errors.ServerError, 503, "UNAVAILABLE", "529"),
    (errors.ServerError, 504, "DEADLINE_EXCEEDED", "504"),
]:
    for call in [lambda: ask(f"sandbox/{fault}"), lambda: list(stream(f"sandbox/{fault}"))]:
        error = refused(kind, call)
        assert (error.code, error.status) == (status, word), (fault, error)
assert refused(errors.ClientError, lambda: ask("gemini-none")).code == 404
detail = refused(errors.ClientError, lambda: ask("sandbox/401")).details["error"]["details"][0]
assert detail["reason"] == "API_KEY_INVALID"
detail = refused(errors.ClientError, lambda: ask("sandbox/429-long-wait")).details["error"]["details"][0]
assert detail["@type"].endswith("RetryInfo") and detail["retryDelay"] == "0s"
assert "Unknown name" in refused(
    errors.ClientError, lambda: ask(http_options=types.HttpOptions(extra_body={"models": ["x"]}))
).message

# A blocked prompt is an answer without candidates; filtered text ends with SAFETY.
for answers in [[ask("sandbox/403-moderation")], list(stream("sandbox/403-moderation"))]:
    assert [a.prompt_feedback.block_reason for a in answers] == ["SAFETY"] and not answers[0].candidates
assert ask("sandbox/content-filter").candidates[0].finish_reason == "SAFETY"

# Streams that break: an error inside, a cut.
assert refused(errors.ServerError, lambda: list(stream("sandbox/error-mid-stream"))).code == 503
heard = []
try:
    for part in stream("sandbox/stream-cut"):
        heard.append(part)
except Exception as error:
    assert not isinstance(error, AssertionError)
assert len("".join(part.text or "" for part in heard).split()) == 40
assert not any(part.candidates[0].finish_reason for part in heard)

# What is unusual and still good is understood; the SDK's own retries get over what passes.
for oddity in ["comments", "crlf", "split-utf8", "no-done", "leading-whitespace"]:
    said = "".join(part.text or "" for part in stream(f"sandbox/{oddity}"))
    assert len(said.split()) == 60, (oddity, said)
patient = sdk("AIza-other", retry_options=types.HttpRetryOptions(attempts=2, initial_delay=0.01))
for fault in ["503-once", "500-once", "429-hint-date"]:
    assert ask(f"sandbox/{fault}", who=patient).text

assert f"models/{MODEL}" in [model.name for model in client.models.list()]
assert client.models.get(model=MODEL).input_token_limit > 100_000


async def many():
    asked = [client.aio.models.generate_content(model=MODEL, contents=ASKED) for _ in range(20)]
    assert len({answer.response_id for answer in await asyncio.gather(*asked)}) == 20


asyncio.run(many())
