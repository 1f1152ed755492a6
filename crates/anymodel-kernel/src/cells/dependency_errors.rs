//! Error messages of `:dep`: Cargo's errors, rewritten because Cargo names a package that is internal to the kernel.

use crate::preflight::network;

/// The message when the crates `names` cannot be added and Cargo printed `words`.
pub(super) fn explain(names: &str, words: &str) -> String {
    let what = format!("{names} cannot be added");
    if network::is_to_blame(words) {
        return format!(
            "{what}: cargo cannot reach the network\n\
             why: the crate was not fetched on this machine before\n\
             hint: check the connection and run the cell again; behind a proxy set HTTPS_PROXY before Jupyter starts"
        );
    }
    let told = no_version(words)
        .or_else(|| no_crate(words))
        .or_else(|| no_feature(words))
        .or_else(|| no_requirement(words));
    match told {
        Some(told) => format!("{what}: {told}"),
        None => {
            let is_foreign = |line: &&str| !line.contains("required by package `lesson");
            let lines: Vec<&str> = words.lines().filter(is_foreign).collect();
            format!("{what}: {}", lines.join("\n"))
        }
    }
}

fn no_version(words: &str) -> Option<String> {
    let wanted = between(words, "for the requirement `", "`")?;
    let (name, version) = wanted.split_once(" = ")?;
    let version = version.trim_matches('"').trim_start_matches('^');
    let there = line_after(words, "candidate versions found which didn't match:");
    let there = there.map_or(String::new(), |there| {
        format!("; there are {}", there.trim_end_matches(", ..."))
    });
    Some(format!("no version of `{name}` is {version}{there}"))
}

fn no_crate(words: &str) -> Option<String> {
    let name = between(words, "no matching package named `", "`")?;
    let place = line_after(words, "location searched:").unwrap_or("crates.io index");
    let place = if place == "crates.io index" {
        "crates.io"
    } else {
        place
    };
    Some(format!("no crate `{name}` is at {place}"))
}

fn no_feature(words: &str) -> Option<String> {
    let feature = between(words, "with feature `", "`")?;
    let name = between(words, "but `", "` does not have that feature")?;
    let there = line_after(words, "available features:");
    let there = there.map_or(String::new(), |there| format!("; it has {there}"));
    Some(format!("`{name}` has no feature `{feature}`{there}"))
}

fn no_requirement(words: &str) -> Option<String> {
    let version = between(words, "failed to parse the version requirement `", "`")?;
    Some(format!(
        "`{version}` is no version; one is written as in `\"1.2\"`"
    ))
}

fn between<'a>(words: &'a str, before: &str, behind: &str) -> Option<&'a str> {
    let (_, rest) = words.split_once(before)?;
    Some(rest.split_once(behind)?.0)
}

fn line_after<'a>(words: &'a str, before: &str) -> Option<&'a str> {
    let (_, rest) = words.split_once(before)?;
    Some(rest.lines().next()?.trim())
}
