//! A line in pieces: what was lines before somebody quoted it, and what is longer than a message.

use memchr::memmem;

use super::quoted::is_code;

/// How much of a line is one message.
pub const MESSAGE: usize = 4096;
/// How much of a message stands before a word that was found in it.
pub const BEFORE: usize = 512;

/// The next piece of a text that was quoted with its line ends; `None` behind the last.
pub fn rest_of_quoted<'l>(rest: &mut &'l [u8], is_first: bool) -> Option<&'l [u8]> {
    if rest.is_empty() && !is_first {
        return None;
    }
    let all = *rest;
    match memmem::find(all, b"\\n") {
        // `C:\new` is no line end, and nobody logged what is in source code.
        Some(at) if !all[..at].ends_with(b":") && !is_code(all, at) => {
            *rest = &all[at + 2..];
            Some(&all[..at])
        }
        _ => {
            *rest = &[];
            Some(all)
        }
    }
}

/// A line in pieces that are messages.
pub fn messages(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let step = MESSAGE - BEFORE;
    let count = line.len().saturating_sub(BEFORE).div_ceil(step).max(1);
    (0..count).map(move |index| &line[index * step..line.len().min(index * step + MESSAGE)])
}
