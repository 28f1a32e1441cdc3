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
    match memmem::find_iter(all, b"\\n").find(|at| !is_in_path(all, *at)) {
        // Nobody logged what is in source code.
        Some(at) if !is_code(all, at) => {
            *rest = &all[at + 2..];
            Some(&all[..at])
        }
        _ => {
            *rest = &[];
            Some(all)
        }
    }
}

/// Whether `\n` at this place is the start of a name in a path of Windows, as in `D:\data\new`, and no line end. What comes behind a
/// line end most often begins with a capital, a blank or a mark.
fn is_in_path(text: &[u8], at: usize) -> bool {
    let is_name = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.-".contains(byte);
    let is_drive = |word: &[u8]| matches!(word, [drive, b':', b'\\', ..] if drive.is_ascii_alphabetic());
    let before = &text[..=at];
    let behind = |is_edge: fn(&u8) -> bool| before.rsplit(is_edge).next().unwrap_or_default();
    text.get(at + 2).is_some_and(is_name)
        && (is_drive(behind(|byte| b"'\"".contains(byte)))
            || is_drive(behind(|byte| b"'\"=(,[".contains(byte) || byte.is_ascii_whitespace())))
}

/// A line in pieces that are messages.
pub fn messages(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let step = MESSAGE - BEFORE;
    let count = line.len().saturating_sub(BEFORE).div_ceil(step).max(1);
    (0..count).map(move |index| &line[boundary(line, index * step)..boundary(line, index * step + MESSAGE)])
}

/// A text, or as much of its start as is no longer than that.
pub fn clipped(text: &[u8], length: usize) -> &[u8] {
    &text[..boundary(text, length)]
}

/// A place in a text, or the start of the character that it would cut; the text's end where it is behind that.
pub fn boundary(text: &[u8], at: usize) -> usize {
    if at >= text.len() {
        return text.len();
    }
    let is_start = |place: &usize| text[*place] & 0xc0 != 0x80;
    (at.saturating_sub(3)..=at).rev().find(is_start).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<&str> {
        let (mut rest, mut lines) = (text.as_bytes(), Vec::new());
        while let Some(line) = rest_of_quoted(&mut rest, lines.is_empty()) {
            lines.push(std::str::from_utf8(line).expect("text"));
        }
        lines
    }

    #[test]
    fn a_line_end_is_told_from_a_path_of_windows() {
        let whole = [
            r"No such file or directory: 'D:\data\new\x'",
            r#"No such file or directory: "D:\data\new\x""#,
            r"No such file or directory: 'C:\Program Files\nvidia\x'",
            r"can't read D:\data\new\x",
            r"path=D:\new\x",
            r"C:\new",
        ];
        for text in whole {
            let doubled = text.replace('\\', r"\\");
            assert_eq!((lines(text), lines(&doubled)), (vec![text], vec![doubled.as_str()]));
        }
        assert_eq!(lines(r"Killed\nend"), ["Killed", "end"]);
        assert_eq!(lines(r"in D:\data\new\nKilled\nend"), [r"in D:\data\new", "Killed", "end"]);
        assert_eq!(lines(r"in 'D:\data\new'\nend"), [r"in 'D:\data\new'", "end"]);
    }

    #[test]
    fn nothing_is_cut_within_a_character() {
        let text = "数字人".as_bytes();
        let lengths: Vec<usize> = (0..11).map(|length| clipped(text, length).len()).collect();
        assert_eq!(lengths, [0, 0, 0, 3, 3, 3, 6, 6, 6, 9, 9]);
        assert_eq!(clipped(b"\x80\x80\x80\x80\x80", 4).len(), 4, "what is no UTF-8 is cut anywhere");
        let line = "数".repeat(MESSAGE);
        assert!(messages(line.as_bytes()).all(|piece| std::str::from_utf8(piece).is_ok()));
    }
}
