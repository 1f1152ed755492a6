//! AWS credentials: the access key from environment variables, or from the shared credentials file.
//!
//! The file is `~/.aws/credentials`, or the path in `AWS_SHARED_CREDENTIALS_FILE`. The profile is `default`, or the name in
//! `AWS_PROFILE`. Other sources of AWS's tools (single sign-on, roles, the metadata of a machine) are not read:
//! `aws configure export-credentials` copies their keys into the variables.

use std::path::{Path, PathBuf};

use aws_credential_types::Credentials;

use anymodel_types::{Error, ErrorKind, Result, words};

const ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET: &str = "AWS_SECRET_ACCESS_KEY";
const TOKEN: &str = "AWS_SESSION_TOKEN";

/// Finds the access key.
pub(super) fn find(get: &dyn Fn(&str) -> Option<String>) -> Result<Credentials> {
    let get = |name: &str| get(name).filter(|value| !value.trim().is_empty());
    match (get(ID), get(SECRET)) {
        (Some(id), Some(secret)) => {
            return key(
                &id,
                &secret,
                get(TOKEN).as_deref(),
                words::credentials().its_variable(),
            );
        }
        (Some(_), None) => return Err(half(SECRET, ID)),
        (None, Some(_)) => return Err(half(ID, SECRET)),
        (None, None) => {}
    }
    let profile = get("AWS_PROFILE");
    let named = get("AWS_SHARED_CREDENTIALS_FILE").map(PathBuf::from);
    let was_named = named.is_some() || profile.is_some();
    let home = get("HOME").or_else(|| get("USERPROFILE"));
    let Some(path) = named.or_else(|| Some(Path::new(&home?).join(".aws").join("credentials")))
    else {
        return Err(nothing());
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        // The path is the default and was not configured, so a missing file is no error by itself.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !was_named => {
            return Err(nothing());
        }
        Err(error) => {
            return Err(Error::new(
                ErrorKind::Config,
                words::credentials().cannot_read_awss_credentials_file(&path.display(), &error),
            )
            .with_hint(words::credentials().make_it_readable(&ID, &SECRET)));
        }
    };
    in_file(&text, profile.as_deref().unwrap_or("default"), &path)
}

fn in_file(text: &str, profile: &str, path: &Path) -> Result<Credentials> {
    let wrong = |what: String, hint: String| {
        Error::new(ErrorKind::Config, format!("{}: {what}", path.display())).with_hint(hint)
    };
    let (sections, entries) = entries(text, profile);
    if !sections.contains(&profile) {
        let known = if sections.is_empty() {
            words::credentials().it_has_none_at_all().to_owned()
        } else {
            words::credentials().it_has(&sections.join(", "))
        };
        return Err(wrong(
            words::credentials().there_is_no_profile(&profile, &known),
            words::credentials().set_aws_profile_to_one_of_them(
                &ID,
                &SECRET,
                &words::credentials().keys_from_elsewhere(),
            ),
        ));
    }
    let entry = |name: &str| {
        entries
            .iter()
            .rev()
            .find(|(known, value)| known.eq_ignore_ascii_case(name) && !value.is_empty())
            .map(|(_, value)| *value)
    };
    let part = |name: &str| {
        entry(name).ok_or_else(|| {
            wrong(
                words::credentials().profile_has_no(&profile, &name),
                words::credentials().add_it(
                    &ID,
                    &SECRET,
                    &words::credentials().keys_from_elsewhere(),
                ),
            )
        })
    };
    key(
        part("aws_access_key_id")?,
        part("aws_secret_access_key")?,
        entry("aws_session_token"),
        &words::credentials().the_profile(&profile),
    )
}

/// The names of all profiles, and the fields of one profile. A line is `[name]` or `name = value`; `#` and `;` begin a
/// comment at the start of a line.
fn entries<'a>(text: &'a str, profile: &str) -> (Vec<&'a str>, Vec<(&'a str, &'a str)>) {
    let mut sections = Vec::new();
    let mut entries = Vec::new();
    for line in text.trim_start_matches('\u{feff}').lines().map(str::trim) {
        if line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.split(']').next())
        {
            sections.push(name.trim());
        } else if let Some((name, value)) = line.split_once('=')
            && sections.last() == Some(&profile)
        {
            entries.push((name.trim(), value.trim()));
        }
    }
    (sections, entries)
}

