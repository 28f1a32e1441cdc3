//! The variables of a launch in the formats of `--print-env`. Each is written so that its own reader gets these very bytes; what a
//! format can't hold, or what its readers take in different ways, is refused.

use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal as _};
use std::path::Path;

use crate::cli::EnvFormat;
use crate::error::Failure;
use crate::plan::Changes;
use crate::shell::{assignment, quote, quote_exactly};
use crate::shown::{self, is_harmful};

/// What a value is called that is no variable.
const DIRECTORY: &str = "the working directory";

/// The variables, and where the format has one the working directory.
///
/// # Errors
/// When a value has bytes that the format can't hold.
pub fn variables(changes: &Changes, format: EnvFormat) -> Result<Vec<u8>, Failure> {
    let directory = changes.start.directory().map(Path::as_os_str);
    let values = Values { variables: &changes.variables, directory };
    let is_terminal = io::stdout().is_terminal();
    if format == EnvFormat::Sh && !is_terminal {
        return Ok(values.sh_for_eval());
    }
    let text = values.text(format)?;
    if is_terminal && text.chars().any(|char| char != '\n' && is_harmful(char)) {
        return Err(Failure::new("a value has characters that would do something to the terminal")
            .hint("write it to a file (> FILE), or --print-env=sh"));
    }
    Ok(text.into_bytes())
}

struct Values<'v> {
    variables: &'v [(&'static str, OsString)],
    directory: Option<&'v OsStr>,
}

impl Values<'_> {
    /// For `eval` of any `/bin/sh`.
    fn sh_for_eval(&self) -> Vec<u8> {
        let line = |(name, value): &(&str, OsString)| {
            [b"export ", name.as_bytes(), b"=", &quote_exactly(value), b"\n"].concat()
        };
        self.variables.iter().flat_map(line).collect()
    }

    fn text(&self, format: EnvFormat) -> Result<String, Failure> {
        match format {
            EnvFormat::Sh => Ok(self.sh()),
            EnvFormat::Docker => self.docker(),
            EnvFormat::Systemd => self.systemd(),
            EnvFormat::Dotenv => self.dotenv(),
            EnvFormat::Json => self.json(),
        }
    }

    /// For a terminal, which would obey the control characters in a path. bash, zsh and POSIX.1-2024 read it.
    fn sh(&self) -> String {
        self.variables.iter().map(|(name, value)| format!("export {}\n", assignment(name, value))).collect()
    }

    fn docker(&self) -> Result<String, Failure> {
        let mut lines = String::new();
        for (name, value) in self.variables {
            lines += &format!("ENV {name}=\"{}\"\n", docker(one_line(name, value, "docker")?));
        }
        if let Some(directory) = self.directory {
            lines += &format!("WORKDIR \"{}\"\n", docker(one_line(DIRECTORY, directory, "docker")?));
        }
        Ok(lines)
    }

    fn systemd(&self) -> Result<String, Failure> {
        let mut lines = String::new();
        if let Some(directory) = self.directory {
            let text = bare_systemd(systemd_line(DIRECTORY, directory)?)?;
            lines += &format!("WorkingDirectory={text}\n");
        }
        for (name, value) in self.variables {
            lines += &format!("Environment=\"{name}={}\"\n", systemd(systemd_line(name, value)?));
        }
        Ok(lines)
    }

    fn dotenv(&self) -> Result<String, Failure> {
        let mut lines = String::new();
        for (name, value) in self.variables {
            lines += &format!("{name}={}\n", dotenv(name, one_line(name, value, "dotenv")?)?);
        }
        Ok(lines)
    }

    fn json(&self) -> Result<String, Failure> {
        let mut environment = serde_json::Map::new();
        for (name, value) in self.variables {
            environment.insert((*name).to_owned(), text(name, value, "json")?.into());
        }
        let directory = self.directory.map(|directory| text(DIRECTORY, directory, "json")).transpose()?;
        Ok(shown::json(&serde_json::json!({ "cwd": directory, "env": environment })))
    }
}

fn text<'v>(name: &str, value: &'v OsStr, format: &str) -> Result<&'v str, Failure> {
    let failure = || refused(format!("{format} is text, and {name} is not UTF-8: {}", quote(value)));
    value.to_str().ok_or_else(failure)
}

fn one_line<'v>(name: &str, value: &'v OsStr, format: &str) -> Result<&'v str, Failure> {
    let text = text(name, value, format)?;
    if text.chars().any(char::is_control) {
        let value = quote(value);
        return Err(refused(format!("{format} can't hold the control characters of {name}: {value}")));
    }
    Ok(text)
}

