//! A plan as text: the shell line of `--dry-run`, the formats of `--print-env`, the origins of `--verbose`.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use anyhow::Context as _;

use crate::cli::EnvFormat;
use crate::entry::program;
use crate::error::Failure;
use crate::invocation::Invocation;
use crate::launch::Launch;
use crate::message;
use crate::plan::{BridgeEntry, Changes, LibraryPath, Start};
use crate::settings::Settings;
use crate::shell::{assignment, quote};

/// Prints to stdout, through a descriptor of its own: `std`'s takes a closed one for a good one, and the words would be lost
/// without a word.
///
/// # Errors
/// When stdout can't be written.
pub fn out(text: impl AsRef<[u8]>) -> anyhow::Result<()> {
    let write = || File::from(io::stdout().as_fd().try_clone_to_owned()?).write_all(text.as_ref());
    write().context("stdout can't be written")
}

/// The launch as a shell line that does the same when pasted. A subshell keeps the user's own where it is; `exec` keeps
/// builtins and functions of the command's name out of it, and `env` those of zsh, whose `exec` takes them first.
pub fn shell_line(launch: &Launch, invocation: &Invocation) -> String {
    let Launch { target, changes, .. } = launch;
    let mut line = String::from("(");
    if let Some(directory) = changes.start.directory() {
        line += &format!("cd {} && ", quote(directory));
    }
    for (name, value) in changes.variables() {
        line += &match (name, &changes.python_path.bridge) {
            ("PYTHONPATH", Some(BridgeEntry::Unbuilt)) => unbuilt_python_path(launch, invocation),
            _ => assignment(name, value),
        };
        line.push(' ');
    }
    line.push_str("exec");
    line.push_str(match target.words.first().map_or(b"".as_slice(), |name| name.as_bytes()) {
        // A path is no builtin. A name with `=` is none either, and `env` would take it for a variable.
        name if name.contains(&b'/') || name.contains(&b'=') => "",
        [b'-', ..] => " env --",
        _ => " env",
    });
    for word in &target.words {
        line.push(' ');
        line.push_str(&quote(word));
    }
    line.push_str(")\n");
    line
}

/// The assignment of a PYTHONPATH whose bridge the line builds itself.
fn unbuilt_python_path(launch: &Launch, invocation: &Invocation) -> String {
    let changes = &launch.changes;
    let keeps_directory = match changes.start {
        Start::Chdir(_) | Start::NoChdir => " --no-chdir",
        Start::Root(_) | Start::Here => "",
    };
    let own = quote(program::own_command(invocation));
    let build = format!("\"$({own} --root {}{keeps_directory} --prepare)\"", quote(&launch.root.path));
    let entries = changes.python_path.entries().map(|(_, path)| path.map_or(build.clone(), quote));
    format!("PYTHONPATH={}", entries.collect::<Vec<_>>().join(":"))
}

/// With `--verbose`, where every part of the launch came from, on stderr.
pub fn verbose(launch: &Launch, settings: &Settings) {
    if !settings.verbose {
        return;
    }
    let Launch { root, target, changes, .. } = launch;
    message::note(format!("root: {} ({})", quote(&root.path), root.source));
    let version = target.version.map_or(String::new(), |version| format!(", Python {version}"));
    message::note(format!("program: {} ({}{version})", quote(&target.program), target.source));
    message::note(match &changes.start {
        Start::Root(directory) => format!("directory: {} (the root)", quote(directory)),
        Start::Chdir(directory) => format!("directory: {} (--chdir)", quote(directory)),
        Start::NoChdir => "directory: unchanged (--no-chdir)".into(),
        Start::Here => "directory: unchanged".into(),
    });
    for (part, entry) in changes.python_path.entries() {
        message::note(match entry {
            Some(entry) => format!("PYTHONPATH: {} ({part})", quote(entry)),
            None => format!("PYTHONPATH: {part}, which is not there yet and which the line builds"),
        });
    }
    for (source, entry) in changes.library_path.iter().flat_map(LibraryPath::entries) {
        message::note(format!("LD_LIBRARY_PATH: {} ({source})", quote(entry)));
    }
}

