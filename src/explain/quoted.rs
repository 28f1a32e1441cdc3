//! Text that quotes a message and is none: source code, a shell that shows what it runs, a server's note of a request.

use memchr::{memchr_iter, memmem};

/// Keys of data under which a message is meant.
const MESSAGE_KEYS: &[&str] =
    &["err", "msg", "message", "detail", "reason", "status", "exception", "log", "text", "output"];

/// Names that begin with a small letter and are those of exceptions.
const EXCEPTIONS: &[&[u8]] = &[b"timeout", b"gaierror", b"herror"];

/// Whether the message at this place of a text is only quoted there.
pub fn is_quoted(text: &[u8], at: usize) -> bool {
    is_shown_by_shell(text)
        || is_access(text)
        || has(text, b"heygem-run: error: ")
        || has(text, b"heygem-run: warning: ")
        || text[..at].ends_with(b"`")
        || is_test_result(&text[..at])
        || has(&text[..at], b"caught exception '")
        || is_code(text, at)
}

/// Whether this place of a text is in a comment or a literal of source code.
pub fn is_code(text: &[u8], at: usize) -> bool {
    let (before, behind) = text.split_at(at);
    let is_thrown = has(before, b"raise ") || has(before, b"throw ");
    is_thrown
        || is_comment(before)
        || is_argument(before)
        || is_value(before, behind)
        || is_literal(text)
        || is_format(before, behind)
}

/// `+ command`
fn is_shown_by_shell(text: &[u8]) -> bool {
    [&b"+ "[..], b"++ ", b"# "].iter().any(|mark| text.starts_with(mark))
}

/// `"GET /a HTTP/1.1" 200`
fn is_access(text: &[u8]) -> bool {
    let Some(at) = memmem::find(text, b" HTTP/") else { return false };
    let rest = &text[at + 6..];
    let Some(quote) = rest.iter().take(4).position(|byte| *byte == b'"') else { return false };
    matches!(&rest[quote + 1..], [b' ', digit, ..] if digit.is_ascii_digit())
}

/// `tests/t.py::test_x XFAIL (…`, `t.py::test_x SKIPPED (…`, `XFAIL t.py::test_x - …`
fn is_test_result(before: &[u8]) -> bool {
    let is_verdict = |word: &[u8]| has(before, word);
    has(before, b".py::")
        && [&b"XFAIL "[..], b"SKIPPED (", b"XPASS ", b"xfail "].iter().any(|word| is_verdict(word))
}

/// `/* …`, `x = 1; // …`, `x = 1  # …`, `* @throw …`
fn is_comment(before: &[u8]) -> bool {
    let is_blank = |byte: &u8| byte.is_ascii_whitespace();
    let opens = |mark: &[u8]| {
        memmem::find_iter(before, mark).any(|at| {
            before[..at].last().is_none_or(is_blank) && before.get(at + mark.len()).is_none_or(is_blank)
        })
    };
    let is_documentation =
        before.strip_prefix(b"* ").is_some_and(|rest| rest.trim_ascii_start().starts_with(b"@"));
    opens(b"/*") || opens(b"//") || has(before, b"  # ") || before.starts_with(b"#define") || is_documentation
}

/// A literal among the arguments of a call, as in `print("…`. `OSError("…` is how an exception is shown.
fn is_argument(before: &[u8]) -> bool {
    let mut closed = 0_usize;
    let mut has_quote = false;
    for (index, byte) in before.iter().enumerate().rev() {
        match byte {
            b'"' | b'\'' => has_quote = true,
            b')' => closed += 1,
            b'(' if closed > 0 => closed -= 1,
            b'(' if has_quote && is_function(&before[..index]) => return true,
            _ => {}
        }
    }
    false
}

/// Whether a text ends in the name of a function or macro.
fn is_function(text: &[u8]) -> bool {
    let is_of_it = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.!".contains(byte);
    let start = text.iter().rposition(|byte| !is_of_it(byte)).map_or(0, |index| index + 1);
    let path = &text[start..];
    let name = path.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    let Some(first) = name.first() else { return false };
    let is_class = first.is_ascii_uppercase() && name.iter().any(u8::is_ascii_lowercase);
    let is_exception = EXCEPTIONS.contains(&name) || path == b"error";
    !(is_class || is_exception || first.is_ascii_digit())
}

/// `x = "…`, `errors[12] = "…`, `x = OSError(…`
fn is_value(before: &[u8], behind: &[u8]) -> bool {
    let Some(at) = memmem::find(before, b" = ") else { return false };
    let (name, value) = before.split_at(at);
    let word = behind.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or_default();
    let is_call = value == b" = " && behind[word..].starts_with(b"(");
    !has(name, b": ") && (is_call || value.iter().any(|byte| b"\"'".contains(byte)))
}

