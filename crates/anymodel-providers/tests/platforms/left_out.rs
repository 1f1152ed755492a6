//! A program that was built without a feature says which one it lacks, before anything is sent.

#![cfg(not(all(feature = "bedrock", feature = "vertex")))]

use anymodel::prelude::*;
use anymodel::{ClientBuilder, Settings};

/// What a client of this platform says when it is built.
fn told(platform: &str, variables: &[(&str, &str)]) -> anymodel::Result<Client> {
    let settings = Settings::from_variables(|asked| match asked {
        "LLM" => Some(platform.to_owned()),
        _ => variables
            .iter()
            .find(|(name, _)| *name == asked)
            .map(|(_, value)| (*value).to_owned()),
    });
    ClientBuilder::from(settings.unwrap()).build()
}

fn lacks(client: anymodel::Result<Client>, feature: &str) {
    let error = client.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let words = format!("without anymodel's feature `{feature}`");
    assert!(error.to_string().contains(&words), "{error}");
    assert!(
        error
            .hint()
            .unwrap()
            .contains(&format!("--features {feature}"))
    );
}

#[cfg(not(feature = "bedrock"))]
#[test]
fn without_the_feature_bedrock_nothing_is_signed_and_converse_is_not_spoken() {
    let signed = [
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "opens-nothing"),
    ];
    let bearer = [
        ("AWS_REGION", "eu-west-1"),
        ("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-0123"),
    ];
    lacks(told("bedrock", &signed), "bedrock");
    lacks(told("bedrock", &bearer), "bedrock");
    lacks(told("bedrock-compatible", &signed), "bedrock");
    assert!(
        told("bedrock-compatible", &bearer).is_ok(),
        "a key needs no signature"
    );
}

#[cfg(not(feature = "vertex"))]
#[test]
fn without_the_feature_vertex_no_token_is_fetched() {
    let file = [
        ("GOOGLE_CLOUD_PROJECT", "a-project"),
        ("GOOGLE_APPLICATION_CREDENTIALS", "key.json"),
    ];
    let ready = [
        ("GOOGLE_CLOUD_PROJECT", "a-project"),
        ("VERTEX_API_KEY", "ya29.ready-made"),
    ];
    for platform in ["vertex", "vertex-compatible"] {
        lacks(told(platform, &file), "vertex");
        assert!(
            told(platform, &ready).is_ok(),
            "a ready token needs no fetching"
        );
    }
}
