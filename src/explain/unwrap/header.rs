//! What loggers put before a message: how bad it is, who says it, and where.

use super::bare_message::Message;
use super::level::Level;
use super::time::time;

/// How many words may stand before the level.
const WORDS_BEFORE: usize = 5;

/// Takes a logger's header off a message.
pub fn peel(message: &mut Message) {
    let text = message.text;
    if text.first().is_none_or(u8::is_ascii_whitespace) {
        return; // a line of a traceback, or of a message that goes on
    }
    let exact = lettered(text).map(|(level, length)| (level, &text[length..]));
    let found = exact.or_else(|| {
        let (level, length) = python_warning(text).or_else(|| worded(text))?;
        Some((level, text[length..].trim_ascii_start()))
    });
    if let Some((level, rest)) = found {
        message.level = level;
        message.has_header = true;
        message.text = rest;
    }
}

/// `[E:onnxruntime:Default, x.cc:1 f] `, `: W tensorflow/x.cc:64] `, `E0611 10:02:07.118 123 x.cc:12] `.
fn lettered(text: &[u8]) -> Option<(Level, usize)> {
    let close = || {
        let near = &text[..text.len().min(200)];
        near.windows(2).position(|pair| pair == b"] ").map(|at| at + 2)
    };
    match text {
        [b'[', letter, b':', rest @ ..] if rest.starts_with(b"onnxruntime") => {
            Some((Level::lettered(*letter)?, close()?))
        }
        [b':', b' ', letter, b' ', ..] => Some((Level::lettered(*letter)?, close()?)),
        [letter, a, b, c, d, b' ', rest @ ..]
            if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()) && time(rest).is_some() =>
        {
            Some((Level::lettered(*letter)?, close()?))
        }
        _ => None,
    }
}

/// `/x/y.py:12: UserWarning: `, `y.py:12: FutureWarning: `.
fn python_warning(text: &[u8]) -> Option<(Level, usize)> {
    let near = &text[..text.len().min(300)];
    let at = memchr::memchr_iter(b'W', near).find(|at| near[*at..].starts_with(b"Warning: "))?;
    let before = &text[..at];
    let class = before.iter().rposition(|byte| !byte.is_ascii_alphanumeric()).map_or(0, |index| index + 1);
    let place = before[..class].trim_ascii_end();
    let is_place = place.is_empty()
        || place.strip_suffix(b":").is_some_and(|place| place.last().is_some_and(u8::is_ascii_digit));
    (class < at && is_place).then_some((Level::Warning, at + b"Warning: ".len()))
}

/// A level's name in capitals, with few words before it, none of which ends as in a sentence; and what follows it to the message.
fn worded(text: &[u8]) -> Option<(Level, usize)> {
    let mut at = 0;
    for _ in 0..WORDS_BEFORE {
        at += text[at..].iter().take_while(|byte| b" \t-|".contains(byte)).count();
        let word = &text[at..];
        let word = &word[..word.iter().position(|byte| b" \t|".contains(byte)).unwrap_or(word.len())];
        if word.is_empty() || word.len() > 100 || word.ends_with(b",") || word == b"..." {
            return None;
        }
        if let Some((level, end)) = in_word(word) {
            return Some((level, behind(text, at + end)));
        }
        let is_content = word.starts_with(b"[") && word.contains(&b'@') || word.ends_with(b"Error:");
        if is_content {
            return None;
        }
        at += word.len();
    }
    None
}

