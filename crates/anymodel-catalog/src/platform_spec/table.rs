//! The table of platform specs.
//!
//! Addresses, names of variables and differences are the vendors' own, as they documented them in August to November 2026:
//! <https://openrouter.ai/docs>, <https://docs.zenmux.ai>, <https://learn.microsoft.com/azure/foundry/openai>,
//! <https://docs.aws.amazon.com/bedrock>, <https://docs.cloud.google.com/vertex-ai>,
//! <https://ai.google.dev/gemini-api/docs>, <https://platform.claude.com/docs>, <https://api-docs.deepseek.com>,
//! <https://help.aliyun.com/en/model-studio>, <https://docs.bigmodel.cn>, <https://docs.ollama.com> and the README of
//! llama.cpp's server.

use super::{Auth, JsonSupport, PlatformCapabilities, PlatformSpec, Protocol, UrlVariable};

const REGION: UrlVariable = UrlVariable {
    word: "region",
    variables: &["AWS_REGION", "AWS_DEFAULT_REGION"],
    default: None,
};
const PROJECT: UrlVariable = UrlVariable {
    word: "project",
    variables: &["GOOGLE_CLOUD_PROJECT", "VERTEX_PROJECT_ID"],
    default: None,
};
const LOCATION: UrlVariable = UrlVariable {
    word: "location",
    variables: &["VERTEX_LOCATION", "GOOGLE_CLOUD_LOCATION"],
    default: Some("us-central1"),
};

/// The capabilities of nearly all platforms.
const USUAL: PlatformCapabilities = PlatformCapabilities {
    streaming: true,
    tools: true,
    json: JsonSupport::Schema,
    cost_in_answer: false,
    server_fallback: false,
};

/// The defaults of an OpenAI-compatible platform; each row of the table changes some of them.
const PLAIN: PlatformSpec = PlatformSpec {
    name: "",
    title: "",
    base_url: "",
    key_variables: &[],
    url_variables: &[],
    places: &[],
    naming: "",
    protocol: Protocol::OpenAi,
    auth: Auth::Bearer,
    can: USUAL,
    differs: "",
};

