//! How a pattern of the tables is written, and whether a message has it.
//!
//! A pattern reads as the message does, with a placeholder in braces for what differs: `No module named '{module}'`. `^` at its start
//! and `$` at its end stand for those of the message. Its longest literal piece is its anchor, and a few bytes of that are its
//! key: only where a message has a key is anything more looked at.

/// How long a key is: long enough to be rare, and short enough that a search for all of them stays in a processor's cache.
const KEY: usize = 6;

/// A pattern, taken apart.
#[derive(Debug)]
pub struct Pattern {
    pieces: Vec<Piece>,
    /// Which of the pieces is the anchor.
    anchor: usize,
    /// Where in the anchor the key is.
    key: usize,
    starts: bool,
    ends: bool,
}

#[derive(Debug, Clone, Copy)]
enum Piece {
    Literal(&'static [u8]),
    Placeholder(Placeholder),
}

/// What may stand for a part in braces; never nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Placeholder {
    /// `{module}`: a dotted name.
    Module,
    /// `{library}`: a shared object, of which the file's name counts.
    Library,
    /// `{object}`: a shared object, with its path.
    Object,
    /// `{path}`: all but quotes and what no path in a message has.
    Path,
    /// `{word}`: all but blanks, quotes and colons.
    Word,
    /// `{host}`: a host with its port, or what else has no blank, quote or slash.
    Host,
    /// `{port}`: digits.
    Port,
    /// `{n}`: digits, and not kept.
    Number,
    /// `{_}`: as a path, and not kept.
    Any,
    /// `{ }`: blanks, and not kept.
    Blanks,
}

const PLACEHOLDERS: &[(&str, Placeholder)] = &[
    ("module", Placeholder::Module),
    ("library", Placeholder::Library),
    ("object", Placeholder::Object),
    ("path", Placeholder::Path),
    ("word", Placeholder::Word),
    ("host", Placeholder::Host),
    ("port", Placeholder::Port),
    ("n", Placeholder::Number),
    ("_", Placeholder::Any),
    (" ", Placeholder::Blanks),
];

/// Where a message has a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match<'l> {
    /// The pattern's first byte.
    pub start: usize,
    /// Behind its last.
    pub end: usize,
    /// What stands for the placeholder.
    pub subject: &'l [u8],
}

impl Pattern {
    /// Takes a pattern apart. `{{` is a brace.
    pub fn new(pattern: &'static str) -> Self {
        let (starts, rest) = pattern.strip_prefix('^').map_or((false, pattern), |rest| (true, rest));
        let (ends, mut rest) = rest.strip_suffix('$').map_or((false, rest), |rest| (true, rest));
        let mut pieces = Vec::new();
        while let Some(open) = rest.find('{') {
            if rest[open..].starts_with("{{") {
                push_literal(&mut pieces, &rest[..=open]);
                rest = &rest[open + 2..];
                continue;
            }
            push_literal(&mut pieces, &rest[..open]);
            let (name, after) = rest[open + 1..].split_once('}').unwrap_or((&rest[open + 1..], ""));
            pieces.push(Piece::Placeholder(Placeholder::named(name)));
            rest = after;
        }
        push_literal(&mut pieces, rest);
        let length = |index: &usize| pieces[*index].literal().map_or(0, <[u8]>::len);
        let anchor = (0..pieces.len()).max_by_key(length).unwrap_or_default();
        let literal = pieces.get(anchor).and_then(Piece::literal).unwrap_or_default();
        Self { pieces, anchor, key: rarest(literal), starts, ends }
    }

    /// The longest literal piece.
    fn anchor(&self) -> &'static [u8] {
        self.pieces.get(self.anchor).and_then(Piece::literal).unwrap_or_default()
    }

    /// What of the anchor is searched for.
    pub fn key(&self) -> &'static [u8] {
        let anchor = self.anchor();
        &anchor[self.key..anchor.len().min(self.key + KEY)]
    }

    /// Where the anchor begins of which the key was found at a place, if all of it is there.
    pub fn anchor_at(&self, text: &[u8], key: usize) -> Option<usize> {
        let at = key.checked_sub(self.key)?;
        text[at..].starts_with(self.anchor()).then_some(at)
    }

    /// Whether the message has the pattern, with its anchor at this place.
    pub fn match_at<'l>(&self, text: &'l [u8], at: usize) -> Option<Match<'l>> {
        let mut subject: &[u8] = &[];
        let mut keep = |placeholder: Placeholder, part: &'l [u8]| {
            let part = placeholder.clip(part)?;
            if placeholder.is_kept() {
                subject = part;
            }
            Some(())
        };
        let (mut start, mut end) = (at, at);
        for (index, piece) in self.pieces.iter().enumerate().skip(self.anchor) {
            let rest = &text[end..];
            end += match piece {
                Piece::Literal(literal) => rest.starts_with(literal).then_some(literal.len())?,
                Piece::Placeholder(placeholder) => {
                    let next = self.pieces.get(index + 1).and_then(Piece::literal);
                    let length = placeholder.length(rest, next)?;
                    keep(*placeholder, &rest[..length])?;
                    length
                }
            };
        }
        for (index, piece) in self.pieces[..self.anchor].iter().enumerate().rev() {
            let before = &text[..start];
            start -= match piece {
                Piece::Literal(literal) => before.ends_with(literal).then_some(literal.len())?,
                Piece::Placeholder(placeholder) => {
                    let next = index.checked_sub(1).and_then(|index| self.pieces[index].literal());
                    let length = placeholder.length_back(before, next)?;
                    keep(*placeholder, &before[start - length..])?;
                    length
                }
            };
        }
        let is_placed = (!self.starts || start == 0) && (!self.ends || text[end..].trim_ascii().is_empty());
        is_placed.then_some(Match { start, end, subject })
    }
}

