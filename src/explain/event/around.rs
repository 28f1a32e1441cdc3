//! What other lines say of the exceptions near them: that they were handled, or are tried on purpose.

use memchr::memmem;

use crate::explain::unwrap::Level;

/// Whether a traceback right behind a message is shown only for information: it was handled.
pub fn warns(text: &[u8], level: Level) -> bool {
    let says = |words: &[&str]| words.iter().any(|word| memmem::find(text, word.as_bytes()).is_some());
    if says(&["Exception ignored in", "Exception ignored on"]) {
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

/// What pytest writes before it runs anything.
pub fn is_start_of_tests(body: &[u8]) -> bool {
    body.starts_with(b"=====") && memmem::find(body, b" test session starts ").is_some()
}

/// `===== 3 passed in 0.12s =====`
pub fn is_end_of_tests(body: &[u8]) -> bool {
    let is_line = body.starts_with(b"=") && body.ends_with(b"=");
    is_line && memmem::find(body, b" in ").is_some_and(|at| body.get(at + 4).is_some_and(u8::is_ascii_digit))
}
