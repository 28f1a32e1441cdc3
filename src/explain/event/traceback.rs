//! The grammar of what Python prints of an exception.

/// What a line can be in a traceback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TracebackLine<'l> {
    /// `Traceback (most recent call last):`
    Head,
    /// `  File "x.py", line 1, in f`
    Frame,
    /// What makes the next traceback part of the same story: it came while the first was handled, or of it.
    Chain(Link),
    /// `Error: message`
    Raised(&'l [u8]),
    /// Nothing of that.
    Other,
}

/// How two exceptions hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// The second was raised from the first.
    Cause,
    /// The second came while the first was handled.
    Context,
}

/// What an exception's class ends in.
const ENDINGS: &[&str] = &[
    "Error",
    "Exception",
    "Exit",
    "Interrupt",
    "Empty",
    "Full",
    "Timeout",
    "Expired",
    "Refused",
    "Reset",
    "Failure",
    "Failed",
    "NotFound",
    "Lost",
    "Pool",
    "Died",
    "Aborted",
    "Protobuf",
    "Argument",
    "Graph",
    "Fail",
    "NoSuchFile",
    "Iteration",
    "Warning",
];

/// Looks at a line without what is before it.
pub fn part(text: &[u8]) -> TracebackLine<'_> {
    let body = text.trim_ascii();
    if body.ends_with(b"Traceback (most recent call last):") {
        return TracebackLine::Head;
    }
    if let Some(path) = body.strip_prefix(b"File \"")
        && memchr::memchr(b'"', path).is_some_and(|end| path[end..].starts_with(b"\", line "))
    {
        return TracebackLine::Frame;
    }
    match body {
        b"During handling of the above exception, another exception occurred:" => {
            TracebackLine::Chain(Link::Context)
        }
        b"The above exception was the direct cause of the following exception:" => {
            TracebackLine::Chain(Link::Cause)
        }
        _ => raised(body).map_or(TracebackLine::Other, TracebackLine::Raised),
    }
}

/// The class of the exception that a line tells of.
pub fn raised(body: &[u8]) -> Option<&[u8]> {
    let class = class(body)?;
    let last = class.rsplit(|byte| *byte == b'.').next()?;
    let is_dotted = class.len() > last.len();
    let is_known = ENDINGS.iter().any(|ending| last.ends_with(ending.as_bytes()));
    let is_named =
        is_dotted && (last == b"error" || last == b"timeout" || last.first()?.is_ascii_uppercase());
    (is_known || is_named).then_some(class)
}

/// A dotted name that is all there is, or has a colon and a blank behind it.
pub fn class(body: &[u8]) -> Option<&[u8]> {
    let is_of_it = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.".contains(byte);
    let length = body.iter().take(200).take_while(|byte| is_of_it(byte)).count();
    let class = &body[..length];
    let is_name = class.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
        && class.last().is_some_and(u8::is_ascii_alphanumeric);
    let ends = matches!(&body[length..], [] | [b':'] | [b':', b' ', ..]);
    (is_name && ends).then_some(class)
}

/// Whether a line only marks what is above it.
pub fn is_underline(text: &[u8]) -> bool {
    let body = text.trim_ascii();
    !body.is_empty() && body.iter().all(|byte| b"^~ ".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_known_by_its_form() {
        let table: &[(&str, TracebackLine)] = &[
            ("Traceback (most recent call last):", TracebackLine::Head),
            ("+ Exception Group Traceback (most recent call last):", TracebackLine::Head),
            ("  File \"x.py\", line 1, in f", TracebackLine::Frame),
            ("_queue.Empty", TracebackLine::Raised(b"_queue.Empty")),
            ("KeyboardInterrupt", TracebackLine::Raised(b"KeyboardInterrupt")),
            ("cv2.error: OpenCV(4.9.0)", TracebackLine::Raised(b"cv2.error")),
            ("ModuleNotFoundError: No module named 'x'", TracebackLine::Raised(b"ModuleNotFoundError")),
            ("RuntimeError: ", TracebackLine::Raised(b"RuntimeError")),
            ("x.service: Main process exited", TracebackLine::Other),
            ("ERROR: no", TracebackLine::Other),
            ("Error caught was: No module", TracebackLine::Other),
            ("http://x: y", TracebackLine::Other),
            ("Killed", TracebackLine::Other),
        ];
        for (line, expected) in table {
            assert_eq!(part(line.as_bytes()), *expected, "{line}");
        }
    }
}
