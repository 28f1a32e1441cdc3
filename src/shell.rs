//! Words as a POSIX shell reads them: for messages, `--dry-run` and `--print-env`.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;

use crate::shown::is_harmful;

/// Quotes a word so that a shell reads back these very bytes, and a person sees them on one line.
///
/// Printable text is quoted the POSIX way. What could do something to a terminal, and bytes that are not UTF-8, need `$'…'`, which
/// bash, zsh, ksh and POSIX.1-2024 know.
pub fn quote(word: impl AsRef<OsStr>) -> String {
    let bytes = word.as_ref().as_bytes();
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains(is_harmful) => posix(text).into_owned(),
        _ => ansi_c(bytes),
    }
}

/// The same of all words, with a space between two.
pub fn quote_all(words: &[impl AsRef<OsStr>]) -> String {
    words.iter().map(quote).collect::<Vec<_>>().join(" ")
}

/// Quotes a word so that every `/bin/sh` reads back these very bytes: as they are, in single quotes. For a pipe; on a terminal or in
/// a message, control characters in it would do harm.
pub fn quote_exactly(word: impl AsRef<OsStr>) -> Vec<u8> {
    let bytes = word.as_ref().as_bytes();
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains(is_harmful) => posix(text).into_owned().into_bytes(),
        _ => {
            let parts: Vec<&[u8]> = bytes.split(|&byte| byte == b'\'').collect();
            [b"'", &*parts.join(&br"'\''"[..]), b"'"].concat()
        }
    }
}

/// A line for a shell, as one that a person sees whole and can copy. What would do something to a terminal or make another line of it,
/// such as a line's end in quotes, needs a shell that reads it once more.
pub fn on_one_line(line: &str) -> Cow<'_, str> {
    if line.contains(is_harmful) {
        Cow::Owned(format!("bash -c {}", quote(line)))
    } else {
        Cow::Borrowed(line)
    }
}

/// Quotes `NAME=value` as an assignment: the name and the `=` stay bare, or the shell would run it as a command.
pub fn assignment(name: &str, value: impl AsRef<OsStr>) -> String {
    format!("{name}={}", quote(value))
}

/// `shell_words` leaves bare what POSIX says is safe: bash and zsh expand braces, and at a prompt `!` and `^` call up the
/// history. An option with its value, `--port=80`, is read alike without the quotes that it gives to every `=`.
fn posix(text: &str) -> Cow<'_, str> {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=:,./@%+".contains(&byte);
    if text.starts_with('-') && text.bytes().all(is_safe) {
        return Cow::Borrowed(text);
    }
    if text.contains(['~', '{', '}', '!', '^']) {
        Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
    } else {
        shell_words::quote(text)
    }
}

fn ansi_c(bytes: &[u8]) -> String {
    let mut quoted = String::from("$'");
    for chunk in bytes.utf8_chunks() {
        for char in chunk.valid().chars() {
            match char {
                '\n' => quoted.push_str("\\n"),
                '\t' => quoted.push_str("\\t"),
                '\'' | '\\' => quoted.extend(['\\', char]),
                _ if is_harmful(char) => escape(&mut quoted, char.encode_utf8(&mut [0; 4]).as_bytes()),
                _ => quoted.push(char),
            }
        }
        escape(&mut quoted, chunk.invalid());
    }
    quoted.push('\'');
    quoted
}

/// bash and zsh read two hexadecimal digits and no more, so what follows can't be swallowed.
fn escape(quoted: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // Writing to a `String` can't fail.
        let _ = write!(quoted, "\\x{byte:02x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_only_where_a_shell_would_misread_them() {
        let table: &[(&[u8], &str)] = &[
            (b"/app/run.py", "/app/run.py"),
            (b"", "''"),
            (b"a b", "'a b'"),
            (b"--port=80", "--port=80"),
            (b"--port=$x", "'--port=$x'"),
            (b"port=80", "'port=80'"),
            (b"it's", r"'it'\''s'"),
            (b"~", "'~'"),
            (b"~a'b", r"'~a'\''b'"),
            (b"$HOME", "'$HOME'"),
            (b"{a,b}", "'{a,b}'"),
            (b"!x", "'!x'"),
            (b"^a^b", "'^a^b'"),
            ("数字人".as_bytes(), "数字人"),
            (b"a\nb", r"$'a\nb'"),
            (b"a\tb", r"$'a\tb'"),
            (b"a\x1bb", r"$'a\x1bb'"),
            ("\u{9b}a\u{202e}".as_bytes(), r"$'\xc2\x9ba\xe2\x80\xae'"),
            (b"\xffa'\\", r"$'\xffa\'\\'"),
        ];
        for (word, quoted) in table {
            assert_eq!(quote(OsStr::from_bytes(word)), *quoted);
        }
    }

    #[test]
    fn a_line_stays_one() {
        assert_eq!(on_one_line("a 'b'"), "a 'b'");
        assert_eq!(on_one_line("a 'b\nc' \x1b"), r"bash -c $'a \'b\nc\' \x1b'");
    }

    #[test]
    fn every_byte_is_quoted_as_it_is() {
        let table: &[(&[u8], &[u8])] = &[
            (b"/app/run.py", b"/app/run.py"),
            (b"", b"''"),
            (b"a b", b"'a b'"),
            (b"a\nb", b"'a\nb'"),
            (b"\xff'\t\\", b"'\xff'\\''\t\\'"),
        ];
        for (word, quoted) in table {
            assert_eq!(quote_exactly(OsStr::from_bytes(word)), *quoted);
        }
    }

    #[test]
    fn an_assignment_keeps_its_name_bare() {
        assert_eq!(assignment("A", "b c"), "A='b c'");
    }
}