/// What many messages say: no key is of it where another can be had.
const COMMON: &[u8] = b" could not be found: failed to error: invalid unable to open the file not available does not exist in cannot \
    connect to no such file or directory: connection timed out with exit code ";

/// Where in a literal the key is: rare letters, or the end of a word and the start of the next.
fn rarest(literal: &[u8]) -> usize {
    let commonness = |byte: &u8| match byte {
        b' ' | b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 3,
        b'a'..=b'z' => 2,
        _ => 1,
    };
    let score = |window: &[u8]| {
        let letters: i32 = window.iter().map(commonness).sum();
        let is_between = window[1..KEY - 1].contains(&b' ');
        let is_common = memchr::memmem::find(COMMON, window).is_some();
        letters - if is_between { 4 } else { 0 } + if is_common { 9 } else { 0 }
    };
    let windows = literal.windows(KEY).enumerate();
    windows.min_by_key(|(_, window)| score(window)).map_or(0, |(at, _)| at)
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
            Self::Placeholder(_) => None,
        }
    }
}

impl Placeholder {
    fn named(name: &str) -> Self {
        let known = PLACEHOLDERS.iter().find(|(known, _)| *known == name);
        debug_assert!(known.is_some(), "no placeholder {name:?}");
        known.map_or(Self::Any, |(_, placeholder)| *placeholder)
    }

    /// How long it is at the start of this text: up to the literal that comes next, where one does.
    fn length(self, text: &[u8], next: Option<&[u8]>) -> Option<usize> {
        let longest = text.iter().take_while(|byte| self.takes(**byte)).count();
        match next {
            None => Some(longest),
            Some(next) => (1..=longest).find(|length| text[*length..].starts_with(next)),
        }
    }

    /// The same at the end of a text.
    fn length_back(self, text: &[u8], next: Option<&[u8]>) -> Option<usize> {
        let longest = text.iter().rev().take_while(|byte| self.takes(**byte)).count();
        match next {
            None => Some(longest),
            Some(next) => (1..=longest).find(|length| text[..text.len() - length].ends_with(next)),
        }
    }

    fn is_kept(self) -> bool {
        !matches!(self, Self::Any | Self::Number | Self::Blanks)
    }

    /// Whether a byte may be part of it. Bytes past ASCII are letters: of UTF-8, or of whatever else a name is in.
    fn takes(self, byte: u8) -> bool {
        match self {
            Self::Module => byte.is_ascii_alphanumeric() || b"_.".contains(&byte) || !byte.is_ascii(),
            Self::Library | Self::Object => !byte.is_ascii_whitespace() && !b"'\"`:()[]{}=,".contains(&byte),
            Self::Path | Self::Any => !b"'\"\n".contains(&byte),
            Self::Port | Self::Number => byte.is_ascii_digit(),
            Self::Word => !byte.is_ascii_whitespace() && !b"'\"`:".contains(&byte),
            Self::Host => !byte.is_ascii_whitespace() && !b"'\"`/,()".contains(&byte),
            Self::Blanks => byte == b' ' || byte == b'\t',
        }
    }

    /// What of that text counts; `None` where it can't be one.
    fn clip(self, text: &[u8]) -> Option<&[u8]> {
        let text = match self {
            Self::Library | Self::Object => {
                let name = text.rsplit(|&byte| byte == b'/').next().unwrap_or(text);
                let is_library = name.windows(3).any(|piece| piece == b".so");
                is_library.then_some(if self == Self::Object { text } else { name })?
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

    /// The pattern's subject in the message, with the anchor wherever it is.
    fn subject<'l>(pattern: &'static str, text: &'l str) -> Option<&'l str> {
        let pattern = Pattern::new(pattern);
        let key = memchr::memmem::find(text.as_bytes(), pattern.key())?;
        let at = pattern.anchor_at(text.as_bytes(), key)?;
        let found = pattern.match_at(text.as_bytes(), at)?;
        Some(std::str::from_utf8(found.subject).expect("text"))
    }

    #[test]
    fn a_pattern_reads_as_the_message_and_keeps_what_differs() {
        let table = [
            ("No module named '{module}'", "x: No module named 'a.b_c'", Some("a.b_c")),
            ("No module named '{module}'", "x: No module named '数字'", Some("数字")),
            ("No module named '{module}'", "No module named 'a b'", None),
            ("No module named '{module}'", "No module named ''", None),
            ("^No module named '{module}'", "x: No module named 'a'", None),
            ("No module named {module}$", "No module named a ", Some("a")),
            ("No module named {module}$", "No module named a, so", None),
            ("{library}: cannot open", "e: /usr/lib/libx.so.9: cannot open", Some("libx.so.9")),
            ("{object}: cannot open", "e: /usr/lib/libx.so.9: cannot open", Some("/usr/lib/libx.so.9")),
            ("{library}: cannot open", "e: /usr/lib/x: cannot open", None),
            ("{library}: cannot open", ": cannot open", None),
            ("('{_}', {port}): address", "('0.0.0.0', 8383): address", Some("8383")),
            ("any of {{{library}", "any of {liba.so.1, libb.so}", Some("liba.so.1")),
            ("^{n}{ }Killed{ }", "12 Killed      python", Some("")),
            ("plain", "plain", Some("")),
            ("^exec {path}: no such file$", "exec /a: b: no such file", Some("/a: b")),
            ("host '{host}', {_}) failed", "host 'a', (b) (c) failed", Some("a")),
        ];
        for (pattern, text, expected) in table {
            assert_eq!(subject(pattern, text), expected, "{pattern} in {text}");
        }
    }
}
