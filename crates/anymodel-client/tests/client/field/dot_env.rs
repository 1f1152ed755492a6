//! `.env` files, as editors and other programs write them.

use anymodel::Settings;
use anymodel::prelude::*;

use super::samples::{FOREIGN, folder};

const KEY: &str = "sk-or-v1-secret0123456789";

fn read(name: &str, dot_env: &[u8]) -> anymodel::Result<Settings> {
    Settings::from_file(folder(name, dot_env).join(".env"))
}

#[test]
fn a_dot_env_is_read_whatever_its_editor_made_of_it() {
    // https://github.com/allan2/dotenvy/issues/27
    let text = format!("# mine\r\nOPENROUTER_API_KEY={KEY}\r\nMAX_TOKENS=64\r\n");
    let utf16 = |mark: [u8; 2], write: fn(u16) -> [u8; 2]| {
        let units = text.encode_utf16().flat_map(write);
        mark.into_iter().chain(units).collect::<Vec<u8>>()
    };
    for (name, bytes) in [
        ("plain", text.clone().into_bytes()),
        ("mark", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
        ("unix", text.replace("\r\n", "\n").into_bytes()),
        ("no-end", text.trim_end().as_bytes().to_vec()),
        ("utf16-le", utf16([0xff, 0xfe], u16::to_le_bytes)),
        ("utf16-be", utf16([0xfe, 0xff], u16::to_be_bytes)),
    ] {
        let settings = read(name, &bytes).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(settings.max_tokens, Some(64), "{name}");
        assert!(settings.key.is_some(), "{name}");
    }
}

#[test]
fn lines_that_other_programs_read_are_passed_over() {
    for (number, line) in FOREIGN.into_iter().enumerate() {
        for text in [
            format!("{line}\nMAX_TOKENS=64\n"),
            format!("MAX_TOKENS=64\n{line}\n"),
            format!("{line}\r\nMAX_TOKENS=64\r\n{line}\r\n"),
        ] {
            let settings = read(&format!("foreign-{number}"), text.as_bytes());
            let settings = settings.unwrap_or_else(|error| panic!("{line}: {error:?}"));
            assert_eq!(settings.max_tokens, Some(64), "{line}");
        }
    }
    let all = format!("{}\nMAX_TOKENS=64\n\u{0}\n", FOREIGN.join("\n"));
    let latin = [all.as_bytes(), b"NAME=Jos\xe9\n"].concat();
    assert_eq!(read("foreign-all", &latin).unwrap().max_tokens, Some(64));
    // Values over several lines, and values that name others, are read as ever.
    let text = "A=\"one\n two\"\nMAX=6\nMAX_TOKENS=${MAX}4\nLABEL='it\nis'\n";
    assert_eq!(
        read("foreign-several", text.as_bytes()).unwrap().max_tokens,
        Some(64)
    );
}

#[test]
fn a_line_of_ours_that_cannot_be_read_is_an_error_that_names_it_and_not_its_value() {
    for line in [
        format!("OPENROUTER_API_KEY=\"{KEY}"),
        format!("OPENROUTER_API_KEY='{KEY}"),
        format!("OPENROUTER_API_KEY={KEY} and more"),
        format!("OPENROUTER_API_KEY: {KEY}"),
        format!("OPENROUTER_API_KEY {KEY}"),
        format!("export OPENROUTER_API_KEY {KEY}"),
    ] {
        for text in [line.clone(), format!("JUSTAWORD\n{line}\nMAX_TOKENS=64\n")] {
            let error = read("ours", text.as_bytes()).unwrap_err();
            let told = format!("{error:?}");
            assert_eq!(error.kind(), ErrorKind::Config, "{line}");
            assert!(
                told.contains("OPENROUTER_API_KEY") && told.contains("line"),
                "{told}"
            );
            assert!(!told.contains("secret"), "{told}");
        }
    }
}