fn key(id: &str, secret: &str, token: Option<&str>, place: &str) -> Result<Credentials> {
    let parts = [(ID, Some(id)), (SECRET, Some(secret)), (TOKEN, token)];
    for (name, part) in parts {
        let part = part.map(str::trim).unwrap_or_default();
        if part.chars().any(|c| !c.is_ascii_graphic()) {
            return Err(Error::new(
                ErrorKind::KeyMalformed,
                words::credentials().has_a_character_that_no_key_has(&name, &place),
            )
            .with_hint(words::credentials().copy_it_once_more()));
        }
    }
    let token = token.map(|token| token.trim().to_owned());
    Ok(Credentials::new(
        id.trim(),
        secret.trim(),
        token,
        None,
        "anymodel",
    ))
}

fn half(missing: &str, present: &str) -> Error {
    Error::new(
        ErrorKind::KeyMissing,
        words::credentials().one_is_set_and_one_is_not(&present, &missing),
    )
    .with_hint(words::credentials().aws_access_key_has_both_parts())
}

fn nothing() -> Error {
    Error::new(
        ErrorKind::KeyMissing,
        words::credentials().no_aws_key(&ID, &SECRET),
    )
    .with_hint(
        words::credentials().make_a_bedrock_api_key(&words::credentials().keys_from_elsewhere()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
# made by hand
[default]
aws_access_key_id = AKIDDEFAULT
aws_secret_access_key=c2VjcmV0/+=

[ work ]
  AWS_ACCESS_KEY_ID = AKIDWORK
  aws_secret_access_key = one=two
  aws_session_token = token
[roles]
role_arn = arn:aws:iam::123456789012:role/x
";

    fn read(profile: &str) -> Result<Credentials> {
        in_file(FILE, profile, Path::new("credentials"))
    }

    #[test]
    fn each_profile_has_its_own_key() {
        let default = read("default").unwrap();
        assert_eq!(default.access_key_id(), "AKIDDEFAULT");
        assert_eq!(default.secret_access_key(), "c2VjcmV0/+=");
        assert_eq!(default.session_token(), None);
        let work = read("work").unwrap();
        assert_eq!(work.access_key_id(), "AKIDWORK");
        assert_eq!(work.secret_access_key(), "one=two");
        assert_eq!(work.session_token(), Some("token"));
    }

    #[test]
    fn a_profile_without_a_key_is_named_with_what_to_do() {
        let missing = read("wrok").unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::Config);
        assert!(
            missing
                .to_string()
                .contains("no profile [wrok]; it has default, work, roles")
        );
        let role = read("roles").unwrap_err();
        assert!(
            role.to_string()
                .contains("the profile [roles] has no aws_access_key_id")
        );
        assert!(
            role.hint()
                .unwrap()
                .contains("aws configure export-credentials")
        );
    }

    #[test]
    fn variables_win_and_half_a_key_is_an_error() {
        let whole = find(&|name| match name {
            "AWS_ACCESS_KEY_ID" => Some("AKID".to_owned()),
            "AWS_SECRET_ACCESS_KEY" => Some(" secret ".to_owned()),
            "AWS_SHARED_CREDENTIALS_FILE" => Some("no such file".to_owned()),
            _ => None,
        });
        assert_eq!(whole.unwrap().secret_access_key(), "secret");
        let half = find(&|name| (name == ID).then(|| "AKID".to_owned())).unwrap_err();
        assert_eq!(half.kind(), ErrorKind::KeyMissing);
        assert_eq!(
            half.to_string(),
            "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not"
        );
        let split = find(&|name| (name == ID || name == SECRET).then(|| "two words".to_owned()));
        let split = split.unwrap_err();
        assert_eq!(split.kind(), ErrorKind::KeyMalformed);
        assert!(!split.to_string().contains("two words"));
    }

    #[test]
    fn no_key_anywhere_says_which_variables_are_looked_for() {
        let error = find(&|_| None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::KeyMissing);
        assert!(error.to_string().contains("AWS_BEARER_TOKEN_BEDROCK"));
        // A configured file that is missing is a different error.
        let named = find(&|name| {
            (name == "AWS_SHARED_CREDENTIALS_FILE").then(|| "no/such/file".to_owned())
        });
        assert_eq!(named.unwrap_err().kind(), ErrorKind::Config);
    }
}
