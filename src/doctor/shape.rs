//! How a pattern of the table is written, and whether a line has it.
//!
//! A pattern reads as the message does, with a class in braces for what differs: `No module named '{module}'`. Its longest
//! literal piece is its anchor: only where a log has an anchor is anything more looked at.

/// A pattern, taken apart.
#[derive(Debug)]
pub struct Shape {
    pieces: Vec<Piece>,
    /// Which of the pieces is the anchor.
    anchor: usize,
}

#[derive(Debug, Clone, Copy)]
enum Piece {
    Literal(&'static [u8]),
    Class(Class),
}

/// What may stand for a part in braces; never nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// `{module}`: a dotted name.
    Module,
    /// `{library}`: a shared object, of which the file's name counts.
    Library,
    /// `{path}`: all but quotes and what no path in a message has.
    Path,
    /// `{port}`: digits.
    Port,
    /// `{word}`: all but blanks, quotes and colons.
    Word,
    /// `{n}`: digits, and not kept.
    Number,
    /// `{_}`: as a path, and not kept.
    Any,
}

/// Where a line has a pattern.
#[derive(Debug, PartialEq, Eq)]
pub struct Fit<'l> {
    /// The pattern's first byte.
    pub start: usize,
    /// Behind its last.
    pub end: usize,
    /// What stands for the class.
    pub subject: Option<&'l [u8]>,
}

impl Shape {
    /// Takes a pattern apart. `{{` is a brace.
    pub fn new(pattern: &'static str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = pattern;
        while let Some(open) = rest.find('{') {
            if rest[open..].starts_with("{{") {
                push_literal(&mut pieces, &rest[..=open]);
                rest = &rest[open + 2..];
                continue;
            }
            push_literal(&mut pieces, &rest[..open]);
            let (name, after) = rest[open + 1..].split_once('}').unwrap_or((&rest[open + 1..], ""));
            pieces.push(Piece::Class(Class::named(name)));
            rest = after;
        }
        push_literal(&mut pieces, rest);
        let length = |index: &usize| pieces[*index].literal().map_or(0, <[u8]>::len);
        let anchor = (0..pieces.len()).max_by_key(length).unwrap_or_default();
        Self { pieces, anchor }
    }

    /// The longest literal piece.
    pub fn anchor(&self) -> &'static [u8] {
        self.pieces.get(self.anchor).and_then(Piece::literal).unwrap_or_default()
    }

    /// Whether the line has the pattern, with its anchor at this place.
    pub fn fit<'l>(&self, line: &'l [u8], at: usize) -> Option<Fit<'l>> {
        let mut subject = None;
        let mut keep = |class: Class, text: &'l [u8]| {
            let text = class.clip(text)?;
            if !matches!(class, Class::Any | Class::Number) {
                subject = Some(text);
            }
            Some(())
        };
        let (mut start, mut end) = (at, at);
        for piece in &self.pieces[self.anchor..] {
            let rest = &line[end..];
            end += match piece {
                Piece::Literal(literal) => rest.starts_with(literal).then_some(literal.len())?,
                Piece::Class(class) => {
                    let length = rest.iter().take_while(|byte| class.takes(**byte)).count();
                    keep(*class, &rest[..length])?;
                    length
                }
            };
        }
        for piece in self.pieces[..self.anchor].iter().rev() {
            let before = &line[..start];
            start -= match piece {
                Piece::Literal(literal) => before.ends_with(literal).then_some(literal.len())?,
                Piece::Class(class) => {
                    let length = before.iter().rev().take_while(|byte| class.takes(**byte)).count();
                    keep(*class, &before[start - length..])?;
                    length
                }
            };
        }
        Some(Fit { start, end, subject })
    }
}

fn push_literal(pieces: &mut Vec<Piece>, text: &'static str) {
    if !text.is_empty() {
        pieces.push(Piece::Literal(text.as_bytes()));
    }
}

impl Piece {
    fn literal(&self) -> Option<&'static [u8]> {
        match self {
            Self::Literal(literal) => Some(literal),
            Self::Class(_) => None,
        }
    }
}

impl Class {
    fn named(name: &str) -> Self {
        match name {
            "module" => Self::Module,
            "library" => Self::Library,
            "path" => Self::Path,
            "port" => Self::Port,
            "word" => Self::Word,
            "n" => Self::Number,
            other => {
                debug_assert_eq!(other, "_", "no such class");
                Self::Any
            }
        }
    }

    /// Whether a byte may be part of it. Bytes past ASCII are letters: of UTF-8, or of whatever else a name is in.
    fn takes(self, byte: u8) -> bool {
        match self {
            Self::Module => byte.is_ascii_alphanumeric() || b"_.".contains(&byte) || !byte.is_ascii(),
            Self::Library => !byte.is_ascii_whitespace() && !b"'\"`:()[]{}=,".contains(&byte),
            Self::Path | Self::Any => !b"'\"<>\n".contains(&byte),
            Self::Port | Self::Number => byte.is_ascii_digit(),
            Self::Word => !byte.is_ascii_whitespace() && !b"'\"`:".contains(&byte),
        }
    }

    /// What of that text counts; `None` where it can't be one.
    fn clip(self, text: &[u8]) -> Option<&[u8]> {
        let text = match self {
            Self::Library => {
                let name = text.rsplit(|&byte| byte == b'/').next().unwrap_or(text);
                name.windows(3).any(|piece| piece == b".so").then_some(name)?
            }
            // `env` writes the quotes of its language.
            Self::Word => {
                let text = text.strip_prefix("‘".as_bytes()).unwrap_or(text);
                text.strip_suffix("’".as_bytes()).unwrap_or(text)
            }
            _ => text,
        };
        (!text.is_empty()).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pattern's subject in the line, with the anchor wherever it is.
    fn subject<'l>(pattern: &'static str, line: &'l str) -> Option<Option<&'l str>> {
        let shape = Shape::new(pattern);
        let at = memchr::memmem::find(line.as_bytes(), shape.anchor())?;
        let fit = shape.fit(line.as_bytes(), at)?;
        Some(fit.subject.map(|subject| std::str::from_utf8(subject).expect("text")))
    }

    #[test]
    fn a_pattern_reads_as_the_message_and_keeps_what_differs() {
        let table = [
            ("No module named '{module}'", "x: No module named 'a.b_c'", Some(Some("a.b_c"))),
            ("No module named '{module}'", "x: No module named '数字'", Some(Some("数字"))),
            ("No module named '{module}'", "No module named 'a b'", None),
            ("No module named '{module}'", "No module named ''", None),
            ("{library}: cannot open", "e: /usr/lib/libx.so.9: cannot open", Some(Some("libx.so.9"))),
            ("{library}: cannot open", "e: /usr/lib/x: cannot open", None),
            ("{library}: cannot open", ": cannot open", None),
            ("('{_}', {port}): address", "('0.0.0.0', 8383): address", Some(Some("8383"))),
            ("any of {{{library}", "any of {liba.so.1, libb.so}", Some(Some("liba.so.1"))),
            ("plain", "plain", Some(None)),
        ];
        for (pattern, line, expected) in table {
            assert_eq!(subject(pattern, line), expected, "{pattern} in {line}");
        }
    }
}
