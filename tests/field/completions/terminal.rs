//! A shell on a terminal, which is tmux's: what is typed goes in by it, and what is on the screen is read from it.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::build::{checked, expect};
use crate::support::place::{LAUNCHER, Place};

/// Turns a hang into a failure.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, Copy)]
pub enum Shell {
    Bash,
    /// Without bash-completion, its user having sourced the file.
    BareBash,
    Zsh,
    Fish,
    Elvish,
}

/// An interactive shell with the completions where its user would put them, to be loaded when they are needed.
pub struct Terminal {
    shell: Shell,
    place: Place,
}

impl Shell {
    /// The command, the file of its settings, and the settings: a prompt, and lists without questions.
    fn settings(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Bash => (
                "bash --noprofile --rcfile home/bashrc",
                "home/bashrc",
                "PS1='> '\nbind 'set show-all-if-ambiguous on'\nbind 'set completion-query-items -1'\n\
                 bind 'set page-completions off'\nbind 'set enable-bracketed-paste off'\n\
                 . /usr/share/bash-completion/bash_completion\ncd files\n",
            ),
            Self::BareBash => (
                "bash --noprofile --rcfile home/bashrc",
                "home/bashrc",
                "PS1='> '\n. home/.local/share/bash-completion/completions/heygem-run\ncd files\n",
            ),
            Self::Zsh => (
                "zsh -d",
                "home/.zshrc",
                "PS1='> '\nPROMPT_SP=\nLISTMAX=9999\nsetopt no_list_ambiguous no_auto_menu\n\
                 fpath=(~/completions $fpath)\nautoload -Uz compinit\ncompinit -D\ncd files\n",
            ),
            Self::Fish => (
                "fish",
                "home/.config/fish/config.fish",
                "set -g fish_greeting\nset -g fish_autosuggestion_enabled 0\n\
                 function fish_prompt\n    printf '> '\nend\ncd files\n",
            ),
            Self::Elvish => (
                "elvish",
                "home/.config/elvish/rc.elv",
                "set edit:prompt = { print '> ' }\nset edit:rprompt = { }\n\
                 eval (slurp < completions/heygem-run.elv)\ncd files\n",
            ),
        }
    }

    /// Where completions lie, and the name of a command's there.
    fn completion(self, command: &str) -> String {
        match self {
            Self::Bash | Self::BareBash => format!("home/.local/share/bash-completion/completions/{command}"),
            Self::Zsh => format!("home/completions/_{command}"),
            Self::Fish => format!("home/.config/fish/completions/{command}.fish"),
            Self::Elvish => format!("completions/{command}.elv"),
        }
    }

    /// Our completion in the tree.
    fn ours(self) -> &'static str {
        match self {
            Self::Bash | Self::BareBash => "heygem-run.bash",
            Self::Zsh => "_heygem-run",
            Self::Fish => "heygem-run.fish",
            Self::Elvish => "heygem-run.elv",
        }
    }

    /// A completion of the command `fake`: two options, and `atN` as its Nth word.
    fn fake(self) -> &'static str {
        match self {
            Self::Elvish => "",
            Self::Bash | Self::BareBash => {
                "_fake() { mapfile -t COMPREPLY < <(compgen -W \"--alpha --beta at$COMP_CWORD\" -- \"$2\"); }\n\
                 complete -F _fake fake\n"
            }
            Self::Zsh => "#compdef fake\ncompadd -- --alpha --beta at$((CURRENT - 1))\n",
            Self::Fish => {
                "complete -c fake -f -l alpha\ncomplete -c fake -l beta\n\
                 complete -c fake -a 'at(count (commandline -opc))'\n"
            }
        }
    }
}

impl Terminal {
    pub fn new(shell: Shell) -> Self {
        let terminal = Self { shell, place: Place::new() };
        let place = &terminal.place;
        for file in ["files/zapp.py", "files/znotes.txt", "files/zdir/inside.py", "files/zdir/notes"] {
            place.write(file, "");
        }
        place.make_dir("files/my sdk/inner one");
        place.write_program("bin/zcommand", "#!/bin/sh\n");
        place.write_program("bin/fake", "#!/bin/sh\n");
        place.copy_program(LAUNCHER, "bin/heygem-run");
        let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(shell.ours());
        place.write(shell.completion("heygem-run"), expect(fs::read(&ours), "read", &ours));
        place.write(shell.completion("fake"), shell.fake());
        let (command, file, settings) = shell.settings();
        place.write(file, settings);
        // A terminal that is known wherever there are terminals; the longest list has to fit.
        place.write("tmux.conf", "set -g default-terminal screen\nset -g status off\n");
        terminal.tmux(&["new-session", "-d", "-x", "120", "-y", "1000", command]);
        terminal.shows("the prompt", |screen| screen.last().is_some_and(|line| *line == ">"));
        terminal
    }

    fn tmux(&self, words: &[&str]) -> String {
        let place = &self.place;
        let path = format!("{}:/usr/bin:/bin", place.path("bin").display());
        let mut command = place.command("tmux");
        command.env("PATH", path).env("LC_ALL", "C.UTF-8").arg("-S").arg(place.path("tmux"));
        checked(command.arg("-f").arg(place.path("tmux.conf")).args(words))
    }

    pub fn types(&self, text: &str) {
        self.tmux(&["send-keys", "-l", "--", text]);
    }

    pub fn presses(&self, key: &str) {
        self.tmux(&["send-keys", key]);
    }

    /// An empty line on an empty screen.
    pub fn clear(&self) {
        self.presses("C-u");
        self.presses("C-l");
        self.shows("an empty screen", |screen| *screen == [">"]);
    }

    /// The screen, as soon as it is as wanted.
    #[track_caller]
    pub fn shows(&self, what: &str, is_wanted: impl Fn(&[String]) -> bool) -> Vec<String> {
        let start = Instant::now();
        loop {
            let screen = self.tmux(&["capture-pane", "-p"]);
            let rows: Vec<String> = screen.trim_end().lines().map(|row| row.trim_end().to_owned()).collect();
            if is_wanted(&rows) {
                return rows;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "{:?}: {what}: the screen is\n{}",
                self.shell,
                rows.join("\n")
            );
            sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let mut command = Command::new("tmux");
        // The server may be gone, when the shell never started.
        let _ = command.arg("-S").arg(self.place.path("tmux")).arg("kill-server").output();
    }
}