/// Unicode reserves a code point for no character. systemd leaves out a line with one.
fn is_no_character(char: char) -> bool {
    matches!(u32::from(char), 0xfdd0..=0xfdef) || u32::from(char) & 0xfffe == 0xfffe
}

fn systemd_line<'v>(name: &str, value: &'v OsStr) -> Result<&'v str, Failure> {
    let text = one_line(name, value, "systemd")?;
    if text.chars().any(is_no_character) {
        let value = quote(value);
        return Err(refused(format!("systemd can't hold the Unicode noncharacter in {name}: {value}")));
    }
    Ok(text)
}

fn refused(message: String) -> Failure {
    Failure::new(message).hint("--print-env=sh can write every byte")
}

/// A double-quoted value: Docker expands `$` and takes `\` as the escape, in `ENV` and in `WORKDIR`.
fn docker(text: &str) -> String {
    escape(text, &['"', '\\', '$'])
}

/// A double-quoted word of systemd.syntax(7), in which `%` begins a specifier.
fn systemd(text: &str) -> String {
    escape(text, &['"', '\\']).replace('%', "%%")
}

/// A setting of systemd that knows no quotes: blanks at its end are lost, and after a backslash there the next line is a part of it.
fn bare_systemd(text: &str) -> Result<String, Failure> {
    if text.ends_with([' ', '\\']) {
        return Err(refused(format!("systemd can't hold the end of {DIRECTORY}: {}", quote(text))));
    }
    Ok(text.replace('%', "%%"))
}

/// Bare, since Docker's `--env-file` takes quotes for a part of the value. What one reader takes for a quote, an escape, a variable
/// or a comment, another one takes as it stands: Docker and podman, Compose, python-dotenv, dotenvy (uv), dotenv (Node) and
/// systemd's EnvironmentFile= agree on none of these. Node takes a byte order mark at the end of a value for a
/// blank. A blank inside is left as it is: dotenvy says that it can't read it, and all others do.
fn dotenv<'v>(name: &str, text: &'v str) -> Result<&'v str, Failure> {
    let is_taken_apart = |char: char| {
        matches!(char, '$' | '#' | '\\' | '\'' | '"' | '`' | '\u{feff}') || is_no_character(char)
    };
    let ends = [text.chars().next(), text.chars().next_back()];
    let has_blank_end = ends.into_iter().flatten().any(char::is_whitespace);
    if has_blank_end || text.chars().any(is_taken_apart) {
        let text = quote(text);
        return Err(refused(format!(
            "dotenv can't hold {name}: its readers disagree on quotes, $, #, \\ and blanks at the ends: {text}"
        )));
    }
    Ok(text)
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStringExt as _;

    fn printed_bytes(root: &[u8], format: EnvFormat) -> Result<String, Failure> {
        let root = OsString::from_vec(root.to_vec());
        Values { variables: &[("HEYGEM_DIR", root.clone())], directory: Some(&root) }.text(format)
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
            ("/a  b=c", Dotenv, "HEYGEM_DIR=/a  b=c\n"),
            ("/数字人", Dotenv, "HEYGEM_DIR=/数字人\n"),
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
    fn a_shell_gets_every_byte_as_it_is() {
        let table: [(&[u8], &[u8]); 3] = [
            (b"/app/sdk", b"export HEYGEM_DIR=/app/sdk\n"),
            (b"/a\nb\x1b", b"export HEYGEM_DIR='/a\nb\x1b'\n"),
            (b"/\xff'c", b"export HEYGEM_DIR='/\xff'\\''c'\n"),
        ];
        for (root, expected) in table {
            let variables = [("HEYGEM_DIR", OsString::from_vec(root.to_vec()))];
            assert_eq!(Values { variables: &variables, directory: None }.sh_for_eval(), expected);
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
        for root in [
            "/${HOME}",
            "/$a",
            "/a\\b",
            "/a #b",
            "/a#b",
            "/it's",
            "/a\"b",
            "/a ",
            "/a\u{3000}",
            "/a\u{feff}",
            "/a\u{fffe}",
        ] {
            let error = printed_bytes(root.as_bytes(), EnvFormat::Dotenv).expect_err(root).to_string();
            assert!(error.contains("disagree") && error.contains("--print-env=sh"), "{error}");
        }
        for root in ["/a\\", "/a "] {
            let error = printed_bytes(root.as_bytes(), EnvFormat::Systemd).expect_err(root).to_string();
            assert!(error.contains("the end of") && error.contains("--print-env=sh"), "{error}");
        }
        for root in ["/a\u{fffe}", "/a\u{fdd0}", "/a\u{1ffff}"] {
            let error = printed_bytes(root.as_bytes(), EnvFormat::Systemd).expect_err(root).to_string();
            assert!(error.contains("noncharacter") && error.contains("--print-env=sh"), "{error}");
        }
    }
}