pub(super) static TABLE: &[PlatformSpec] = &[
    PlatformSpec {
        name: "openrouter",
        title: "OpenRouter",
        base_url: "https://openrouter.ai/api/v1",
        key_variables: &["OPENROUTER_API_KEY"],
        url_variables: &["OPENROUTER_BASE_URL"],
        naming: "author/model, such as openai/gpt-4o-mini; a suffix is a variant (:free)",
        protocol: Protocol::OpenRouter,
        can: PlatformCapabilities {
            cost_in_answer: true,
            server_fallback: true,
            ..USUAL
        },
        differs: "chooses models and hosts by itself; its own fields for both",
        ..PLAIN
    },
    PlatformSpec {
        name: "openrouter-compatible",
        title: "OpenRouter",
        base_url: "https://openrouter.ai/api/v1",
        key_variables: &["OPENROUTER_API_KEY"],
        url_variables: &["OPENROUTER_BASE_URL"],
        naming: "author/model, such as openai/gpt-4o-mini; a suffix is a variant (:free)",
        can: PlatformCapabilities {
            cost_in_answer: true,
            ..USUAL
        },
        differs: "OpenAI's fields alone: no Prefer, no provider preferences",
        ..PLAIN
    },
    PlatformSpec {
        name: "zenmux",
        title: "ZenMux",
        base_url: "https://zenmux.ai/api/v1",
        key_variables: &["ZENMUX_API_KEY"],
        naming: "provider/model, such as openai/gpt-4o-mini; a suffix names the host (:amazon-bedrock)",
        differs: "a refused key is HTTP 403; cost only minutes later",
        ..PLAIN
    },
    PlatformSpec {
        name: "openai",
        title: "OpenAI",
        base_url: "https://api.openai.com/v1",
        key_variables: &["OPENAI_API_KEY"],
        url_variables: &["OPENAI_BASE_URL"],
        naming: "gpt-4o-mini",
        differs: "an empty account is HTTP 429 insufficient_quota",
        ..PLAIN
    },
    PlatformSpec {
        name: "azure",
        title: "Azure OpenAI",
        base_url: "{endpoint}/openai/v1",
        key_variables: &["AZURE_OPENAI_API_KEY", "AZURE_API_KEY"],
        places: &[ENDPOINT],
        naming: "the name of your deployment",
        auth: Auth::Header("api-key"),
        differs: "filters prompts itself (HTTP 400 content_filter)",
        ..PLAIN
    },
    PlatformSpec {
        name: "azure-legacy",
        title: "Azure OpenAI",
        base_url: "{endpoint}/openai/deployments/{model}/chat/completions?api-version={version}",
        key_variables: &["AZURE_OPENAI_API_KEY", "AZURE_API_KEY"],
        places: &[ENDPOINT, VERSION],
        naming: "the name of your deployment, in the address",
        auth: Auth::Header("api-key"),
        differs: "the address of before August 2025, with api-version",
        ..PLAIN
    },
    PlatformSpec {
        name: "bedrock",
        title: "AWS Bedrock",
        base_url: "https://bedrock-runtime.{region}.amazonaws.com",
        key_variables: &["AWS_BEARER_TOKEN_BEDROCK"],
        places: &[REGION],
        naming: "vendor.model-version, such as anthropic.claude-x-v1:0; us. or eu. before it spans regions",
        protocol: Protocol::Converse,
        auth: Auth::Aws,
        can: PlatformCapabilities {
            json: JsonSupport::Tool,
            ..USUAL
        },
        differs: "streams in AWS's own binary frames; requests may be signed",
        ..PLAIN
    },
    PlatformSpec {
        name: "bedrock-compatible",
        title: "AWS Bedrock",
        base_url: "https://bedrock-runtime.{region}.amazonaws.com/openai/v1",
        key_variables: &["AWS_BEARER_TOKEN_BEDROCK"],
        places: &[REGION],
        naming: "openai.gpt-oss-120b-1:0",
        auth: Auth::Aws,
        differs: "only models that Bedrock offers in OpenAI's form",
        ..PLAIN
    },
    PlatformSpec {
        name: "vertex",
        title: "GCP Vertex AI",
        base_url: "https://{location}-aiplatform.googleapis.com/v1/projects/{project}/locations/{location}/publishers/google",
        key_variables: &["VERTEX_API_KEY"],
        places: &[PROJECT, LOCATION],
        naming: "gemini-2.5-flash",
        protocol: Protocol::Gemini,
        auth: Auth::Google,
        differs: "tokens live an hour and are renewed",
        ..PLAIN
    },
    PlatformSpec {
        name: "vertex-compatible",
        title: "GCP Vertex AI",
        base_url: "https://{location}-aiplatform.googleapis.com/v1/projects/{project}/locations/{location}/endpoints/openapi",
        key_variables: &["VERTEX_API_KEY"],
        places: &[PROJECT, LOCATION],
        naming: "google/gemini-2.5-flash",
        auth: Auth::Google,
        differs: "tokens live an hour and are renewed",
        ..PLAIN
    },
    PlatformSpec {
        name: "gemini",
        title: "Google Gemini",
        base_url: "https://generativelanguage.googleapis.com/v1beta",
        key_variables: &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
        naming: "gemini-2.5-flash",
        protocol: Protocol::Gemini,
        auth: Auth::Header("x-goog-api-key"),
        differs: "roles user and model; a blocked prompt is HTTP 200 without candidates",
        ..PLAIN
    },
    PlatformSpec {
        name: "gemini-compatible",
        title: "Google Gemini",
        base_url: "https://generativelanguage.googleapis.com/v1beta/openai",
        key_variables: &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
        naming: "gemini-2.5-flash",
        differs: "errors are Google's, sometimes in a list",
        ..PLAIN
    },
    PlatformSpec {
        name: "anthropic",
        title: "Anthropic",
        base_url: "https://api.anthropic.com",
        key_variables: &["ANTHROPIC_API_KEY"],
        url_variables: &["ANTHROPIC_BASE_URL"],
        naming: "claude-sonnet-4-6",
        protocol: Protocol::Anthropic,
        auth: Auth::Header("x-api-key"),
        can: PlatformCapabilities {
            json: JsonSupport::Tool,
            ..USUAL
        },
        differs: "max_tokens is a must; overload is HTTP 529",
        ..PLAIN
    },
    PlatformSpec {
        name: "anthropic-compatible",
        title: "Anthropic",
        base_url: "https://api.anthropic.com/v1",
        key_variables: &["ANTHROPIC_API_KEY"],
        naming: "claude-sonnet-4-6",
        can: PlatformCapabilities {
            json: JsonSupport::Tool,
            ..USUAL
        },
        differs: "meant for trying out, says the vendor",
        ..PLAIN
    },
    PlatformSpec {
        name: "deepseek",
        title: "DeepSeek",
        base_url: "https://api.deepseek.com",
        key_variables: &["DEEPSEEK_API_KEY"],
        naming: "deepseek-chat",
        can: PlatformCapabilities {
            json: JsonSupport::Object,
            ..USUAL
        },
        differs: "a busy server keeps the line open with comments, up to ten minutes",
        ..PLAIN
    },
    PlatformSpec {
        name: "qwen",
        title: "Qwen (Model Studio)",
        base_url: "https://dashscope.aliyuncs.com/compatible-mode/v1",
        key_variables: &["DASHSCOPE_API_KEY"],
        url_variables: &["DASHSCOPE_BASE_URL"],
        naming: "qwen-plus",
        differs: "keys belong to a region; abroad the host is dashscope-intl",
        ..PLAIN
    },
    PlatformSpec {
        name: "glm",
        title: "GLM (Z.AI, BigModel)",
        base_url: "https://open.bigmodel.cn/api/paas/v4",
        key_variables: &["ZAI_API_KEY", "BIGMODEL_API_KEY"],
        url_variables: &["ZAI_BASE_URL"],
        naming: "glm-4.6",
        can: PlatformCapabilities {
            json: JsonSupport::Object,
            ..USUAL
        },
        differs: "no balance is HTTP 429 with code 1113; abroad the base is https://api.z.ai/api/paas/v4",
        ..PLAIN
    },
    PlatformSpec {
        name: "ollama",
        title: "Ollama",
        base_url: "http://localhost:11434/v1",
        url_variables: &["OLLAMA_BASE_URL"],
        key_variables: &["OLLAMA_API_KEY"],
        naming: "name:tag, such as llama3.2:1b",
        differs: "on your machine; needs no key; cuts long prompts silently",
        ..PLAIN
    },
    PlatformSpec {
        name: "llamacpp",
        title: "llama.cpp",
        base_url: "http://127.0.0.1:8080/v1",
        url_variables: &["LLAMACPP_BASE_URL"],
        key_variables: &["LLAMA_API_KEY"],
        naming: "any name: one model is loaded",
        differs: "on your machine; needs no key; HTTP 503 while it loads",
        ..PLAIN
    },
];

const ENDPOINT: UrlVariable = UrlVariable {
    word: "endpoint",
    variables: &["AZURE_OPENAI_ENDPOINT"],
    default: None,
};
const VERSION: UrlVariable = UrlVariable {
    word: "version",
    variables: &["AZURE_OPENAI_API_VERSION", "OPENAI_API_VERSION"],
    default: Some("2024-10-21"),
};
