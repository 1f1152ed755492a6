"""AWS's own client library for Python looks at what this crate sent, and at the fixtures it was tested with.

The argument is a JSON file that the Rust test wrote: requests as they came over the wire, whole answers, and streams as
bytes in Base64.
"""

import base64
import datetime
import gzip
import json
import sys
from pathlib import Path

import botocore
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.eventstream import EventStreamBuffer
from botocore.model import ServiceModel
from botocore.parsers import create_parser
from botocore.validate import ParamValidator

folder = Path(botocore.__file__).parent / "data" / "bedrock-runtime" / "2023-09-30"
model = ServiceModel(json.loads(gzip.open(folder / "service-2.json.gz").read()))
seen = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))


def sign(request):
    """The same request, signed by botocore at the moment that it names."""
    moment = datetime.datetime.strptime(request["headers"]["x-amz-date"], "%Y%m%dT%H%M%SZ")
    botocore.auth.get_current_datetime = lambda *args, **kwargs: moment
    key = Credentials(request["id"], request["secret"], request.get("token"))
    again = AWSRequest(
        request["method"],
        request["url"],
        data=request["body"].encode(),
        headers={"content-type": request["headers"]["content-type"]},
    )
    botocore.auth.SigV4Auth(key, "bedrock", request["region"]).add_auth(again)
    return again.headers["Authorization"]


def check_request(request):
    expected = sign(request)
    assert request["headers"]["authorization"] == expected, f"{request['headers']['authorization']}\n{expected}"
    shape = model.operation_model("Converse").input_shape
    report = ParamValidator().validate({"modelId": "a.b", **json.loads(request["body"])}, shape)
    assert not report.has_errors(), report.generate_report()


def check_answer(text):
    shape = model.operation_model("Converse").output_shape
    response = {"status_code": 200, "headers": {}, "body": text.encode()}
    parsed = create_parser("rest-json").parse(response, shape)
    known = set(shape.members["stopReason"].enum)
    assert parsed["stopReason"] in known, parsed
    assert parsed["usage"]["outputTokens"] > 0, parsed
    missing = [name for name in shape.required_members if name not in parsed]
    assert not missing, missing
    return "".join(block.get("text", "") for block in parsed["output"]["message"]["content"])


def check_stream(frames):
    shape = model.operation_model("ConverseStream").output_shape.members["stream"]
    parser = create_parser("rest-json")._event_stream_parser
    buffer = EventStreamBuffer()
    buffer.add_data(frames)
    text = ""
    for event in buffer:
        parsed = parser.parse(event.to_response_dict(), shape)
        assert len(parsed) == 1, parsed
        (name,) = parsed
        assert name in shape.members, name
        text += parsed[name].get("delta", {}).get("text", "")
    return text


for request in seen["requests"]:
    check_request(request)
for answer in seen["answers"]:
    assert check_answer(answer["body"]) == answer["text"], answer
for stream in seen["streams"]:
    assert check_stream(base64.b64decode(stream["frames"])) == stream["text"], stream
print("agreed on", len(seen["requests"]), len(seen["answers"]), len(seen["streams"]))
