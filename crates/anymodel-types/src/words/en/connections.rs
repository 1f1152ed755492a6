//! Connections, and what comes over them.

crate::words::english! {
    /// Connections, and what comes over them.
    ConnectionsWords {
        built_without_aws_streams =
            "this program was built without anymodel's feature `bedrock`, which reads this stream",
        right_server = "the right server",
        no_header_can_carry_the_key = "the key has characters in it that no header can carry",
        server_that_speaks_gemini = "a server that speaks Google's generateContent",
        server_that_speaks_anthropic_messages = "a server that speaks Anthropic Messages",
        openai_compatible_server = "an OpenAI-compatible server",
        request_is_only_passed_through =
            "a request to this interface is passed through as it is, and has no other form",
        another_address = "another address",
        server_sends_on(place) =
            "the server sends on to {place}, and a question with its key is not sent on: if that is the right place, give \
            its base URL",
        connection_broke(cause) = "the connection broke: {cause}",
        server_packed_its_answer(encoding) =
            "the server packed its answer ({encoding}) though it was not asked to: switch compression off there, or in the \
            proxy on the way",
        what_came_cannot_be_unpacked(error) = "what came cannot be unpacked: {error}",
        cannot_set_up_https(error) = "cannot set up HTTPS: {error}",
        check_the_systems_certificates =
            "check the system's certificates (Debian: apt-get install ca-certificates)",
        question_cannot_be_written_as_json(error) = "the question cannot be written as JSON: {error}",
        did_not_take_the_connection_in_time(base_url) = "{base_url} did not take the connection in time",
        cannot_reach(base_url, cause) = "cannot reach {base_url}: {cause}",
        response_has_more_than_100_headers = "the response has more than 100 headers, and was not read",
        cannot_trust(base_url, cause) =
            "cannot trust {base_url}: {cause}; if a proxy or a server of yours signs with a certificate of its own, add its \
            authority to the system's certificates, or name a file with all of them in SSL_CERT_FILE",
        answer_was_read_by_another = "the answer was read by another",
        nothing_came = "nothing came",
        use_the_platform_bedrock_compatible =
            "use the platform bedrock-compatible with a key in AWS_BEARER_TOKEN_BEDROCK",
        needs_its(title, word) = "{title} needs its {word}, and it is not set",
        set_one_of(variables) = "set {variables}",
        or_between_names = " or ",
        put_a_bedrock_api_key_into_aws_bearer = "put a Bedrock API key into AWS_BEARER_TOKEN_BEDROCK",
        put_a_ready_token_into_vertex_api_key = "put a ready token into VERTEX_API_KEY",
        built_without_a_feature(feature) = "this program was built without anymodel's feature `{feature}`",
        build_it_with_that_feature(feature, instead) =
            "build it with that feature (cargo add anymodel --features {feature}), or {instead}",
    }
}
