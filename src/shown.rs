//! Text that is not ours, made harmless: others have written what a terminal would obey, or what turns the direction of writing.

use serde_json::Value;

/// C0, DEL, C1, line and paragraph separators, what sets or overrides a direction, and what has no width at all.
pub fn is_harmful(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Bytes as one line of text.
pub fn shown(text: &[u8]) -> String {
    replaced(&String::from_utf8_lossy(text), is_harmful, ' ')
}

/// Text of several lines, with a mark where something was taken out.
pub fn harmless(text: &str) -> String {
    replaced(text, |char| char != '\n' && is_harmful(char), char::REPLACEMENT_CHARACTER)
}

/// A document. Escapes mean the same to its readers.
pub fn json(document: &Value) -> String {
    let mut text = String::new();
    for char in format!("{document:#}\n").chars() {
        match char {
            '\n' => text.push(char),
            _ if is_harmful(char) => text += &format!("\\u{:04x}", u32::from(char)),
            _ => text.push(char),
        }
    }
    text
}

fn replaced(text: &str, is_meant: impl Fn(char) -> bool, by: char) -> String {
    text.chars().map(|char| if is_meant(char) { by } else { char }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmful_characters_are_removed() {
        assert_eq!(shown("a\x1b]0;x\x07\u{9b}3m\u{202e}b\x7f队".as_bytes()), "a ]0;x  3m b 队");
        assert_eq!(shown(b"a\xffb"), "a\u{fffd}b");
        let table = [
            ("\x1b]0;title\x07 a\nb", "\u{fffd}]0;title\u{fffd} a\nb"),
            ("\u{9b}31m \x7f", "\u{fffd}31m \u{fffd}"),
            ("a\u{202e}b\u{2066}", "a\u{fffd}b\u{fffd}"),
            ("数字 é ’", "数字 é ’"),
        ];
        for (text, expected) in table {
            assert_eq!(harmless(text), expected);
        }
    }

    #[test]
    fn a_document_means_the_same_and_harms_no_terminal() {
        let document = serde_json::json!({"a\u{202e}": "\u{9b}31m\x1b\n\x7f 数字 \u{feff}"});
        let text = json(&document);
        assert_eq!(text.parse::<Value>().expect("JSON"), document);
        assert!(!text.chars().any(|char| char != '\n' && is_harmful(char)), "{text:?}");
        assert!(text.contains("数字"));
    }
}
