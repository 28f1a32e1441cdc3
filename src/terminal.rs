//! The terminal that stdout may be.

use std::env;
use std::io::{self, IsTerminal as _};

use rustix::termios::tcgetwinsize;

use crate::message;

/// Narrower columns than this are worse to read than lines that break anywhere.
const NARROWEST: usize = 24;

/// Whether a person reads stdout, on something that understands more than text.
pub fn is_terminal() -> bool {
    io::stdout().is_terminal() && env::var_os("TERM").is_none_or(|name| name != "dumb")
}

/// Whether it is to have colours.
pub fn has_colours() -> bool {
    is_terminal() && !message::refuses_colours()
}

/// The text, broken between words where a terminal would break it anywhere; every line but the first is indented.
pub fn hanging(text: &str, indent: usize) -> String {
    let size = tcgetwinsize(io::stdout()).ok();
    wrap(text, indent, size.map(|size| usize::from(size.ws_col)))
}

fn wrap(text: &str, indent: usize, columns: Option<usize>) -> String {
    let room = columns.and_then(|columns| columns.checked_sub(indent)).filter(|room| *room >= NARROWEST);
    let lines = text.lines().flat_map(|line| match room {
        Some(room) => broken(line, room),
        None => vec![line.to_owned()],
    });
    lines.collect::<Vec<_>>().join(&format!("\n{:indent$}", ""))
}

/// A line in pieces of so many columns; a longer word, such as a path, stays whole.
fn broken(line: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        match lines.last_mut() {
            Some(last) if last.is_empty() => last.push_str(word),
            Some(last) if last.chars().count() + 1 + word.chars().count() <= room => {
                last.push(' ');
                last.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_nowhere_else() {
        let text = "a bridge of\n/a/path/that/is/longer/than/any/line is (built now), 6 names";
        let narrow = "a bridge of\n  /a/path/that/is/longer/than/any/line\n  is (built now), 6 names";
        assert_eq!(wrap(text, 2, Some(26)), narrow);
        assert_eq!(wrap(text, 2, Some(80)), text.replace('\n', "\n  "));
        for unknown in [None, Some(0), Some(20)] {
            assert_eq!(wrap(text, 2, unknown), text.replace('\n', "\n  "), "{unknown:?}");
        }
        assert_eq!(wrap("", 2, Some(80)), "");
    }
}
