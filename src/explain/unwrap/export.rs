//! The journal's export format: a field a line, an empty line behind each entry, and a length before what has line ends in it.

/// How long a field may be that is read by its length.
const LONGEST: u64 = 64 * 1024;

/// An entry, being read.
#[derive(Default)]
pub struct Export {
    is_on: bool,
    message: Vec<u8>,
    program: Vec<u8>,
    process: Vec<u8>,
    /// The field whose length and value come next.
    awaited: Option<Field>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Message,
    Other,
}

/// What a line of it means.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// It is none of this format.
    Other,
    /// A field.
    Field,
    /// The entry is whole.
    Entry,
    /// A length, eight bytes, and so many bytes come next, and a line end.
    Sized,
}

impl Export {
    /// Whether the log is in this format.
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// Reads a line.
    pub fn line(&mut self, line: &[u8]) -> Step {
        if line.starts_with(b"__CURSOR=") {
            self.is_on = true;
        }
        if !self.is_on {
            return Step::Other;
        }
        if line.is_empty() {
            return if self.message.is_empty() { Step::Field } else { Step::Entry };
        }
        let Some(equals) = line.iter().position(|byte| *byte == b'=') else {
            if !is_name(line) {
                self.is_on = false;
                return Step::Other;
            }
            self.awaited = Some(if line == b"MESSAGE" { Field::Message } else { Field::Other });
            return Step::Sized;
        };
        if !is_name(&line[..equals]) {
            self.is_on = false;
            return Step::Other;
        }
        let value = &line[equals + 1..];
        match &line[..equals] {
            b"MESSAGE" => self.message = value.to_owned(),
            b"SYSLOG_IDENTIFIER" => self.program = value.to_owned(),
            b"_PID" => self.process = value.to_owned(),
            _ => {}
        }
        Step::Field
    }

    /// How many bytes a value has, by its length; `None` where none can be that long.
    pub fn length(eight: [u8; 8]) -> Option<usize> {
        let length = u64::from_le_bytes(eight);
        (length <= LONGEST).then(|| usize::try_from(length).ok()).flatten()
    }

    /// The value that was awaited.
    pub fn value(&mut self, value: &[u8]) {
        if self.awaited.take() == Some(Field::Message) {
            self.message = value.to_owned();
        }
    }

    /// The value was too long, or is not there: the format is left.
    pub fn give_up(&mut self) {
        *self = Self::default();
    }

    /// The entry's source and message.
    pub fn take(&mut self) -> (Vec<u8>, Vec<u8>) {
        let mut source = std::mem::take(&mut self.program);
        let process = std::mem::take(&mut self.process);
        if !process.is_empty() {
            source.push(b'[');
            source.extend(process);
            source.push(b']');
        }
        (source, std::mem::take(&mut self.message))
    }
}

fn is_name(text: &[u8]) -> bool {
    !text.is_empty()
        && text.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_its_message_and_its_process() {
        let mut export = Export::default();
        assert_eq!(export.line(b"MESSAGE=no entry"), Step::Other);
        for line in ["__CURSOR=s=1", "SYSLOG_IDENTIFIER=run.sh", "_CMDLINE=a b", "MESSAGE=Killed", "_PID=7"] {
            assert_eq!(export.line(line.as_bytes()), Step::Field, "{line}");
        }
        assert_eq!(export.line(b""), Step::Entry);
        assert_eq!(export.take(), (b"run.sh[7]".to_vec(), b"Killed".to_vec()));
        assert_eq!(export.line(b""), Step::Field, "nothing is told twice");
        assert_eq!(export.line(b"MESSAGE"), Step::Sized);
        export.value(b"a\nb");
        assert_eq!(export.line(b""), Step::Entry);
        assert_eq!(export.take().1, b"a\nb");
        assert_eq!(export.line(b"plain text"), Step::Other);
    }
}
