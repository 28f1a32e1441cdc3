//! The journal's forms with a field a line. `-o export`: an empty line behind each entry, and a length before what has line ends in
//! it. `-o verbose`: a line with the time before each entry, and blanks before each field.

use super::time::time;

/// How long a field may be that is read by its length.
const LONGEST: u64 = 64 * 1024;

/// An entry, being read.
#[derive(Default)]
pub struct Export {
    form: Option<Form>,
    message: Vec<u8>,
    program: Vec<u8>,
    process: Vec<u8>,
    /// The field whose length and value come next.
    awaited: Option<Field>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Export,
    /// The message's field came last: what is indented farther belongs to it.
    Verbose {
        is_message: bool,
    },
}

/// What stands before a field of the verbose form, and before the further lines of a message.
const INDENT: &[u8] = b"    ";
const FURTHER: &[u8] = b"            ";

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
    Field,
    /// The entry is whole.
    Entry,
    /// A length, eight bytes, and so many bytes come next, and a line end.
    Sized,
}

impl Export {
    /// Whether the log is in this format.
    pub fn is_on(&self) -> bool {
        self.form.is_some()
    }

    pub fn line(&mut self, line: &[u8]) -> Step {
        if line.starts_with(b"__CURSOR=") {
            self.form = Some(Form::Export);
        } else if is_verbose(line) {
            self.form = Some(Form::Verbose { is_message: false });
            return self.ends();
        }
        match self.form {
            None => Step::Other,
            Some(Form::Export) if line.is_empty() => self.ends(),
            Some(Form::Export) => self.exported(line),
            Some(Form::Verbose { is_message }) => self.verbose(line, is_message),
        }
    }

    fn ends(&self) -> Step {
        if self.message.is_empty() { Step::Field } else { Step::Entry }
    }

    fn exported(&mut self, line: &[u8]) -> Step {
        let Some(equals) = line.iter().position(|byte| *byte == b'=') else {
            if !is_name(line) {
                self.form = None;
                return Step::Other;
            }
            self.awaited = Some(if line == b"MESSAGE" { Field::Message } else { Field::Other });
            return Step::Sized;
        };
        if !is_name(&line[..equals]) {
            self.form = None;
            return Step::Other;
        }
        self.field(&line[..equals], &line[equals + 1..]);
        Step::Field
    }

    fn verbose(&mut self, line: &[u8], is_message: bool) -> Step {
        if is_message && let Some(more) = line.strip_prefix(FURTHER) {
            if (self.message.len() as u64) < LONGEST {
                self.message.push(b'\n');
                self.message.extend_from_slice(more);
            }
            return Step::Field;
        }
        let field = line.strip_prefix(INDENT).unwrap_or_default();
        let equals = field.iter().position(|byte| *byte == b'=').filter(|at| is_name(&field[..*at]));
        let Some(equals) = equals else {
            self.form = None;
            return Step::Other;
        };
        let (name, value) = (&field[..equals], &field[equals + 1..]);
        self.form = Some(Form::Verbose { is_message: name == b"MESSAGE" });
        self.field(name, value);
        Step::Field
    }

    fn field(&mut self, name: &[u8], value: &[u8]) {
        let kept = match name {
            b"MESSAGE" => &mut self.message,
            b"SYSLOG_IDENTIFIER" => &mut self.program,
            b"_PID" => &mut self.process,
            _ => return,
        };
        *kept = value.to_owned();
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

/// `Wed 2025-06-11 10:02:07.118452 CST [s=1;i=2]`, before an entry of the verbose form.
pub fn is_verbose(line: &[u8]) -> bool {
    let has_cursor = || memchr::memmem::find(line, b" [s=").is_some_and(|at| time(line) == Some(at));
    line.get(3) == Some(&b' ') && line.ends_with(b"]") && has_cursor()
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

    #[test]
    fn an_entry_of_the_verbose_form_ends_where_the_next_one_begins() {
        let mut export = Export::default();
        let head = b"Wed 2025-06-11 10:02:07.118452 CST [s=1;i=2]";
        assert_eq!(export.line(b"    MESSAGE=no entry"), Step::Other);
        assert_eq!(export.line(head), Step::Field);
        for line in ["    MESSAGE=a", "              b", "    _PID=7", "            no message"] {
            assert_ne!(export.line(line.as_bytes()), Step::Entry, "{line}");
        }
        assert_eq!(export.line(head), Step::Entry);
        assert_eq!(export.take(), (b"[7]".to_vec(), b"a\n  b".to_vec()));
    }
}
