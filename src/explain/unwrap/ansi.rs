//! Colours and other sequences for a terminal.

/// Appends the text less what only a terminal understands.
pub fn strip(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(escape) = memchr::memchr(0x1b, rest) {
        out.extend_from_slice(&rest[..escape]);
        rest = &rest[escape + 1..];
        rest = match rest {
            [b'[', sequence @ ..] => {
                let last = sequence.iter().position(|byte| (0x40..0x7f).contains(byte));
                last.map_or(&[], |last| &sequence[last + 1..])
            }
            // A title or a link, up to a bell or `ESC \`.
            [b']', sequence @ ..] => match memchr::memchr2(0x07, 0x1b, sequence) {
                Some(end) if sequence[end] == 0x07 => &sequence[end + 1..],
                Some(end) => sequence.get(end + 2..).unwrap_or_default(),
                None => &[],
            },
            [_, after @ ..] => after,
            [] => rest,
        };
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_text_stays() {
        let table = [
            ("plain", "plain"),
            ("\x1b[1;31mKilled\x1b[0m", "Killed"),
            ("\x1b]0;title\x07Killed", "Killed"),
            ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
            ("a\x1b(Bb", "aBb"),
            ("cut \x1b[3", "cut "),
            ("cut \x1b", "cut "),
        ];
        for (text, expected) in table {
            let mut out = Vec::new();
            strip(text.as_bytes(), &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected, "{text:?}");
        }
    }
}
