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
    naming: |_| "",
    protocol: Protocol::OpenAi,
    auth: Auth::Bearer,
    can: USUAL,
    differs: |_| "",
};

pub(super) static TABLE: &[PlatformSpec] = &[
    PlatformSpec {
        name: "openrouter",
        title: "OpenRouter",
        base_url: "https://openrouter.ai/api/v1",
        key_variables: &["OPENROUTER_API_KEY"],
        url_variables: &["OPENROUTER_BASE_URL"],
        naming: |words| words.author_model(),
        protocol: Protocol::OpenRouter,
        can: PlatformCapabilities {
            cost_in_answer: true,
            server_fallback: true,
            ..USUAL
        },
        differs: |words| words.chooses_models_and_hosts_by_itself(),
        ..PLAIN
    },
    PlatformSpec {
        name: "openrouter-compatible",
        title: "OpenRouter",
        base_url: "https://openrouter.ai/api/v1",
        key_variables: &["OPENROUTER_API_KEY"],
        url_variables: &["OPENROUTER_BASE_URL"],
        naming: |words| words.author_model(),
        can: PlatformCapabilities {
            cost_in_answer: true,
            ..USUAL
        },
        differs: |words| words.openais_fields_alone(),
        ..PLAIN
    },
    PlatformSpec {
        name: "zenmux",
        title: "ZenMux",
        base_url: "https://zenmux.ai/api/v1",
        key_variables: &["ZENMUX_API_KEY"],
        naming: |words| words.provider_model(),
        differs: |words| words.refused_key_is_http_403(),
        ..PLAIN
    },
    PlatformSpec {
        name: "openai",
        title: "OpenAI",
        base_url: "https://api.openai.com/v1",
        key_variables: &["OPENAI_API_KEY"],
        url_variables: &["OPENAI_BASE_URL"],
        naming: |_| "gpt-4o-mini",
        differs: |words| words.empty_account_is_http_429_insufficient_quota(),
        ..PLAIN
    },
    PlatformSpec {
        name: "azure",
        title: "Azure OpenAI",
        base_url: "{endpoint}/openai/v1",
        key_variables: &["AZURE_OPENAI_API_KEY", "AZURE_API_KEY"],
        places: &[ENDPOINT],
        naming: |words| words.name_of_your_deployment(),
        auth: Auth::Header("api-key"),
        differs: |words| words.filters_prompts_itself(),
        ..PLAIN
    },
    PlatformSpec {
        name: "azure-legacy",
        title: "Azure OpenAI",
        base_url: "{endpoint}/openai/deployments/{model}/chat/completions?api-version={version}",
        key_variables: &["AZURE_OPENAI_API_KEY", "AZURE_API_KEY"],
        places: &[ENDPOINT, VERSION],
        naming: |words| words.name_of_your_deployment_in_the_address(),
        auth: Auth::Header("api-key"),
        differs: |words| words.address_of_before_august_2025(),
        ..PLAIN
    },
    PlatformSpec {
        name: "bedrock",
        title: "AWS Bedrock",
        base_url: "https://bedrock-runtime.{region}.amazonaws.com",
        key_variables: &["AWS_BEARER_TOKEN_BEDROCK"],
        places: &[REGION],
        naming: |words| words.vendor_model_version(),
        protocol: Protocol::Converse,
        auth: Auth::Aws,
        can: PlatformCapabilities {
            json: JsonSupport::Tool,
            ..USUAL
        },
        differs: |words| words.streams_in_binary_frames_of_aws(),
        ..PLAIN
    },
    PlatformSpec {
        name: "bedrock-compatible",
        title: "AWS Bedrock",
        base_url: "https://bedrock-runtime.{region}.amazonaws.com/openai/v1",
        key_variables: &["AWS_BEARER_TOKEN_BEDROCK"],
        places: &[REGION],
        naming: |_| "openai.gpt-oss-120b-1:0",
        auth: Auth::Aws,
        differs: |words| words.only_models_in_openais_form(),
        ..PLAIN
    },
    PlatformSpec {
        name: "vertex",
        title: "GCP Vertex AI",
        base_url: "https://{location}-aiplatform.googleapis.com/v1/projects/{project}/locations/{location}/publishers/google",
        key_variables: &["VERTEX_API_KEY"],
        places: &[PROJECT, LOCATION],
        naming: |_| "gemini-2.5-flash",
        protocol: Protocol::Gemini,
        auth: Auth::Google,
        differs: |words| words.tokens_live_an_hour_and_are_renewed(),
        ..PLAIN
    },
    PlatformSpec {
        name: "vertex-compatible",
        title: "GCP Vertex AI",
        base_url: "https://{location}-aiplatform.googleapis.com/v1/projects/{project}/locations/{location}/endpoints/openapi",
        key_variables: &["VERTEX_API_KEY"],
        places: &[PROJECT, LOCATION],
        naming: |_| "google/gemini-2.5-flash",
        auth: Auth::Google,
        differs: |words| words.tokens_live_an_hour_and_are_renewed(),
        ..PLAIN
    },
    PlatformSpec {
        name: "gemini",
        title: "Google Gemini",
        base_url: "https://generativelanguage.googleapis.com/v1beta",
        key_variables: &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
        naming: |_| "gemini-2.5-flash",
        protocol: Protocol::Gemini,
        auth: Auth::Header("x-goog-api-key"),
        differs: |words| words.roles_user_and_model(),
        ..PLAIN
    },
    PlatformSpec {
        name: "gemini-compatible",
        title: "Google Gemini",
        base_url: "https://generativelanguage.googleapis.com/v1beta/openai",
        key_variables: &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
        naming: |_| "gemini-2.5-flash",
        differs: |words| words.errors_are_googles(),
        ..PLAIN
    },
    PlatformSpec {
        name: "anthropic",
        title: "Anthropic",
        base_url: "https://api.anthropic.com",
        key_variables: &["ANTHROPIC_API_KEY"],
        url_variables: &["ANTHROPIC_BASE_URL"],
        naming: |_| "claude-sonnet-4-6",
        protocol: Protocol::Anthropic,
        auth: Auth::Header("x-api-key"),
        can: PlatformCapabilities {
            json: JsonSupport::Tool,
            ..USUAL
        },
        differs: |words| words.max_tokens_is_a_must(),
        ..PLAIN
    },
    PlatformSpec {
        name: "anthropic-compatible",
        title: "Anthropic",
        base_url: "https://api.anthropic.com/v1",
        key_variables: &["ANTHROPIC_API_KEY"],
        naming: |_| "claude-sonnet-4-6",
        can: PlatformCapabilities {
            json: JsonSupport::Tool,
            ..USUAL
        },
        differs: |words| words.meant_for_trying_out(),
        ..PLAIN
    },
    PlatformSpec {
        name: "deepseek",
        title: "DeepSeek",
        base_url: "https://api.deepseek.com",
        key_variables: &["DEEPSEEK_API_KEY"],
        naming: |_| "deepseek-chat",
        can: PlatformCapabilities {
            json: JsonSupport::Object,
            ..USUAL
        },
        differs: |words| words.busy_server_keeps_the_line_open_with_comments(),
        ..PLAIN
    },
    PlatformSpec {
        name: "qwen",
        title: "Qwen (Model Studio)",
        base_url: "https://dashscope.aliyuncs.com/compatible-mode/v1",
        key_variables: &["DASHSCOPE_API_KEY"],
        url_variables: &["DASHSCOPE_BASE_URL"],
        naming: |_| "qwen-plus",
        differs: |words| words.keys_belong_to_a_region(),
        ..PLAIN
    },
    PlatformSpec {
        name: "glm",
        title: "GLM (Z.AI, BigModel)",
        base_url: "https://open.bigmodel.cn/api/paas/v4",
        key_variables: &["ZAI_API_KEY", "BIGMODEL_API_KEY"],
        url_variables: &["ZAI_BASE_URL"],
        naming: |_| "glm-4.6",
        can: PlatformCapabilities {
            json: JsonSupport::Object,
            ..USUAL
        },
        differs: |words| words.no_balance_is_http_429_with_code_1113(),
        ..PLAIN
    },
    PlatformSpec {
        name: "ollama",
        title: "Ollama",
        base_url: "http://localhost:11434/v1",
        url_variables: &["OLLAMA_BASE_URL"],
        key_variables: &["OLLAMA_API_KEY"],
        naming: |words| words.name_tag(),
        differs: |words| words.on_your_machine_and_cuts_prompts(),
        ..PLAIN
    },
    PlatformSpec {
        name: "llamacpp",
        title: "llama.cpp",
        base_url: "http://127.0.0.1:8080/v1",
        url_variables: &["LLAMACPP_BASE_URL"],
        key_variables: &["LLAMA_API_KEY"],
        naming: |words| words.any_name(),
        differs: |words| words.on_your_machine_and_busy_while_loading(),
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
