"""The OpenAI SDK's Azure client, and its plain client at Azure's later address, against the sandbox."""

import os

import openai
from openai import AzureOpenAI, OpenAI
from pydantic import BaseModel

URL = os.environ["SANDBOX_ORIGIN"] + "/azure"
KEY, MODEL = "0123456789abcdef", "gpt-4o-mini"
HELLO = [{"role": "user", "content": "Explain recursion in one sentence."}]
azure = AzureOpenAI(api_key=KEY, azure_endpoint=URL, api_version="2024-10-21", max_retries=0)
later = OpenAI(api_key=KEY, base_url=URL + "/openai/v1", max_retries=0)


def refused(kind, model, who=azure):
    try:
        who.chat.completions.create(model=model, messages=HELLO, timeout=5)
    except kind as error:
        return error
    raise AssertionError(f"{model}: {kind.__name__} expected")


for client in [azure, later]:
    plain = client.chat.completions.create(model=MODEL, messages=HELLO)
    assert plain.model == MODEL and plain.id.startswith("chatcmpl-") and "ecurs" in plain.choices[0].message.content
    told = plain.to_dict()
    assert "provider" not in told and "cost" not in told["usage"] and told["prompt_filter_results"]

    chunks = list(client.chat.completions.create(model=MODEL, messages=HELLO, stream=True))
    assert chunks[0].choices == [] and chunks[0].to_dict()["prompt_filter_results"]
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == plain.choices[0].message.content
    assert all(c.usage is None for c in chunks) and chunks[-1].choices[0].finish_reason == "stop"
    counted = client.chat.completions.create(
        model=MODEL, messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    *_, last = counted
    assert last.choices == [] and last.usage == plain.usage


class Fact(BaseModel):
    answer: str


parsed = azure.chat.completions.parse(model=MODEL, messages=HELLO, response_format=Fact)
assert "ecurs" in parsed.choices[0].message.parsed.answer

for kind, code, fault in [
    (openai.AuthenticationError, "401", "401"),
    (openai.RateLimitError, "429", "429-always"),
    (openai.NotFoundError, "DeploymentNotFound", "no-such-fault"),
    (openai.BadRequestError, "content_filter", "403-moderation"),
    (openai.BadRequestError, "context_length_exceeded", "400-context-length"),
    (openai.InternalServerError, "503", "down"),
]:
    assert refused(kind, f"sandbox/{fault}").code == code
assert refused(openai.NotFoundError, "no-such-deployment").code == "DeploymentNotFound"
assert "retry-after-ms" in refused(openai.RateLimitError, "sandbox/429-retry-after").response.headers
# Without a version the address of a deployment leads nowhere.
bare = OpenAI(api_key=KEY, base_url=URL + "/openai/deployments/" + MODEL, max_retries=0)
refused(openai.NotFoundError, MODEL, bare)

broken = azure.chat.completions.create(model="sandbox/error-mid-stream", messages=HELLO, stream=True)
said = []
try:
    for chunk in broken:
        said += [choice.delta.content or "" for choice in chunk.choices]
except openai.APIError as error:
    assert "disconnected" in error.message
else:
    raise AssertionError("an error inside the stream expected")
assert len("".join(said).split()) == 40
