//! The shells that printed lines are pasted into.

use std::fs::File;
use std::path::Path;

use crate::support::build::expect;
use crate::support::place::Place;
use crate::support::run::Run;

/// A shell, by how it is started.
#[derive(Debug, Clone, Copy)]
pub struct Shell {
    words: &'static [&'static str],
    /// Whether it knows `$'…'`, as POSIX has it since 2024.
    pub knows_ansi_c: bool,
}

/// These are everywhere. With its history, bash reads a line as it does at a prompt, where `!` is special.
const ALWAYS: [Shell; 2] = [
    Shell { words: &["sh"], knows_ansi_c: false },
    Shell { words: &["bash", "--norc", "-o", "history", "-H"], knows_ansi_c: true },
];

/// These are used where they are installed.
const MAYBE: [Shell; 3] = [
    Shell { words: &["dash"], knows_ansi_c: false },
    Shell { words: &["zsh", "-f"], knows_ansi_c: true },
    Shell { words: &["ksh"], knows_ansi_c: true },
];

/// All there are.
pub fn shells() -> impl Iterator<Item = Shell> {
    let installed = |shell: &Shell| {
        ["/usr/bin", "/bin"].iter().any(|directory| Path::new(directory).join(shell.words[0]).exists())
    };
    ALWAYS.into_iter().chain(MAYBE.into_iter().filter(installed))
}

impl Shell {
    /// Has it read this text, as if it were pasted.
    pub fn reads(self, place: &Place, text: &[u8]) -> Run {
        let file = place.write("pasted", text);
        let mut command = place.command(self.words[0]);
        command.args(&self.words[1..]).stdin(expect(File::open(&file), "open", &file));
        Run::new(command)
    }
}
