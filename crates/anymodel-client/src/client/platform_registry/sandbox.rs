//! The built-in sandbox as a platform: the client's own, or in place of another one.

#[cfg(feature = "sandbox")]
use std::sync::Arc;

#[cfg(feature = "sandbox")]
use secrecy::SecretString;

use super::DefaultPlatform;
#[cfg(not(feature = "sandbox"))]
use super::no_key;
#[cfg(feature = "sandbox")]
use super::unknown_platform;
use crate::config::{SANDBOX, Settings};
use anymodel_catalog::platform_spec::find;
#[cfg(feature = "sandbox")]
use anymodel_catalog::platform_spec::{PlatformSpec, Protocol};
#[cfg(feature = "sandbox")]
use anymodel_providers::{Platform, PlatformConfig, connect};
#[cfg(feature = "sandbox")]
use anymodel_sandbox::Sandbox;
use anymodel_types::{Error, ErrorKind, Result, words};

/// The sandbox takes any key that looks like one, because it counts the limits of free models by key.
#[cfg(feature = "sandbox")]
const SANDBOX_KEY: &str = "sk-or-v1-sandbox";

/// The sandbox in place of another platform: it speaks that platform's protocol, and its name says that it is the sandbox.
#[cfg(feature = "sandbox")]
pub(super) fn sandbox_platform(
    sandbox: &Sandbox,
    preset: &'static PlatformSpec,
) -> Result<Platform> {
    let root = sandbox.base_url().trim_end_matches("/api/v1");
    let base_url = match preset.protocol {
        Protocol::OpenAi | Protocol::OpenRouter => sandbox.base_url().to_owned(),
        Protocol::Anthropic => format!("{root}/anthropic"),
        Protocol::Gemini => format!("{root}/gemini/v1beta"),
        Protocol::Converse => {
            return Err(Error::new(
                ErrorKind::Config,
                words::platforms().sandbox_does_not_play(&preset.title),
            )
            .with_hint(words::platforms().ask_it_live()));
        }
    };
    connect(
        preset,
        PlatformConfig {
            name: Some(format!("{SANDBOX}:{}", preset.name)),
            base_url: Some(base_url),
            key: Some(SecretString::from(SANDBOX_KEY)),
            ..PlatformConfig::default()
        },
    )
}

#[cfg(feature = "sandbox")]
pub(super) fn sandbox(settings: &Settings) -> Result<DefaultPlatform> {
    let mut builder = Sandbox::builder();
    if let Some(scale) = settings.sandbox_time_scale {
        builder = builder.time_scale(scale);
    }
    let sandbox = builder.start().map_err(|error| {
        Error::new(
            ErrorKind::Network,
            words::platforms().built_in_sandbox_cannot_start(&error),
        )
        .with_hint(words::platforms().it_needs_a_free_port())
    })?;
    let Some(preset) = find("openrouter") else {
        return Err(unknown_platform("openrouter", &[]));
    };
    let platform = connect(
        preset,
        PlatformConfig {
            name: Some(SANDBOX.to_owned()),
            base_url: Some(sandbox.base_url().to_owned()),
            key: Some(SecretString::from(SANDBOX_KEY)),
            ..PlatformConfig::default()
        },
    )?;
    Ok(DefaultPlatform {
        platform: Arc::new(platform),
        sandbox: Some(sandbox),
    })
}

#[cfg(not(feature = "sandbox"))]
pub(super) fn sandbox(settings: &Settings) -> Result<DefaultPlatform> {
    match (settings.platform.as_deref(), find("openrouter")) {
        (Some(SANDBOX), _) | (_, None) => Err(Error::new(
            ErrorKind::Config,
            words::platforms().this_program_was_built_without_the_sandbox(),
        )
        .with_hint(words::platforms().build_anymodel_with_its_feature_sandbox())),
        (_, Some(preset)) => Err(no_key(preset)),
    }
}
