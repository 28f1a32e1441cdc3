//! Text that is not ours, made harmless: others have written what a terminal would obey, or what turns the direction of writing.

use serde_json::Value;

/// C0, DEL, C1, line and paragraph separators, what sets or overrides a direction, and what is not seen at all: the "default ignorable
/// code points" of Unicode, but for those that scripts and emoji are composed with (joiners, variation selectors).
pub fn is_harmful(char: char) -> bool {
    char.is_control()
        || matches!(
            char,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
        )
        || matches!(char, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(char, '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}')
        || matches!(char, '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e00ff}' | '\u{e01f0}'..='\u{e0fff}')
}

/// Bytes as one line of text.
pub fn shown(text: &[u8]) -> String {
    replaced(&String::from_utf8_lossy(text), is_harmful, ' ')
}

/// Text of several lines, with a mark where something was taken out.
pub fn harmless(text: &str) -> String {
    replaced(text, |char| char != '\n' && is_harmful(char), char::REPLACEMENT_CHARACTER)
}

/// A message, a line of one, or a remedy: as [`harmless`], on one line, since another one would look like the launcher's own.
pub fn one_line(text: &str) -> String {
    harmless(text).replace('\n', " ")
}

/// A document. Escapes mean the same to its readers.
pub fn json(document: &Value) -> String {
    let mut text = String::new();
    for char in format!("{document:#}\n").chars() {
        match char {
            '\n' => text.push(char),
            _ if is_harmful(char) => {
                text.extend(char.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
            }
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
            ("a\u{200b}\u{2060}\u{ad}\u{3164}\u{e0061}b", "a\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}b"),
            ("❤\u{fe0f} 👩\u{200d}🚀 می\u{200c}خواهم", "❤\u{fe0f} 👩\u{200d}🚀 می\u{200c}خواهم"),
            ("数字 é ’", "数字 é ’"),
        ];
        for (text, expected) in table {
            assert_eq!(harmless(text), expected);
        }
    }

    #[test]
    fn a_message_has_no_line_that_its_writer_did_not_make() {
        assert_eq!(one_line("a\n  tried: b\x1b"), "a   tried: b\u{fffd}");
    }

    #[test]
    fn a_document_means_the_same_and_harms_no_terminal() {
        let document = serde_json::json!({"a\u{202e}": "\u{9b}31m\x1b\n\x7f 数字 \u{feff}\u{e0061}"});
        let text = json(&document);
        assert_eq!(text.parse::<Value>().expect("JSON"), document);
        assert!(!text.chars().any(|char| char != '\n' && is_harmful(char)), "{text:?}");
        assert!(text.contains("数字"));
    }
}
