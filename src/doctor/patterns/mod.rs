//! Why a HeyGem service does not start or work: the table. How a pattern is written is in [`super::shape`].
//!
//! Patterns are for a class of message, never for one case. The first cause whose pattern fits a message has it, so a special
//! case stands before the general one. The causes are in one file a topic.

mod files;
mod imports;
mod libraries;
mod processes;

/// All causes, in order.
pub fn causes() -> impl Iterator<Item = &'static Cause> {
    [imports::CAUSES, libraries::CAUSES, files::CAUSES, processes::CAUSES].into_iter().flatten()
}

/// What several patterns share: it is searched for in their place, since a search for fewer words is quicker, and quickest for
/// words whose first four letters a log seldom has. No word of all that are searched for begins with another.
pub const STEMS: &[&str] = &[
    "No module named ",
    "annot ",
    "ould not ",
    "nable to ",
    "nvalid ",
    "t found",
    "' is not ",
    "does not define ",
    "attribute '",
    "attempt",
    " already ",
    "ermission denied",
    "o such file or directory: '",
    "No space left on device",
    "CUDA",
    "NVIDIA driver",
    "Failed to ",
    "Load model from ",
    "Ran out of input",
    "Bus error",
    "queue.Empty",
    "Killed",
    "SIGKILL",
    " 137",
    " 139",
    "SIGSEGV",
    "current PyTorch",
];

/// What a service suffers from, known by what it logs.
#[derive(Debug)]
pub struct Cause {
    /// What the user is told it is called; stable.
    pub name: &'static str,
    /// How bad it is.
    pub weight: Weight,
    /// Its rows in the catalogue of failures, where it is from; none for what is known of Python and Linux at large.
    pub rows: &'static [u8],
    /// What it is, on one line. `{}` stands for what the message was about, here and below.
    pub title: &'static str,
    /// What that means.
    pub means: &'static str,
    /// What to do. `{pip}` stands for the name that pip knows a module by.
    pub remedy: &'static str,
    /// Any of these is enough.
    pub patterns: &'static [(&'static str, &'static [When])],
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

/// What must hold for a pattern besides that its text is there.
#[derive(Debug, Clone, Copy)]
pub enum When {
    /// It is all there is on the line, less what loggers, shells and containers put before it.
    Alone,
    /// Nothing follows it on the line.
    Ends,
    /// The source line above it in the traceback has one of these.
    Above(&'static [&'static str]),
    /// The subject is one of these.
    Is(&'static [&'static str]),
    /// The subject begins with one of these.
    Begins(&'static [&'static str]),
    /// The subject has one of these in it.
    Holds(&'static [&'static str]),
    /// The subject ends in one of these.
    EndsIn(&'static [&'static str]),
    /// The subject's first part, before a dot or slash, is one of these.
    Top(&'static [&'static str]),
    /// The subject has more than one part.
    Dotted,
    /// The subject is a path that depends on the working directory.
    Relative,
    /// The line has one of these.
    Says(&'static [&'static str]),
    /// The line has none of these.
    Lacks(&'static [&'static str]),
}

/// Modules that pip knows by another name.
pub const PIP_NAMES: &[(&str, &str)] = &[
    ("cv2", "opencv-python"),
    ("PIL", "pillow"),
    ("yaml", "pyyaml"),
    ("sklearn", "scikit-learn"),
    ("skimage", "scikit-image"),
    ("onnxruntime", "onnxruntime-gpu"),
    ("google", "protobuf"),
    ("git", "gitpython"),
    ("dotenv", "python-dotenv"),
    ("multipart", "python-multipart"),
];
