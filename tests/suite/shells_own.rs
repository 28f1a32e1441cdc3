//! What only a shell understands, given to the launcher as a command: it says what to type, and that works.

use std::process::Command;

use crate::support::place::LAUNCHER;
use crate::support::run::Run;
use crate::support::site::Site;

#[test]
fn what_is_told_to_type_works() {
    let site = Site::in_app();
    site.place.write("app/start.sh", "echo \"$HEYGEM_DIR\"\n");
    let print = "echo \"$HEYGEM_DIR\"";
    let table: [(&[&str], &str); 6] = [
        (&["exec", "sh", "-c", print], "exec is a shell's own word, do: heygem-run "),
        (&["source", "./start.sh"], "source is a shell's own word, do: heygem-run "),
        (&["exec", "true", "&&", "sh", "start.sh"], "exec is a shell's own word, do: heygem-run "),
        (&["A=1", "sh", "start.sh"], "do: heygem-run "),
        (&["sh start.sh"], "its words are one here, do: heygem-run "),
        (&["true x && sh start.sh"], "it is a shell's text, do: heygem-run "),
    ];
    for (words, told) in table {
        let outcome = site.launch(["--"].iter().chain(words)).run();
        let stderr = outcome.stderr();
        let hint = stderr.lines().last().unwrap_or_default();
        let line = hint.strip_prefix("hint: ").and_then(|hint| hint.strip_prefix(told));
        let line = line.unwrap_or_else(|| panic!("{words:?}: {outcome}"));
        let mut shell: Command = site.place.command("sh");
        shell.args(["-c", &format!("{LAUNCHER} {line}")]);
        let shell = Run::new(shell).within(&site.cwd);
        match words.contains(&"&&") {
            // `exec` leaves the shell.
            true => shell.prints(""),
            false => shell.prints(format!("{}\n", site.root.display())),
        }
    }
}
