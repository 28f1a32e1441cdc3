//! A shell's script, taken apart into its commands: what is in quotes, in comments, in substitutions and in here-documents is none.

use std::iter::Peekable;
use std::str::Chars;

/// A command, or what stands between two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScriptPiece {
    /// As written, with its quotes.
    Command(String),
    /// `&&` or `||`: what follows hangs on what is before.
    And,
    /// `;`, `|`, `&` or the end of a line.
    End,
    /// `(`
    Open,
    /// `)`
    Close,
}

pub fn pieces(script: &str) -> Vec<ScriptPiece> {
    let script = script.replace("\r\n", "\n");
    let mut lexer = Lexer {
        rest: script.chars().peekable(),
        text: String::new(),
        documents: Vec::new(),
        pieces: Vec::new(),
    };
    while let Some(c) = lexer.rest.next() {
        lexer.take(c);
    }
    lexer.end(None);
    lexer.pieces
}

struct Lexer<'s> {
    rest: Peekable<Chars<'s>>,
    /// The command so far.
    text: String,
    /// The last lines of the here-documents that begin with the next line.
    documents: Vec<String>,
    pieces: Vec<ScriptPiece>,
}

impl Lexer<'_> {
    fn take(&mut self, c: char) {
        let is_redirected = self.text.ends_with(['>', '<']);
        match c {
            '\\' => self.escaped(),
            '\'' | '"' | '`' => self.quoted(c),
            '$' if self.rest.peek() == Some(&'(') => self.substitution(),
            '#' if self.text.is_empty() || self.text.ends_with(char::is_whitespace) => {
                while self.rest.next_if(|c| *c != '\n').is_some() {}
            }
            '(' => self.end(Some(ScriptPiece::Open)),
            ')' => self.end(Some(ScriptPiece::Close)),
            '&' if is_redirected || self.rest.peek() == Some(&'>') => self.text.push(c),
            '|' if is_redirected => self.text.push(c),
            '&' | '|' => {
                let is_double = self.rest.next_if_eq(&c).is_some();
                self.end(Some(if is_double { ScriptPiece::And } else { ScriptPiece::End }));
            }
            ';' => self.end(Some(ScriptPiece::End)),
            '\n' => {
                self.end(Some(ScriptPiece::End));
                self.skip_documents();
            }
            '<' if self.rest.peek() == Some(&'<') => self.document(),
            _ => self.text.push(c),
        }
    }

    fn end(&mut self, piece: Option<ScriptPiece>) {
        let text = std::mem::take(&mut self.text);
        let command = Some(text.trim()).filter(|text| !text.is_empty());
        self.pieces.extend(command.map(|text| ScriptPiece::Command(text.to_owned())));
        self.pieces.extend(piece);
    }

    /// A backslash at the end of a line joins it to the next.
    fn escaped(&mut self) {
        match self.rest.next() {
            Some('\n') | None => {}
            Some(c) => self.text.extend(['\\', c]),
        }
    }

    fn quoted(&mut self, quote: char) {
        self.text.push(quote);
        while let Some(c) = self.rest.next() {
            self.text.push(c);
            match c {
                _ if c == quote => return,
                '\\' if quote != '\'' => self.text.extend(self.rest.next()),
                _ => {}
            }
        }
    }

    /// `$(…)` and `$((…))`
    fn substitution(&mut self) {
        self.text.push('$');
        let mut depth = 0;
        while let Some(c) = self.rest.next() {
            match c {
                '\'' | '"' | '`' => {
                    self.quoted(c);
                    continue;
                }
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            self.text.push(c);
            if depth == 0 {
                return;
            }
        }
    }

    /// `<<END`, and the string `<<<`.
    fn document(&mut self) {
        self.rest.next();
        if self.rest.next_if_eq(&'<').is_some() {
            return self.text.push_str("<<<");
        }
        while self.rest.next_if(|c| "- \t".contains(*c)).is_some() {}
        let mut last = String::new();
        while let Some(c) = self.rest.next_if(|c| !c.is_whitespace() && !";&|()<>".contains(*c)) {
            last.push(c);
        }
        self.documents.push(last.replace(['\'', '"', '\\'], ""));
    }

    fn skip_documents(&mut self) {
        for last in std::mem::take(&mut self.documents) {
            while self.rest.peek().is_some() {
                let line: String = self.rest.by_ref().take_while(|c| *c != '\n').collect();
                if line.trim_start_matches('\t') == last {
                    break;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_taken_apart() {
        let table: &[(&str, &str)] = &[
            ("a b && c || d; e | f & g\nh", "a b && c && d ; e ; f ; g ; h"),
            ("# a && b\nc # d; e\nf#g", "; c ; f#g"),
            ("a 'b; c' \"d && \\\" e\" `f; g` h\\;i", "a 'b; c' \"d && \\\" e\" `f; g` h\\;i"),
            ("a $(b; c \")\") $((1 + (2))) d", "a $(b; c \")\") $((1 + (2))) d"),
            ("a \\\n  b", "a   b"),
            ("a > b 2>&1; c &> d; e >| f", "a > b 2>&1 ; c &> d ; e >| f"),
            ("(a && b); c() { d; }", "( a && b ) ; c ( ) { d ; }"),
            ("cat <<-'END' > x\na; b\n\tEND\nc <<< d", "cat  > x ; c <<< d"),
            ("a 'b", "a 'b"),
            ("a\r\nb", "a ; b"),
        ];
        for (script, expected) in table {
            let shown = pieces(script).into_iter().map(|piece| match piece {
                ScriptPiece::Command(text) => text,
                ScriptPiece::And => "&&".to_owned(),
                ScriptPiece::End => ";".to_owned(),
                ScriptPiece::Open => "(".to_owned(),
                ScriptPiece::Close => ")".to_owned(),
            });
            assert_eq!(shown.collect::<Vec<_>>().join(" "), *expected, "{script}");
        }
    }
}
