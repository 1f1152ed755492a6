"""What programs do with OpenAI's and Anthropic's SDKs, with only the base URL and the key changed to the gateway's."""

import os

import anthropic
import openai

URL, KEY, POOR = os.environ["GATEWAY_URL"], os.environ["KEY"], os.environ["POOR_KEY"]
MODEL = "openai/gpt-4o-mini"
QUESTION = [{"role": "user", "content": "What is recursion?"}]
client = openai.OpenAI(base_url=URL + "/v1", api_key=KEY, max_retries=0)

# Chat completions: whole, streamed, with the usage only where it was asked for.
whole = client.chat.completions.create(model=MODEL, messages=QUESTION)
assert whole.choices[0].message.content and whole.usage.total_tokens > 0 and whole._request_id
chunks = list(client.chat.completions.create(model=MODEL, messages=QUESTION, stream=True))
assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == whole.choices[0].message.content
asked = {"stream": True, "stream_options": {"include_usage": True}}
last = list(client.chat.completions.create(model=MODEL, messages=QUESTION, **asked))[-1]
assert last.choices == [] and last.usage.total_tokens == whole.usage.total_tokens

# Tools.
parameters = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
tool = {"type": "function", "function": {"name": "get_weather", "description": "The weather", "parameters": parameters}}
weather = [{"role": "user", "content": "What is the weather in Paris?"}]
called = client.chat.completions.create(model=MODEL, messages=weather, tools=[tool], tool_choice="required")
assert called.choices[0].message.tool_calls[0].function.name == "get_weather"

# Responses, plain and streamed; embeddings; models.
assert client.responses.create(model=MODEL, input="What is recursion?").output_text
with client.responses.stream(model=MODEL, input="What is recursion?") as stream:
    for _ in stream:
        pass
    assert stream.get_final_response().output_text
vectors = client.embeddings.create(model="openai/text-embedding-3-small", input=["one", "two"])
assert len(vectors.data) == 2 and abs(sum(x * x for x in vectors.data[0].embedding) - 1) < 1e-3
assert MODEL in [model.id for model in client.models.list().data]
assert client.models.retrieve(MODEL).id == MODEL

# Anthropic's Messages.
claude = anthropic.Anthropic(base_url=URL, api_key=KEY, max_retries=0)
message = claude.messages.create(model=MODEL, max_tokens=100, messages=QUESTION)
assert message.content[0].text and message.usage.output_tokens > 0
with claude.messages.stream(model=MODEL, max_tokens=100, messages=QUESTION) as stream:
    assert stream.get_final_text() == message.content[0].text


def refused(kind, act):
    try:
        act()
    except kind as error:
        return error
    raise AssertionError(f"{kind} was expected")


# Refusals are the SDKs' own classes, with the code that programs read.
error = refused(openai.NotFoundError, lambda: client.chat.completions.create(model="nobody/none", messages=QUESTION))
assert (error.code, error.param) == ("model_not_found", "model")
poor = openai.OpenAI(base_url=URL + "/v1", api_key=POOR)
error = refused(openai.RateLimitError, lambda: poor.chat.completions.create(model=MODEL, messages=QUESTION))
assert error.code == "insufficient_quota" and error.response.headers["x-should-retry"] == "false"
stranger = openai.OpenAI(base_url=URL + "/v1", api_key="am-1-2")
assert refused(openai.AuthenticationError, lambda: stranger.models.list()).code == "invalid_api_key"
unknown = anthropic.Anthropic(base_url=URL, api_key="am-1-2")
ask = {"model": MODEL, "max_tokens": 100, "messages": QUESTION}
refused(anthropic.AuthenticationError, lambda: unknown.messages.create(**ask))
