//! Credentials of AWS and Google.

crate::words::english! {
    /// Credentials of AWS and Google.
    CredentialsWords {
        cannot_read_googles_credentials(path, error) = "cannot read Google's credentials in {path}: {error}",
        set_the_key_file_or_unset_it(variable, login) =
            "set {variable} to the JSON key file of a service account, or unset it and run `{login}`",
        download_the_key_file_or_log_in(variable, login) =
            "download the JSON key of a service account once more and name the file in {variable}, or run `{login}`",
        this_is_no_json_file(error) = "this is no JSON file: {error}",
        type_is_not_supported(kind) =
            "credentials of the type {kind} are not supported; known are service_account and authorized_user",
        these_are_no_google_credentials = "these are no Google credentials: they have no type",
        credentials_have_no(name) = "the credentials have no {name}",
        its_token_uri_is_not_a_web_address = "its token_uri is not a web address",
        owner_in_file(owner, path) = "{owner} in {path}",
        download_the_json_key_once_more(error) = "{error}; download the JSON key once more",
        field_is_not_text = "a field is not text; download the JSON file once more",
        credentials_cannot_be_used(owner, why) = "the credentials of {owner} cannot be used: {why}",
        google_could_not_make_a_token(owner, said) = "Google could not make a token for {owner}: {said}",
        make_a_new_key_for_the_service_account =
            "make a new key for the service account, and check this machine's clock",
        run_gcloud_auth_application_default_login = "run `gcloud auth application-default login` again",
        google_refuses_the_credentials(owner, said, renew) =
            "Google refuses the credentials of {owner}: {said}; {renew}",
        google_sent_no_token_in_time(owner, seconds) = "Google sent no token for {owner} within {seconds} s",
        cannot_fetch_a_token(owner, cause) = "cannot fetch a token for {owner}: {cause}",
        connection_broke_while_a_token_was_fetched(owner, cause) =
            "the connection broke while a token for {owner} was fetched: {cause}",
        what_came_is_no_token(owner) = "what came for {owner} is no token: check its token_uri",
        no_token(owner, other) = "no token for {owner}: {other}",
        no_google_credentials(variable) =
            "no Google credentials: neither VERTEX_API_KEY nor {variable} is set, and nobody is logged in with gcloud",
        set_the_key_file_or_log_in(variable, login) =
            "set {variable} to the JSON key file of a service account, or run `{login}`",
        google_sent_no_token(owner) = "Google sent no token for {owner}",
        its_variable = "its variable",
        cannot_read_awss_credentials_file(path, error) = "cannot read AWS's credentials file {path}: {error}",
        make_it_readable(id, secret) = "make it readable, or set {id} and {secret} instead",
        it_has_none_at_all = "it has none at all",
        it_has(sections) = "it has {sections}",
        there_is_no_profile(profile, known) = "there is no profile [{profile}]; {known}",
        set_aws_profile_to_one_of_them(id, secret, from_elsewhere) =
            "set AWS_PROFILE to one of them, or set {id} and {secret}; {from_elsewhere}",
        profile_has_no(profile, name) = "the profile [{profile}] has no {name}",
        add_it(id, secret, from_elsewhere) = "add it, or set {id} and {secret}; {from_elsewhere}",
        the_profile(profile) = "the profile [{profile}]",
        has_a_character_that_no_key_has(name, place) =
            "{name} from {place} has a character in it that no key has",
        copy_it_once_more = "copy it once more, whole and on one line",
        one_is_set_and_one_is_not(present, missing) = "{present} is set, but {missing} is not",
        aws_access_key_has_both_parts = "an AWS access key has both parts: set the other one too",
        no_aws_key(id, secret) =
            "no AWS key: neither AWS_BEARER_TOKEN_BEDROCK nor {id} and {secret} are set, and there is no shared credentials file",
        make_a_bedrock_api_key(from_elsewhere) =
            "make a Bedrock API key in the AWS console and set AWS_BEARER_TOKEN_BEDROCK; {from_elsewhere}",
        request_cannot_be_signed_for_aws(why) = "the request cannot be signed for AWS: {why}",
        keys_from_elsewhere =
            "keys from single sign-on or a role get into the variables with: eval \"$(aws configure \
            export-credentials --format env)\"",
    }
}
