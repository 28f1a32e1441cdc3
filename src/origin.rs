//! What a value comes from.

use std::fmt;

/// The option or the variable that a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// An option of this name: `--root`.
    Option(&'static str),
    /// A variable of this process: `HEYGEM_DIR`.
    Variable(&'static str),
    /// `HEYGEM_DIR` of a service that is inspected.
    Service,
}

impl Origin {
    /// As messages call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Option(name) | Self::Variable(name) => name,
            Self::Service => "the service's HEYGEM_DIR",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
