//! A plan as text: the shell line of `--dry-run`, the formats of `--print-env`, the origins of `--verbose`.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use anyhow::Context as _;

use crate::bridge;
use crate::cli::Format;
use crate::error::Failure;
use crate::message;
use crate::plan::{Changes, Plan};
use crate::root::Root;
use crate::shell::{assignment, quote};
use crate::target::Target;

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
/// builtins and functions of the command's name out of it.
///
/// But zsh's `exec` takes its own builtin before a program, and has no word against it that another shell knows: `env`, which
/// has no builtins, stands before such a name.
///
/// `prepare` is the command that builds the bridge and prints where, for a bridge that is not there yet.
pub fn shell_line(plan: &Plan, prepare: Option<&str>) -> String {
    let mut line = String::from("(");
    if let Some(directory) = &plan.changes.directory {
        line.push_str(&format!("cd {} && ", quote(directory)));
    }
    for (name, value) in &plan.changes.variables {
        line.push_str(&assignment(name, value));
        match prepare {
            Some(prepare) if *name == "PYTHONPATH" => line.push_str(&format!(":\"$({prepare})\"")),
            _ => {}
        }
        line.push(' ');
    }
    line.push_str("exec");
    if plan.words.first().is_some_and(|name| is_builtin_of_zsh(name)) {
        line.push_str(" env");
    }
    for word in &plan.words {
        line.push(' ');
        line.push_str(&quote(word));
    }
    line.push_str(")\n");
    line
}

/// What `print -l ${(k)builtins}` lists in `zsh -f`, without what only completions and the line editor call.
fn is_builtin_of_zsh(name: &OsStr) -> bool {
    const BUILTINS: &str = ". : [ alias autoload bg bindkey break builtin bye cd chdir command continue declare dirs disable \
        disown echo echotc echoti emulate enable eval exec exit export false fc fg float functions getln getopts hash history \
        integer jobs kill let limit local log logout noglob popd print printf private pushd pushln pwd r read readonly rehash \
        return sched set setopt shift source suspend test times trap true ttyctl type typeset ulimit umask unalias unfunction \
        unhash unlimit unset unsetopt vared wait whence where which zcompile zle zmodload zstyle";
    name.to_str().is_some_and(|name| BUILTINS.split_whitespace().any(|builtin| builtin == name))
}

/// Where every part of the launch came from, on stderr.
pub fn origins(root: &Root, target: &Target, changes: &Changes) {
    message::note(format!("root: {} ({})", quote(&root.path), root.origin));
    let version = target.version.map_or(String::new(), |version| format!(", Python {version}"));
    message::note(format!("program: {} ({}{version})", quote(&target.program), target.origin));
    message::note(match &changes.directory {
        Some(directory) if *directory == root.path => format!("directory: {} (the root)", quote(directory)),
        Some(directory) => format!("directory: {} (--chdir)", quote(directory)),
        None => "directory: unchanged (--no-chdir)".into(),
    });
    for (name, list) in changes.variables.iter().filter(|(name, _)| *name == "PYTHONPATH") {
        for entry in
            list.as_bytes().split(|&byte| byte == b':').map(|entry| Path::new(OsStr::from_bytes(entry)))
        {
            message::note(format!("{name}: {} ({})", quote(entry), origin_of(entry, root)));
        }
    }
}

fn origin_of(entry: &Path, root: &Root) -> &'static str {
    match entry {
        _ if entry == root.path => "the root",
        _ if Some(entry) == root.path.parent() => "its parent",
        _ if bridge::is_bridge(entry) => "the bridge",
        _ => "inherited",
    }
}

/// The variables, and where the format has one the working directory.
///
/// # Errors
/// When a value has bytes that the format can't hold.
pub fn variables(changes: &Changes, format: Format) -> Result<String, Failure> {
    let directory = changes.directory.as_ref().map(|path| path.as_os_str());
    let mut lines = String::new();
    let mut line = |text: String| {
        lines.push_str(&text);
        lines.push('\n');
    };
    match format {
        Format::Sh => {
            for (name, value) in &changes.variables {
                line(format!("export {}", assignment(name, value)));
            }
        }
        Format::Docker => {
            for (name, value) in &changes.variables {
                line(format!("ENV {name}=\"{}\"", docker(one_line(name, value, "docker")?)));
            }
            if let Some(directory) = directory {
                let text = one_line("the working directory", directory, "docker")?;
                line(format!("WORKDIR \"{}\"", docker(text)));
            }
        }
        Format::Systemd => {
            if let Some(directory) = directory {
                let text = one_line("the working directory", directory, "systemd")?;
                line(format!("WorkingDirectory={}", text.replace('%', "%%")));
            }
            for (name, value) in &changes.variables {
                line(format!("Environment=\"{name}={}\"", systemd(one_line(name, value, "systemd")?)));
            }
        }
        Format::Dotenv => {
            for (name, value) in &changes.variables {
                line(format!("{name}={}", dotenv(name, one_line(name, value, "dotenv")?)?));
            }
        }
        Format::Json => line(json(changes, directory)?),
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

fn json(changes: &Changes, directory: Option<&OsStr>) -> Result<String, Failure> {
    let mut environment = serde_json::Map::new();
    for (name, value) in &changes.variables {
        environment.insert((*name).to_owned(), text(name, value, "json")?.into());
    }
    let directory =
        directory.map(|directory| text("the working directory", directory, "json")).transpose()?;
    Ok(format!("{:#}", serde_json::json!({ "cwd": directory, "env": environment })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;

    fn changes(root: &[u8]) -> Changes {
        let root = OsString::from_vec(root.to_vec());
        Changes { directory: Some(root.clone().into()), variables: vec![("HEYGEM_DIR", root)] }
    }

    fn printed(root: &str, format: Format) -> String {
        variables(&changes(root.as_bytes()), format).expect("printable")
    }

    #[test]
    fn every_format_quotes_by_its_own_rules() {
        use Format::{Docker, Dotenv, Json, Sh, Systemd};
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
        for format in [Format::Docker, Format::Systemd, Format::Dotenv, Format::Json] {
            let error = variables(&changes(b"/\xff"), format).expect_err("not text").to_string();
            assert!(error.contains(r"not UTF-8: $'/\xff'") && error.contains("--print-env=sh"), "{error}");
        }
        for format in [Format::Docker, Format::Systemd, Format::Dotenv] {
            let error = variables(&changes(b"/a\nb"), format).expect_err("two lines").to_string();
            assert!(error.contains("control characters"), "{error}");
        }
        for root in ["/${HOME}", "/$a\\b", "/a\\ #b"] {
            let error = variables(&changes(root.as_bytes()), Format::Dotenv).expect_err(root).to_string();
            assert!(error.contains("take apart") && error.contains("--print-env=sh"), "{error}");
        }
        assert_eq!(
            variables(&changes(b"/\xff"), Format::Sh).expect("any byte"),
            "export HEYGEM_DIR=$'/\\xff'\n"
        );
    }
}
