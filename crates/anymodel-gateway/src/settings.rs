//! GatewaySettings of a gateway: those that the configuration file has under `gateway:`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// GatewaySettings, each with its default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GatewaySettings {
    /// The largest request, in megabytes.
    pub max_body_mb: u32,
    /// Seconds without a byte of a stream, after which a comment is sent.
    pub ping_seconds: u64,
    /// Seconds that running calls have to end when the gateway stops.
    pub drain_seconds: u64,
    /// Seconds that the old secret of a rotated key counts.
    pub grace_seconds: u64,
    /// The name of the time zone in which windows begin; the machine's when absent.
    pub zone: Option<String>,
    /// The first day of a week: `monday`, `sunday`, ….
    pub week_start: String,
    /// Names that stand for other models or chains.
    pub aliases: BTreeMap<String, String>,
    /// The address at which holders of keys reach the gateway, such as `https://models.example.org`, for cards to print;
    /// the one that the administrator uses when absent.
    pub public_url: Option<String>,
}

impl Default for GatewaySettings {
    fn default() -> Self {
        GatewaySettings {
            max_body_mb: 32,
            ping_seconds: 15,
            drain_seconds: 30,
            grace_seconds: 3600,
            zone: None,
            week_start: "monday".to_owned(),
            aliases: BTreeMap::new(),
            public_url: None,
        }
    }
}
