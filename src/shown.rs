//! Text that is not the launcher's own, made harmless.

/// Bytes as text for a terminal: control characters could do anything to it, and those that turn the direction of writing to
/// what is read.
pub fn shown(text: &[u8]) -> String {
    let harmless = |char: char| if is_harmful(char) { ' ' } else { char };
    String::from_utf8_lossy(text).chars().map(harmless).collect()
}

/// C0, DEL, C1, line and paragraph separators, and what sets or overrides a direction.
fn is_harmful(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_harm_is_a_blank() {
        assert_eq!(shown("a\x1b]0;x\x07\u{9b}3m\u{202e}b\x7f队".as_bytes()), "a ]0;x  3m b 队");
        assert_eq!(shown(b"a\xffb"), "a\u{fffd}b");
    }
}
