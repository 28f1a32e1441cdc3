//! How bad the one who logged a message takes it to be.

/// How bad the one who logged a message takes it to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Level {
    /// It has none.
    #[default]
    Unknown,
    /// Debug, info, notice, trace.
    Info,
    /// Something that is gone on from.
    Warning,
    /// Error, critical, fatal.
    Error,
}

const WORDS: &[(&str, Level)] = &[
    ("TRACE", Level::Info),
    ("DEBUG", Level::Info),
    ("DEBG", Level::Info),
    ("INFO", Level::Info),
    ("NOTICE", Level::Info),
    ("SUCCESS", Level::Info),
    ("WARNING", Level::Warning),
    ("WARN", Level::Warning),
    ("ERROR", Level::Error),
    ("SEVERE", Level::Error),
    ("CRITICAL", Level::Error),
    ("CRIT", Level::Error),
    ("ALERT", Level::Error),
    ("EMERG", Level::Error),
    ("FATAL", Level::Error),
];

impl Level {
    /// A level by its name, in any case.
    pub fn named(word: &[u8]) -> Option<Self> {
        let known = |(name, _): &&(&str, Self)| name.as_bytes().eq_ignore_ascii_case(word);
        WORDS.iter().find(known).map(|(_, level)| *level)
    }

    /// By its first letter, as Google's logger and its heirs write it.
    pub fn lettered(letter: u8) -> Option<Self> {
        match letter {
            b'D' | b'I' | b'V' => Some(Self::Info),
            b'W' => Some(Self::Warning),
            b'E' | b'F' => Some(Self::Error),
            _ => None,
        }
    }
}
