//! What a row of the tables holds. A comment in a row names the program's source or manual that its text is from; rows without one are
//! from public reports, or from HeyGem's own failures.

/// A pattern, and what must hold besides.
pub type Rule = (&'static str, &'static [Condition]);

/// What a service suffers from, known by what its log tells.
#[derive(Debug)]
pub struct Cause {
    /// What the user is told it is called; never changed.
    pub name: &'static str,
    pub weight: Weight,
    /// What it is, on one line. `{}` stands for what the message was about, here and below.
    pub title: &'static str,
    /// The title in Chinese, for the documentation.
    pub chinese: &'static str,
    pub means: &'static str,
    /// What to do. What else may stand in braces here is in `fill.rs`.
    pub remedy: &'static str,
    /// What to do, in Chinese: for the rows that the README shows.
    pub chinese_remedy: &'static str,
    /// The causes that this one is told under, where they are in the log.
    pub follows: &'static [&'static str],
    /// The causes that are none after it, where they are of the same source and about the same thing.
    pub explains: &'static [&'static str],
    /// It is about another service: what that one's own log suffers from is the cause.
    pub blames_service: bool,
    /// Any of these is enough.
    pub rules: &'static [Rule],
    /// Messages that have it.
    pub tells: &'static [&'static str],
    /// Messages that look alike and have no cause.
    pub silent: &'static [&'static str],
}

impl Cause {
    /// A row's defaults.
    pub const ROW: Self = Self {
        name: "",
        weight: Weight::Stops,
        title: "",
        chinese: "",
        means: "",
        remedy: "",
        chinese_remedy: "",
        follows: &[],
        explains: &[],
        blames_service: false,
        rules: &[],
        tells: &[],
        silent: &[],
    };
}

/// How bad a cause is; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Nothing works.
    Stops,
    /// Something does not work, or not well.
    Hampers,
    /// Something else is the cause.
    Follows,
}

impl Weight {
    /// As scripts read it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stops => "stops",
            Self::Hampers => "hampers",
            Self::Follows => "follows",
        }
    }
}

/// What must hold for a pattern besides that its text is there.
#[derive(Debug, Clone, Copy)]
pub enum Condition {
    /// It counts though its logger takes it for a warning, or it says that it is gone on from.
    AnyLevel,
    /// Its logger takes it for an error.
    AtError,
    /// An exception was raised, and shown as Python shows it.
    Raised,
    /// An import failed for good, and not only one of several ways.
    Uncaught,
    /// The exception's class ends in one of these.
    Class(&'static [&'static str]),
    /// The innermost frame, which is none of the import system's, has one of these.
    Last(&'static [&'static str]),
    /// A frame has one of these.
    Frames(&'static [&'static str]),
    /// No frame has one of these.
    NoFrames(&'static [&'static str]),
    /// The log does not say where it was raised.
    Unframed,
    /// A frame has one of these, where the log says where it was raised.
    Through(&'static [&'static str]),
    /// That does not hold.
    Not(&'static Condition),
    /// The subject is one of these.
    Is(&'static [&'static str]),
    /// The subject begins with one of these.
    Begins(&'static [&'static str]),
    /// The subject ends in one of these.
    EndsIn(&'static [&'static str]),
    /// The subject has one of these in it.
    Holds(&'static [&'static str]),
    /// The subject's first part, before a dot or slash, is one of these.
    Top(&'static [&'static str]),
    /// The subject has more than one part.
    Dotted,
    /// The subject is a path that depends on the working directory.
    Relative,
    /// The subject is a path that does not.
    Absolute,
    /// The subject's first part is a module that pip is known to install.
    Pip,
    /// It is none.
    NotPip,
    /// The message has one of these.
    Says(&'static [&'static str]),
    /// The message has none of these.
    Lacks(&'static [&'static str]),
}