/// The variables, and where the format has one the working directory.
///
/// # Errors
/// When a value has bytes that the format can't hold.
pub fn variables(changes: &Changes, format: EnvFormat) -> Result<String, Failure> {
    formatted(&changes.variables(), changes.start.directory().map(Path::as_os_str), format)
}

fn formatted(
    variables: &[(&'static str, OsString)],
    directory: Option<&OsStr>,
    format: EnvFormat,
) -> Result<String, Failure> {
    let mut lines = String::new();
    let mut line = |text: String| {
        lines.push_str(&text);
        lines.push('\n');
    };
    match format {
        EnvFormat::Sh => {
            for (name, value) in variables {
                line(format!("export {}", assignment(name, value)));
            }
        }
        EnvFormat::Docker => {
            for (name, value) in variables {
                line(format!("ENV {name}=\"{}\"", docker(one_line(name, value, "docker")?)));
            }
            if let Some(directory) = directory {
                let text = one_line("the working directory", directory, "docker")?;
                line(format!("WORKDIR \"{}\"", docker(text)));
            }
        }
        EnvFormat::Systemd => {
            if let Some(directory) = directory {
                let text = one_line("the working directory", directory, "systemd")?;
                line(format!("WorkingDirectory={}", text.replace('%', "%%")));
            }
            for (name, value) in variables {
                line(format!("Environment=\"{name}={}\"", systemd(one_line(name, value, "systemd")?)));
            }
        }
        EnvFormat::Dotenv => {
            for (name, value) in variables {
                line(format!("{name}={}", dotenv(name, one_line(name, value, "dotenv")?)?));
            }
        }
        EnvFormat::Json => line(json(variables, directory)?),
    }
    Ok(lines)
}

fn text<'v>(name: &str, value: &'v OsStr, format: &str) -> Result<&'v str, Failure> {
    value.to_str().ok_or_else(|| {
        Failure::new(format!("{format} is text, and {name} is not UTF-8: {}", quote(value)))
            .hint("--print-env=sh can write every byte")
    })
}

fn one_line<'v>(name: &str, value: &'v OsStr, format: &str) -> Result<&'v str, Failure> {
    let text = text(name, value, format)?;
    if text.chars().any(char::is_control) {
        return Err(Failure::new(format!(
            "{format} can't hold the control characters of {name}: {}",
            quote(value)
        ))
        .hint("--print-env=sh can write every byte"));
    }
    Ok(text)
}

/// A double-quoted value: Docker expands `$` and takes `\` as the escape, in `ENV` and in `WORKDIR`.
fn docker(text: &str) -> String {
    escape(text, &['"', '\\', '$'])
}

/// A double-quoted word of systemd.syntax(7), in which `%` begins a specifier.
fn systemd(text: &str) -> String {
    escape(text, &['"', '\\']).replace('%', "%%")
}

/// Bare where all readers agree, since Docker's `--env-file` knows no quotes; Compose expands `$` in it, and python-dotenv
/// cuts it off at a comment. Else in single quotes, where both take nearly all literally.
fn dotenv(name: &str, text: &str) -> Result<String, Failure> {
    let is_cut = text.ends_with(char::is_whitespace)
        || text.match_indices('#').any(|(at, _)| text[..at].ends_with(char::is_whitespace));
    if !text.contains('$') && !is_cut {
        return Ok(text.to_owned());
    }
    // python-dotenv expands `${` in single quotes, too, and reads two backslashes as one, which Compose does not.
    if text.contains("${") || text.contains('\\') {
        return Err(Failure::new(format!(
            "dotenv can't hold {name}, which its readers take apart: {}",
            quote(text)
        ))
        .hint("--print-env=sh can write every byte"));
    }
    Ok(format!("'{}'", escape(text, &['\''])))
}

fn escape(text: &str, special: &[char]) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        if special.contains(&char) {
            escaped.push('\\');
        }
        escaped.push(char);
    }
    escaped
}

