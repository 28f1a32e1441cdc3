//! What other lines say of the exceptions near them: that they were handled, or are tried on purpose.

use memchr::memmem;

use crate::explain::unwrap::Level;

/// Whether a traceback right behind a message is shown only for information: it was handled.
pub fn warns(text: &[u8], level: Level) -> bool {
    let says = |words: &[&str]| words.iter().any(|word| memmem::find(text, word.as_bytes()).is_some());
    if says(&["Exception ignored in", "Exception ignored on"]) || is_of_start(text) {
        return true;
    }
    let goes_on = says(&["will not be", "not available", "optional", "without it", "ignor", "skip", "Skip"]);
    level == Level::Unknown && goes_on && !says(&["rror:"])
        || level == Level::Warning
            && says(&[
                "ail",
                "rror",
                "xception",
                "not available",
                "ould not",
                "annot",
                "nable",
                "skip",
                "ignor",
                "失败",
                "异常",
            ])
}

/// What Python says of an error in a file that it runs at its start, and what a loader of scripts does of one that it leaves out:
/// both go on.
pub fn is_of_start(text: &[u8]) -> bool {
    let marks = [
        "Error in sitecustomize;",
        "Error in usercustomize;",
        "Error processing line ",
        "*** Error loading script",
    ];
    marks.iter().any(|mark| text.starts_with(mark.as_bytes()))
}

/// Whose tests run: they try errors on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tests {
    /// pytest's, all of a run.
    Pytest,
    /// One of unittest's, which itself writes something behind its name.
    Unittest,
}

impl Tests {
    /// `===== test session starts =====`, or `test_x (tests.TestX) ... ` without the verdict: that comes on a line of its own.
    pub fn begin_at(body: &[u8]) -> Option<Self> {
        if body.starts_with(b"=====") && memmem::find(body, b" test session starts ").is_some() {
            return Some(Self::Pytest);
        }
        unittest(body).filter(|verdict| !is_verdict(verdict)).map(|_| Self::Unittest)
    }

    /// What shows that they still run: a line that their runner writes.
    pub fn go_on_at(self, body: &[u8]) -> bool {
        match self {
            Self::Pytest => {
                let is_head =
                    ["====", "____", "----", "E  "].iter().any(|head| body.starts_with(head.as_bytes()));
                is_head || body.ends_with(b"%]") || memmem::find(body, b".py::").is_some()
            }
            Self::Unittest => unittest(body).is_some(),
        }
    }

    /// `===== 3 passed in 0.12s =====`, `ok`.
    pub fn end_at(self, body: &[u8]) -> bool {
        match self {
            Self::Pytest => {
                let is_line = body.starts_with(b"=") && body.ends_with(b"=");
                let time = memmem::find(body, b" in ").and_then(|at| body.get(at + 4));
                is_line && time.is_some_and(u8::is_ascii_digit)
            }
            Self::Unittest => {
                let verdict = memmem::rfind(body, b" ... ").map_or(body, |at| &body[at + 5..]);
                is_verdict(verdict) || body.starts_with(b"Ran ") || body.starts_with(b"=====")
            }
        }
    }
}

/// What unittest writes behind `test_x (tests.TestX) ... `.
fn unittest(body: &[u8]) -> Option<&[u8]> {
    let is_of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_' || !byte.is_ascii();
    let name = body.iter().take_while(is_of_name).count();
    let inside = body[name..].strip_prefix(b" (").filter(|_| body.starts_with(b"test"))?;
    let length = inside.iter().take_while(|byte| is_of_name(byte) || **byte == b'.').count();
    inside[length..].strip_prefix(b") ... ").filter(|_| inside[..length].contains(&b'.'))
}

fn is_verdict(text: &[u8]) -> bool {
    let is_word = [&b"ok"[..], b"FAIL", b"ERROR", b"expected failure", b"unexpected success"].contains(&text);
    is_word || text.starts_with(b"skipped ")
}
