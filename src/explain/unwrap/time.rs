//! The times that loggers and containers put before a message.

/// How a time may be written: `d` is a digit, `a` a letter, `-` also a slash or dot, `T` also a blank, `_` a blank or a digit.
/// The longest first.
const SHAPES: &[&str] = &[
    WITH_ZONE,
    "dddd-dd-dd, dd:dd:dd",
    "dddd-dd-ddTdd:dd:dd",
    "dd-dd-ddddTdd:dd:dd",
    "aaa aaa _d dd:dd:dd dddd",
    "aaa _d dd:dd:dd dddd",
    "aaa _d dd:dd:dd",
    "dd aaa dddd dd:dd:dd",
    "dd-dd dd:dd:dd",
    "dd:dd:dd",
];

/// As the journal writes it with a zone's name behind it, `Wed 2025-06-11 10:02:07 CST`.
const WITH_ZONE: &str = "aaa dddd-dd-ddTdd:dd:dd";

/// The length of the time at the start of this text, with its fraction and zone.
pub fn time(text: &[u8]) -> Option<usize> {
    let is_likely = matches!(
        text,
        [b'0'..=b'9', b'0'..=b'9', b':' | b'-' | b'/' | b' ' | b'.', ..]
            | [b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'-' | b'/' | b'.', ..]
            | [b'A'..=b'Z', b'a'..=b'z', b'a'..=b'z', b' ', ..]
    );
    if !is_likely {
        return None;
    }
    let shape = *SHAPES.iter().find(|shape| has(text, shape.as_bytes()))?;
    let mut end = shape.len() + fraction(&text[shape.len()..]);
    end += match zone(&text[end..]) {
        0 if shape == WITH_ZONE => zone_name(&text[end..]),
        length => length,
    };
    Some(end)
}

fn has(text: &[u8], shape: &[u8]) -> bool {
    text.len() >= shape.len()
        && shape.iter().zip(text).all(|(shape, &byte)| match shape {
            b'd' => byte.is_ascii_digit(),
            b'a' => byte.is_ascii_alphabetic(),
            b'_' => byte == b' ' || byte.is_ascii_digit(),
            b'-' => b"-/.".contains(&byte),
            b'T' => b"T ".contains(&byte),
            other => *other == byte,
        })
}

fn fraction(text: &[u8]) -> usize {
    match text {
        [b'.' | b',', rest @ ..] => match digits(rest) {
            0 => 0,
            length => 1 + length,
        },
        _ => 0,
    }
}

/// `Z`, `+0800`, ` +0000`, `-08:00`.
fn zone(text: &[u8]) -> usize {
    let blank = usize::from(text.first() == Some(&b' '));
    match &text[blank..] {
        [b'Z', ..] if blank == 0 => 1,
        [b'U', b'T', b'C', ..] => blank + 3,
        [b'+' | b'-', rest @ ..] if digits(rest) == 4 => blank + 5,
        [b'+' | b'-', rest @ ..] if digits(rest) == 2 && rest.get(2) == Some(&b':') => blank + 6,
        _ => 0,
    }
}

/// ` CST`, ` +08`.
fn zone_name(text: &[u8]) -> usize {
    let Some(name) = text.strip_prefix(b" ") else { return 0 };
    let is_of_it = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"+-".contains(byte);
    match name.iter().position(|byte| *byte == b' ') {
        Some(length @ 2..=5) if name[..length].iter().all(is_of_it) => 1 + length,
        _ => 0,
    }
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_known_by_their_form() {
        let table = [
            ("2025-06-11T10:02:07.118Z x", "2025-06-11T10:02:07.118Z"),
            ("2025-06-11T10:02:07.118+08:00 x", "2025-06-11T10:02:07.118+08:00"),
            ("2025-06-11 10:02:07,118 - x", "2025-06-11 10:02:07,118"),
            ("2025/06/11 10:02:07 [error]", "2025/06/11 10:02:07"),
            ("2025-06-11 10:02:07 +0000] [7]", "2025-06-11 10:02:07 +0000"),
            ("Jun 11 10:02:07 host", "Jun 11 10:02:07"),
            ("Jun  1 10:02:07.123456 host", "Jun  1 10:02:07.123456"),
            ("Wed Jun 11 10:02:07 2025 - x", "Wed Jun 11 10:02:07 2025"),
            ("10:02:07.5 x", "10:02:07.5"),
            ("06-11 10:02:07 x", "06-11 10:02:07"),
            ("Wed 2025-06-11 10:02:07.118 CST host", "Wed 2025-06-11 10:02:07.118 CST"),
            ("Wed 2025-06-11 10:02:07 +08 host", "Wed 2025-06-11 10:02:07 +08"),
            ("2025-06-11, 10:02:07 UTC] x", "2025-06-11, 10:02:07 UTC"),
            ("10:02 x", ""),
            ("Killed", ""),
            ("", ""),
        ];
        for (text, expected) in table {
            assert_eq!(time(text.as_bytes()).unwrap_or(0), expected.len(), "{text}");
        }
    }
}