fn json(variables: &[(&'static str, OsString)], directory: Option<&OsStr>) -> Result<String, Failure> {
    let mut environment = serde_json::Map::new();
    for (name, value) in variables {
        environment.insert((*name).to_owned(), text(name, value, "json")?.into());
    }
    let directory =
        directory.map(|directory| text("the working directory", directory, "json")).transpose()?;
    Ok(format!("{:#}", serde_json::json!({ "cwd": directory, "env": environment })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStringExt;

    fn printed_bytes(root: &[u8], format: EnvFormat) -> Result<String, Failure> {
        let root = OsString::from_vec(root.to_vec());
        formatted(&[("HEYGEM_DIR", root.clone())], Some(&root), format)
    }

    fn printed(root: &str, format: EnvFormat) -> String {
        printed_bytes(root.as_bytes(), format).expect("printable")
    }

    #[test]
    fn every_format_quotes_by_its_own_rules() {
        use EnvFormat::{Docker, Dotenv, Json, Sh, Systemd};
        let table = [
            ("/app/sdk", Sh, "export HEYGEM_DIR=/app/sdk\n"),
            ("/a b", Sh, "export HEYGEM_DIR='/a b'\n"),
            ("/a\nb", Sh, "export HEYGEM_DIR=$'/a\\nb'\n"),
            ("/app/sdk", Docker, "ENV HEYGEM_DIR=\"/app/sdk\"\nWORKDIR \"/app/sdk\"\n"),
            ("/a \"$b\\", Docker, "ENV HEYGEM_DIR=\"/a \\\"\\$b\\\\\"\nWORKDIR \"/a \\\"\\$b\\\\\"\n"),
            ("/a %b\"", Systemd, "WorkingDirectory=/a %%b\"\nEnvironment=\"HEYGEM_DIR=/a %%b\\\"\"\n"),
            ("/app/sdk", Dotenv, "HEYGEM_DIR=/app/sdk\n"),
            ("/数字人", Dotenv, "HEYGEM_DIR=/数字人\n"),
            ("/a b'\"\\#c", Dotenv, "HEYGEM_DIR=/a b'\"\\#c\n"),
            ("/a b'$c", Dotenv, "HEYGEM_DIR='/a b\\'$c'\n"),
            ("/a #c", Dotenv, "HEYGEM_DIR='/a #c'\n"),
            ("/a ", Dotenv, "HEYGEM_DIR='/a '\n"),
            (
                "/a\"b",
                Json,
                "{\n  \"cwd\": \"/a\\\"b\",\n  \"env\": {\n    \"HEYGEM_DIR\": \"/a\\\"b\"\n  }\n}\n",
            ),
        ];
        for (root, format, expected) in table {
            assert_eq!(printed(root, format), expected);
        }
    }

    #[test]
    fn what_a_format_cannot_hold_is_an_error_that_names_one_that_can() {
        for format in [EnvFormat::Docker, EnvFormat::Systemd, EnvFormat::Dotenv, EnvFormat::Json] {
            let error = printed_bytes(b"/\xff", format).expect_err("not text").to_string();
            assert!(error.contains(r"not UTF-8: $'/\xff'") && error.contains("--print-env=sh"), "{error}");
        }
        for format in [EnvFormat::Docker, EnvFormat::Systemd, EnvFormat::Dotenv] {
            let error = printed_bytes(b"/a\nb", format).expect_err("two lines").to_string();
            assert!(error.contains("control characters"), "{error}");
        }
        for root in ["/${HOME}", "/$a\\b", "/a\\ #b"] {
            let error = printed_bytes(root.as_bytes(), EnvFormat::Dotenv).expect_err(root).to_string();
            assert!(error.contains("take apart") && error.contains("--print-env=sh"), "{error}");
        }
        assert_eq!(
            printed_bytes(b"/\xff", EnvFormat::Sh).expect("any byte"),
            "export HEYGEM_DIR=$'/\\xff'\n"
        );
    }
}
