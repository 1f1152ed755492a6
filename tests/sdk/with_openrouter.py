"""The official OpenRouter SDK against the sandbox. It validates every answer against the published schema."""

import json
import os

from openrouter import OpenRouter, errors

URL = os.environ["SANDBOX_URL"]
MODEL = "openai/gpt-4o-mini"


def sdk(key="sk-or-v1-0123456789abcdef"):
    # Its own retries would hide what the sandbox answers.
    return OpenRouter(api_key=key, server_url=URL, retry_config=None)


def ask(client, model=MODEL, text="Explain recursion in one sentence.", **more):
    messages = [{"role": "user", "content": text}]
    return client.chat.send(model=model, messages=messages, **more)


def chat(client):
    answer = ask(client)
    assert answer.model == MODEL
    choice = answer.choices[0]
    assert choice.finish_reason == "stop" and "ecurs" in choice.message.content, choice
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.usage.cost > 0
    assert answer.usage.cost_details.upstream_inference_prompt_cost > 0
    return answer


def stream(client, plain):
    chunks = list(ask(client, stream=True))
    said = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert said == plain.choices[0].message.content, said
    assert chunks[-1].choices == [] and chunks[-1].usage.cost == plain.usage.cost
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"


def lists(client):
    everything = client.models.list().result
    models = {model.id: model for model in everything.data}
    assert everything.total_count == len(models) >= 60
    assert models[MODEL].pricing.prompt == "0.00000015"
    assert client.models.count().data.count == len(models)
    page = client.models.list(limit=7, offset=3).result
    assert [m.id for m in page.data] == list(models)[3:10] and page.links.next
    cheap = client.models.list(sort="pricing-low-to-high", supported_parameters="tools", min_price=0.01).result
    prices = [float(m.pricing.prompt) * 3 + float(m.pricing.completion) for m in cheap.data]
    assert prices == sorted(prices) and len(prices) > 10
    one = client.models.get(author="anthropic", slug="claude-sonnet-4.6").data
    assert one.id == "anthropic/claude-sonnet-4.6" and one.context_length == 1_000_000
    hosts = client.endpoints.list(author="meta-llama", slug="llama-3.3-70b-instruct").data
    assert {h.provider_name for h in hosts.endpoints} == {"DeepInfra", "Groq", "Cerebras", "Together"}
    for model in models.values():
        author, slug = model.id.split("/")
        client.endpoints.list(author=author, slug=slug)
    providers = {p.slug for p in client.providers.list().data}
    assert {"openai", "anthropic", "deepinfra"} <= providers


def account(client, answer):
    key = client.api_keys.get_current_key_metadata().data
    assert key.usage > 0 and not key.is_management_key and key.limit_remaining < key.limit
    refused(lambda: client.credits.get_credits(), errors.ForbiddenResponseError)
    seen = sdk("sk-or-mgmt-0123456789").credits.get_credits().data
    assert seen.total_credits > seen.total_usage > 0
    entry = client.generations.get_generation(id=answer.id).data
    assert entry.model == MODEL and entry.total_cost == answer.usage.cost
    assert entry.tokens_completion == answer.usage.completion_tokens
    refused(lambda: client.generations.get_generation(id="gen-none"), errors.NotFoundResponseError)


def refused(call, kind):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} expected")


def failures(client):
    expected = {
        "400": errors.BadRequestResponseError,
        "401": errors.UnauthorizedResponseError,
        "402": errors.PaymentRequiredResponseError,
        "403": errors.ForbiddenResponseError,
        "404": errors.NotFoundResponseError,
        "408": errors.RequestTimeoutResponseError,
        "413": errors.PayloadTooLargeResponseError,
        "422": errors.UnprocessableEntityResponseError,
        "429-always": errors.TooManyRequestsResponseError,
        "500": errors.InternalServerResponseError,
        "502": errors.BadGatewayResponseError,
        "503": errors.ServiceUnavailableResponseError,
        "524": errors.EdgeNetworkTimeoutResponseError,
        "529": errors.ProviderOverloadedResponseError,
    }
    for name, kind in expected.items():
        error = refused(lambda: ask(client, model=f"sandbox/{name}"), kind)
        assert error.data.error.code == int(name[:3]) == error.status_code, name
        assert error.data.error.message
    broken = list(ask(client, model="sandbox/error-mid-stream", stream=True))
    assert broken[-1].error.code == 502 and broken[-1].choices[0].finish_reason == "error"


def tools(client):
    weather = {
        "type": "function",
        "function": {
            "name": "current_weather",
            "description": "Weather of a city",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
    answer = ask(client, text="What is the weather in Lisbon?", tools=[weather])
    choice = answer.choices[0]
    assert choice.finish_reason == "tool_calls"
    call = choice.message.tool_calls[0]
    assert call.function.name == "current_weather"
    assert json.loads(call.function.arguments) == {"city": "Lisbon"}, call
    parts = list(ask(client, text="What is the weather in Lisbon?", tools=[weather], stream=True))
    fragments = [t for c in parts if c.choices for t in c.choices[0].delta.tool_calls or []]
    assert json.loads("".join(f.function.arguments for f in fragments)) == {"city": "Lisbon"}


def schema(client):
    wanted = {
        "type": "object",
        "properties": {"language": {"type": "string", "enum": ["Rust", "Python"]}, "year": {"type": "integer", "minimum": 1990}},
        "required": ["language", "year"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "fact", "strict": True, "schema": wanted}}
    answer = ask(client, text="When did Python appear?", response_format=form)
    value = json.loads(answer.choices[0].message.content)
    assert value["language"] == "Python" and value["year"] >= 1990 and len(value) == 2, value


def metadata(client):
    answer = ask(client, x_open_router_metadata="enabled")
    assert answer.openrouter_metadata.strategy == "direct"
    assert any(e.selected for e in answer.openrouter_metadata.endpoints.available)


with sdk() as client:
    answer = chat(client)
    stream(client, answer)
    lists(client)
    account(client, answer)
    failures(client)
    tools(client)
    schema(client)
    metadata(client)