/// A level in a word of a header: `ERROR`, `[ERROR]`, `ERROR:root:`, `WARNING[XFORMERS]:`. Where it ends.
fn in_word(word: &[u8]) -> Option<(Level, usize)> {
    let mut at = 0;
    while at < word.len() {
        let start = at + word[at..].iter().position(u8::is_ascii_alphanumeric)?;
        let length =
            word[start..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let part = &word[start..start + length];
        if part.first().is_some_and(u8::is_ascii_uppercase)
            && (part.iter().all(u8::is_ascii_uppercase)
                || start == 0 && is_capitalised(part, &word[length..]))
            && let Some(level) = Level::named(part)
        {
            return Some((level, start + length));
        }
        at = start + length.max(1);
    }
    None
}

/// `Warning:` at a line's start, as programs write it; `Error:` is part of what they say.
fn is_capitalised(part: &[u8], behind: &[u8]) -> bool {
    part == b"Warning" && behind.starts_with(b":")
}

/// Where the message begins, behind a level: brackets, marks, the logger's name, a place in a source.
fn behind(text: &[u8], at: usize) -> usize {
    let mut at = at;
    // `ERROR:root:`; a blank means that the message follows.
    if let [b':', name @ ..] = &text[at..] {
        let length =
            name.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte)).count();
        if length > 0 && name.get(length) == Some(&b':') {
            return at + 2 + length;
        }
    }
    loop {
        at += text[at..].iter().take_while(|byte| b" \t-|:]>)".contains(byte)).count();
        let rest = &text[at..];
        let length = place(rest).or_else(|| bracket(rest)).or_else(|| time(rest));
        match length {
            Some(length) if length < 100 => at += length,
            _ => return at,
        }
    }
}

/// `app.main:run:12 - `, `file.py:12 - `, `[file.py:12] `, `root - `.
fn place(text: &[u8]) -> Option<usize> {
    let length = text.iter().position(|byte| *byte == b' ')?;
    let word = &text[..length];
    let is_place = word.last().is_some_and(u8::is_ascii_digit) && word.contains(&b':');
    (length < 100 && (is_place || text[length..].starts_with(b" - ") || text[length..].starts_with(b" | ")))
        .then_some(length)
}

/// `[7]`, `[MainThread]`, `(x.py:12)`; never what a program puts before its own words.
fn bracket(text: &[u8]) -> Option<usize> {
    let close = match text.first()? {
        b'[' => b']',
        b'(' => b')',
        _ => return None,
    };
    let length = text.iter().take(64).position(|byte| *byte == close)?;
    let inside = &text[1..length];
    let is_content = inside.iter().any(|byte| b"@ '\"".contains(byte)) || inside.ends_with(b"Error");
    (!is_content).then_some(length + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_taken_off() {
        let table = [
            ("ERROR:root:Killed", Level::Error, "Killed"),
            ("WARNING:root:xFormers not available", Level::Warning, "xFormers not available"),
            ("INFO:     Started", Level::Info, "Started"),
            ("[7] [CRITICAL] WORKER TIMEOUT (pid:7)", Level::Error, "WORKER TIMEOUT (pid:7)"),
            ("- app.main - ERROR - it failed", Level::Error, "it failed"),
            ("| ERROR    | app.main:run:12 - it failed", Level::Error, "it failed"),
            ("[run.py[line:12] [INFO] -> frame 1", Level::Info, "frame 1"),
            ("[E:onnxruntime:Default, p.cc:1480 f] Failed", Level::Error, "Failed"),
            (": W tensorflow/x/dso.cc:64] Could not", Level::Warning, "Could not"),
            ("W0611 10:02:07.118123 77 x.cc:12] Could not", Level::Warning, "Could not"),
            ("/x/y.py:12: UserWarning: no", Level::Warning, "no"),
            ("Warning: no", Level::Warning, "no"),
            ("Error: no", Level::Unknown, "Error: no"),
            ("Killed", Level::Unknown, "Killed"),
            ("[mov,mp4 @ 0x1] moov atom", Level::Unknown, "[mov,mp4 @ 0x1] moov atom"),
            ("ModuleNotFoundError: No module", Level::Unknown, "ModuleNotFoundError: No module"),
            ("  File \"ERROR\"", Level::Unknown, "  File \"ERROR\""),
        ];
        for (text, level, rest) in table {
            let mut message = Message { text: text.as_bytes(), ..Message::default() };
            peel(&mut message);
            assert_eq!(
                (message.level, String::from_utf8_lossy(message.text)),
                (level, rest.into()),
                "{text}"
            );
        }
    }
}
