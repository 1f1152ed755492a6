//! AWS Signature Version 4, through AWS's own crate `aws-sigv4`.
//!
//! It signs the URL, the body, the host, the content type and AWS's own headers. A proxy may change any other header
//! without breaking the signature.

use std::fmt;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use futures_util::future::BoxFuture;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};

use super::Signer;
use crate::{PlatformError, PlatformResult};
use anymodel_types::{ErrorKind, words};

/// The service name in the signature for Bedrock's runtime.
/// <https://docs.aws.amazon.com/general/latest/gr/bedrock.html>
const SERVICE: &str = "bedrock";

/// The signer for one region with one access key.
pub(super) struct SigV4 {
    // AWS's own type: it wipes its memory when dropped, and its `Debug` hides the secret.
    credentials: Credentials,
    region: String,
    service: &'static str,
    clock: fn() -> SystemTime,
}

impl SigV4 {
    pub(super) fn new(region: &str, credentials: Credentials) -> Self {
        SigV4 {
            credentials,
            region: region.to_owned(),
            service: SERVICE,
            clock: SystemTime::now,
        }
    }

    fn put_signature(&self, request: &mut reqwest::Request) -> Result<(), String> {
        request.headers_mut().remove(AUTHORIZATION);
        let identity = self.credentials.clone().into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(self.service)
            .time((self.clock)())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| error.to_string())?
            .into();
        let body = match request.body() {
            Some(body) => body.as_bytes().ok_or("the body is a stream")?,
            None => &[],
        };
        let content_type = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .map(|value| (CONTENT_TYPE.as_str(), value));
        let signable = SignableRequest::new(
            request.method().as_str(),
            request.url().as_str(),
            content_type.into_iter(),
            SignableBody::Bytes(body),
        )
        .map_err(|error| error.to_string())?;
        let (instructions, _) = sign(signable, &params)
            .map_err(|error| error.to_string())?
            .into_parts();
        let (headers, _) = instructions.into_parts();
        for header in headers {
            let mut value =
                HeaderValue::from_str(header.value()).map_err(|error| error.to_string())?;
            // `aws-sigv4` marks only some headers as sensitive; without this, logs would show the signature.
            value.set_sensitive(header.name() != "x-amz-date");
            request
                .headers_mut()
                .insert(HeaderName::from_static(header.name()), value);
        }
        Ok(())
    }
}

impl Signer for SigV4 {
    fn sign<'a>(&'a self, request: &'a mut reqwest::Request) -> BoxFuture<'a, PlatformResult<()>> {
        let signed = self.put_signature(request).map_err(|why| {
            Box::new(PlatformError::new(
                ErrorKind::Config,
                words::credentials().request_cannot_be_signed_for_aws(&why),
            ))
        });
        Box::pin(std::future::ready(signed))
    }
}

impl fmt::Debug for SigV4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigV4")
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    const KEY: &str = "AKIDEXAMPLE";
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    /// 30 August 2015, 12:36:00 UTC: the time in AWS's examples.
    fn then() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_440_938_160)
    }

    fn signed(signer: &SigV4, mut request: reqwest::Request) -> reqwest::Request {
        let mut request_now = futures_util::FutureExt::now_or_never(signer.sign(&mut request));
        request_now.take().unwrap().unwrap();
        request
    }

    fn signer(token: Option<&str>, service: &'static str) -> SigV4 {
        let credentials = Credentials::new(KEY, SECRET, token.map(str::to_owned), None, "test");
        SigV4 {
            service,
            clock: then,
            ..SigV4::new("us-east-1", credentials)
        }
    }

    fn header<'a>(request: &'a reqwest::Request, name: &str) -> &'a str {
        request.headers()[name].to_str().unwrap()
    }

    fn request(method: reqwest::Method, url: &str) -> reqwest::Request {
        reqwest::Request::new(method, url.parse().unwrap())
    }

    #[test]
    fn a_request_is_signed_as_in_the_published_suite() {
        // `post-vanilla` and `get-vanilla-with-session-token` of AWS's "Signature Version 4 test suite".
        let asked = request(reqwest::Method::POST, "https://example.amazonaws.com/");
        let post = signed(&signer(None, "service"), asked);
        assert_eq!(
            header(&post, "authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, \
             Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
        );
        assert_eq!(header(&post, "x-amz-date"), "20150830T123600Z");

        let token = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
        let asked = request(reqwest::Method::GET, "https://example.amazonaws.com/");
        let get = signed(&signer(Some(token), "service"), asked);
        assert!(header(&get, "authorization").ends_with(
            "Signature=07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"
        ));
        assert_eq!(header(&get, "x-amz-security-token"), token);
    }

    #[test]
    fn a_converse_request_is_signed_as_botocore_signs_it() {
        // Recorded with botocore 1.44.5: SigV4Auth(Credentials(KEY, SECRET), "bedrock", "us-east-1") over the same request
        // at the same time. The colon of the model's name is encoded in the URL, and encoded again for the signature.
        let url = "https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-x-20260101-v1%3A0/converse";
        let mut asked = request(reqwest::Method::POST, url);
        *asked.body_mut() =
            Some(r#"{"messages":[{"role":"user","content":[{"text":"Grüße"}]}]}"#.into());
        let headers = asked.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        // The signature must cover neither a bearer key of another source nor headers that proxies change.
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer other"));
        headers.insert("accept", HeaderValue::from_static("*/*"));
        let post = signed(&signer(None, SERVICE), asked);
        assert_eq!(
            header(&post, "authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/bedrock/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, \
             Signature=7ee10d1c9465581de1a5d264e6ebbb5c15289b0e19cb46690520bda0f009e3c8"
        );
    }

    #[test]
    fn the_secret_shows_nowhere() {
        let signer = signer(Some("a-session-token"), SERVICE);
        let shown = format!("{signer:?}");
        assert!(
            !shown.contains(SECRET) && !shown.contains("a-session-token"),
            "{shown}"
        );
        let asked = request(reqwest::Method::POST, "https://example.amazonaws.com/");
        let shown = format!("{:?}", signed(&signer, asked));
        assert!(
            !shown.contains(SECRET) && !shown.contains("a-session-token"),
            "{shown}"
        );
        assert!(!shown.contains("Signature="), "{shown}");
    }
}