/// A line that is a literal, or a key with one that is no message's.
fn is_literal(text: &[u8]) -> bool {
    let end = text.iter().rposition(|byte| !b" ,;:)]}\\+".contains(byte)).map_or(0, |index| index + 1);
    let start = text.iter().take(2).take_while(|byte| b"fbru".contains(byte)).count();
    let Some((quote @ (b'"' | b'\''), inside)) = text[start.min(end)..end].split_first() else {
        return false;
    };
    let Some((b'"' | b'\'', _)) = inside.split_last() else { return false };
    let close = inside.iter().position(|byte| byte == quote).unwrap_or(inside.len());
    let key = inside[..close].to_ascii_lowercase();
    let is_pair = inside.get(close + 1..).is_some_and(|rest| rest.starts_with(b": "));
    close + 1 == inside.len() || is_pair && !MESSAGE_KEYS.iter().any(|word| has(&key, word.as_bytes()))
}

/// `f"…`, and `"…" % x`
fn is_format(before: &[u8], behind: &[u8]) -> bool {
    let opens = memchr_iter(b'"', before).chain(memchr_iter(b'\'', before)).max();
    let is_f = opens.is_some_and(|at| {
        let before = &before[..at];
        before.ends_with(b"f") && before.iter().rev().nth(1).is_none_or(|byte| !byte.is_ascii_alphanumeric())
    });
    let marks = [&b"\" % "[..], b"' % ", b"\".format(", b"'.format("];
    is_f || opens.is_some() && marks.iter().any(|mark| has(behind, mark))
}

fn has(text: &[u8], word: &[u8]) -> bool {
    memmem::find(text, word).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether what begins at `@` is quoted.
    fn quotes(text: &str) -> bool {
        let at = text.find('@').expect("a mark");
        is_quoted(text.replacen('@', "", 1).as_bytes(), at)
    }

    #[test]
    fn a_quoted_message_is_none() {
        let table = [
            "+ grep -c '@CUDA out of memory' x.log",
            "127.0.0.1 - \"GET /q?text=@Killed HTTP/1.1\" 200",
            "heygem-run: error: @Permission denied",
            "raise OSError(\"@No space left on device\")",
            "logger.error(\"@CUDA out of memory: %s\", size)",
            "print(\"container was killed: @exited with code 137\")",
            "self.assertRaisesRegex(ImportError, \"^@No module named 'x'\"):",
            "XX(EADDRINUSE, \"@address already in use\")",
            "errors[10024] = \"@Too many open files.\"",
            "error = ProxyError('@Cannot connect to proxy.', e)",
            "e = @ProxyError('Cannot connect to proxy.', e)",
            "throw @std::bad_alloc();",
            "'@daemonic processes are not allowed to have children'",
            "\"port\": \"[Errno 98] @Address already in use\",",
            "self, url, f\"@Read timed out. (read timeout={seconds})\"",
            "self, url, \"@Read timed out. (read timeout=%s)\" % seconds",
            "'lib': \"@libx.so: cannot open shared object file\",",
            "#define ENOEXEC\t8\t/* @Exec format error */",
            "pub const EMFILE: c_int = 24; // @Too many open files",
            "number = 28  # @No space left on device",
            "tests/t.py::test_x XFAIL (UnpicklingError: @invalid load key, 'v'.) [ 25%]",
            "XFAIL tests/t.py::test_x - @No space left on device",
            "tests/t.py::test_x SKIPPED (@CUDA driver version is insufficient for CUDA runtime version)",
            "Warning: caught exception '@Found no NVIDIA driver on your system.', memory monitor disabled",
            "see also `@No module named 'distutils'`",
        ];
        let taken: Vec<_> = table.into_iter().filter(|text| !quotes(text)).collect();
        assert_eq!(taken, [""; 0]);
    }

    #[test]
    fn a_message_may_have_quotes_and_brackets() {
        let table = [
            "OSError: [Errno 28] @No space left on device: '/dev/shm/x'",
            "Task x[5f] raised unexpected: RuntimeError(\"@Cannot re-initialize CUDA in forked subprocess\")",
            "url: / (Caused by NewConnectionError('<x>: [Errno 111] @Connection refused'))",
            "(Caused by timeout('@timed out'))",
            "exception=OSError(24, '@Too many open files')>",
            "{'detail': '@CUDA out of memory'}",
            "\"Error\": \"@could not select device driver\",",
            "bind(): @Address already in use [core/socket.c line 769]",
            "'nvidia-smi' @is not recognized as an internal or external command",
            "time=x level=error msg=\"@no space left on device\"",
            "COPY models/* /code/models: @no space left on device",
            "get https://registry/v2/: @proxyconnect tcp",
            "error: x = 'a': @Killed",
            "exit status = @Killed",
            "'/x' and 'y': @No such file or directory: 'z'",
            "(2003, \"Can't connect to 'db' ([Errno 111] @Connection refused)\")",
        ];
        let lost: Vec<_> = table.into_iter().filter(|text| quotes(text)).collect();
        assert_eq!(lost, [""; 0]);
    }
}
