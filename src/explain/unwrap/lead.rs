//! What stands before each line of a traceback in a log whose form is not known: it shows itself there, for two lines of a traceback
//! have nothing in common but that.

use super::bare_message::Message;
use super::header;
use super::level::Level;

/// How many leads are remembered.
const KNOWN: usize = 8;
/// How long one is at most.
const LONGEST: usize = 200;
/// What begins a traceback.
const HEAD: &[u8] = b"Traceback (most recent call last):";

#[derive(Default)]
pub struct Leads {
    known: Vec<Lead>,
    next: usize,
}

/// What was before a traceback's first line.
struct Lead {
    text: Vec<u8>,
    level: Level,
    /// A frame had it, too.
    is_sure: bool,
}

impl Leads {
    /// Takes a lead off a message, less what layers it had, and remembers it where a traceback begins; whether it had one.
    pub fn peel(&mut self, message: &mut Message) -> bool {
        let text = message.text;
        if text.last().is_some_and(|last| *last == b':' || last.is_ascii_whitespace())
            && let Some(lead) = text.trim_ascii_end().strip_suffix(HEAD)
            && !lead.trim_ascii().is_empty()
            && lead.len() <= LONGEST
        {
            self.learn(lead);
        }
        let Some((lead, rest)) = self.known.iter_mut().find_map(|lead| lead.peel(text)) else { return false };
        message.text = rest;
        if lead.level != Level::Unknown {
            message.level = lead.level;
        }
        true
    }

    fn learn(&mut self, text: &[u8]) {
        if self.known.iter().any(|lead| lead.length_in(text) == Some(text.len())) {
            return;
        }
        let mut message = Message { text, ..Message::default() };
        header::peel(&mut message);
        let lead = Lead { text: text.to_owned(), level: message.level, is_sure: false };
        match self.known.get_mut(self.next) {
            Some(old) => *old = lead,
            None => self.known.push(lead),
        }
        self.next = (self.next + 1) % KNOWN;
    }
}

impl Lead {
    fn peel<'l>(&mut self, text: &'l [u8]) -> Option<(&Self, &'l [u8])> {
        let rest = &text[self.length_in(text)?..];
        self.is_sure |= rest.starts_with(b" ") && rest.trim_ascii_start().starts_with(b"File \"");
        self.is_sure.then_some((self, rest))
    }

    /// How much of a text it is: the same, but for times.
    fn length_in(&self, text: &[u8]) -> Option<usize> {
        let (lead, mut at, mut end) = (&self.text, 0, 0);
        while at < lead.len() {
            let run = digits(&lead[at..]);
            if run > 0 && is_of_a_time(lead, at, run) {
                let other = digits(&text[end..]);
                if other == 0 {
                    return None;
                }
                (at, end) = (at + run, end + other);
                continue;
            }
            let same = run.max(1);
            if text.get(end..end + same)? != &lead[at..at + same] {
                return None;
            }
            (at, end) = (at + same, end + same);
        }
        Some(end)
    }
}

/// Whether digits go on behind a colon, a point or a dash, or did so before.
fn is_of_a_time(text: &[u8], at: usize, length: usize) -> bool {
    let joins = |byte: Option<&u8>| byte.is_some_and(|byte| b":.,-/".contains(byte));
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let before = at >= 2 && joins(text.get(at - 1)) && is_digit(text.get(at - 2));
    before || joins(text.get(at + length)) && is_digit(text.get(at + length + 1))
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rests(lines: &[&str]) -> Vec<String> {
        let mut leads = Leads::default();
        let mut rests = Vec::new();
        for line in lines {
            let mut message = Message { text: line.as_bytes(), ..Message::default() };
            leads.peel(&mut message);
            rests.push(String::from_utf8_lossy(message.text).into_owned());
        }
        rests
    }

    #[test]
    fn text_that_a_frame_repeats_is_a_lead() {
        for (first, second) in [
            ("app: ", "app: "),
            ("<9:59:59.9 7> ", "<10:00:00.12 7> "),
            ("ERROR [a.py:12] ", "ERROR [a.py:12] "),
        ] {
            let lines = [
                format!("{first}Traceback (most recent call last):"),
                format!("{second}  File \"a.py\", line 1"),
                format!("{second}    x()"),
                "other: x".to_owned(),
                format!("{first}Killed"),
            ];
            let lines: Vec<_> = lines.iter().map(String::as_str).collect();
            assert_eq!(rests(&lines)[1..], ["  File \"a.py\", line 1", "    x()", "other: x", "Killed"]);
        }
    }

    #[test]
    fn text_that_no_frame_repeats_is_no_lead() {
        let lines =
            ["failed: Traceback (most recent call last):", "  File \"a.py\", line 1", "failed: Killed"];
        assert_eq!(rests(&lines), lines);
        let lines = ["job 7: Traceback (most recent call last):", "job 8:   File \"a.py\", line 1"];
        assert_eq!(rests(&lines), lines);
    }
}
