//! Programs that only run another, such as `nohup` and `timeout`: where the command begins that they run in the end.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::known_wrappers::{WRAPPERS, Wrapper};
use super::runner::{self, words_of_option};
use crate::plain_path::last_name;

/// The index of the first word of the command that the words run in the end: 0 where they run none but their own. `None`
/// where that can't be told, as behind `env -S`.
pub fn command_index(words: &[OsString]) -> Option<usize> {
    let mut index = 0;
    while let Some(wrapper) = words.get(index..).and_then(wrapper_at) {
        match wrapper.end(&words[index..])? {
            end if index + end < words.len() => index += end,
            _ => return None,
        }
    }
    Some(index)
}

/// The directory that wrappers go to before they run the command: `env -C DIR`, `sudo --chdir=DIR`; `own` are their words.
pub fn directory(own: &[OsString]) -> Option<PathBuf> {
    let mut directory = None;
    let mut name = OsStr::new("");
    for (index, word) in own.iter().enumerate() {
        name = if wrapper_of(word).is_some() { last_name(word) } else { name };
        let letter = match name.as_bytes() {
            b"env" => b"-C",
            b"sudo" => b"-D",
            _ => continue,
        };
        let bytes = word.as_bytes();
        let value = match bytes.strip_prefix(b"--chdir=") {
            Some(value) => Some(OsStr::from_bytes(value)),
            None if bytes == letter || bytes == b"--chdir" => own.get(index + 1).map(OsString::as_os_str),
            None => bytes.strip_prefix(letter).map(OsStr::from_bytes),
        };
        directory = value.map(PathBuf::from).or(directory);
    }
    directory
}

/// Whether a word is this launcher, or a shell's text that has it: behind such a program it finds everything anew.
pub fn is_launcher(word: &OsStr) -> bool {
    runner::shell_pieces(word).any(|word| last_name(word) == "heygem-run")
}

/// The last of the wrappers that run their command without this process's PYTHONPATH: the index of the first word of that command.
/// `None` where the launcher comes behind it.
pub fn command_without_path(words: &[OsString]) -> Option<usize> {
    let (mut index, mut found) = (0, None);
    while let Some(wrapper) = words.get(index..).and_then(wrapper_at) {
        let end = index + wrapper.end(&words[index..])?;
        if end >= words.len() {
            break;
        }
        if wrapper.takes_path(&words[index + 1..end]) {
            found = Some(end);
        }
        index = end;
    }
    found.filter(|&index| !words[index..].iter().any(|word| is_launcher(word)))
}

/// The index of the text that a login shell runs, which has none of this process's variables: `su - root -c TEXT`. `None` where the
/// launcher is in it.
pub fn login_text(words: &[OsString]) -> Option<usize> {
    let name = last_name(words.first()?);
    let options = || words.iter().skip(1).map(|word| word.as_bytes());
    let is_letter =
        |word: &[u8], letter| word.starts_with(b"-") && !word.starts_with(b"--") && word.contains(letter);
    let is_login =
        options().any(|word| word == b"-" || word == b"--login" || word == b"-l" || word == b"-lc");
    let keeps = options().any(|word| is_letter(word, &b'w') || word.starts_with(b"--whitelist-environment"));
    let at = options().position(|word| matches!(word, b"-c" | b"-lc" | b"--command"))? + 2;
    let is_meant = (name == "su" || name == "runuser") && is_login && !keeps;
    (is_meant && !is_launcher(words.get(at)?)).then_some(at)
}

/// Whether one of the wrappers runs its command as another user, and may ask for a password; `own` are their words.
pub fn changes_user(own: &[OsString]) -> bool {
    const CHANGE_USER: [&str; 4] = ["sudo", "doas", "runuser", "pkexec"];
    own.iter().any(|word| wrapper_of(word).is_some_and(|wrapper| CHANGE_USER.contains(&wrapper.name)))
}

/// The index of the first word behind what starts a display beside its command, and ends it: 0 where nothing does.
pub fn behind_display(words: &[OsString]) -> usize {
    let (mut index, mut behind) = (0, 0);
    while let Some(wrapper) = words.get(index..).and_then(wrapper_at) {
        let Some(end) = wrapper.end(&words[index..]).filter(|end| index + end < words.len()) else { break };
        index += end;
        behind = if wrapper.name == "xvfb-run" { index } else { behind };
    }
    behind
}

/// The wrapper whose words these are, and those of its command.
fn wrapper_at(words: &[OsString]) -> Option<&'static Wrapper> {
    let wrapper = wrapper_of(words.first()?)?;
    let names_user = |word: &OsString| {
        let word = word.as_bytes();
        word.starts_with(b"-u") || word.starts_with(b"--user")
    };
    let has_options = words.get(1).is_some_and(|word| word.as_bytes().starts_with(b"-"));
    (wrapper.name != "runuser" || has_options && words.iter().skip(1).any(names_user)).then_some(wrapper)
}

fn wrapper_of(program: &OsStr) -> Option<&'static Wrapper> {
    let name = last_name(program);
    WRAPPERS.iter().find(|wrapper| name == wrapper.name)
}

impl Wrapper {
    /// How many of the words are the wrapper's own, its name included.
    fn end(&self, words: &[OsString]) -> Option<usize> {
        let mut index = 1;
        while let Some(word) = words.get(index).map(|word| word.as_bytes()) {
            match word {
                b"--" => {
                    index += 1;
                    break;
                }
                [b'-', b'-', ..] => {
                    let is_split = self.name == "env" && word.starts_with(b"--split-string");
                    if is_split {
                        return None;
                    }
                    index += words_of_option(word, self.letters, self.long);
                }
                b"-" if self.name == "env" => index += 1, // as -i
                [b'-', letters @ ..] if !letters.is_empty() => {
                    if self.name == "env" && letters.contains(&b'S') {
                        return None;
                    }
                    index += words_of_option(word, self.letters, self.long);
                }
                _ => break,
            }
        }
        if matches!(self.name, "env" | "sudo") {
            index += words[index.min(words.len())..]
                .iter()
                .take_while(|word| word.as_bytes().contains(&b'='))
                .count();
        }
        Some(index + self.operands)
    }

    /// Whether the command does not get the PYTHONPATH of this process; `own` are the wrapper's words before the command.
    fn takes_path(&self, own: &[OsString]) -> bool {
        let own: Vec<_> = own.iter().map(|word| word.as_bytes()).collect();
        let is_set = own.iter().any(|word| word.starts_with(b"PYTHONPATH="));
        match self.name {
            "sudo" => !own.iter().any(|word| keeps_path(word)),
            "doas" | "pkexec" => true,
            "setpriv" => own.contains(&&b"--reset-env"[..]),
            "env" => is_set || own.iter().any(|word| empties(word)) || unsets_path(&own),
            _ => false,
        }
    }
}

/// Whether sudo's option keeps PYTHONPATH; `-E` alone does not.
fn keeps_path(word: &[u8]) -> bool {
    let names = word.strip_prefix(b"--preserve-env=").unwrap_or_default();
    names.split(|&byte| byte == b',').any(|name| name == b"PYTHONPATH")
}

/// Whether it is env's option for an empty environment.
fn empties(word: &[u8]) -> bool {
    match word {
        b"-" | b"--ignore-environment" => true,
        [b'-', b'-', ..] => false,
        [b'-', letters @ ..] => {
            letters.iter().take_while(|letter| !b"uC".contains(letter)).any(|&letter| letter == b'i')
        }
        _ => false,
    }
}

/// Whether env's options take this variable away.
fn unsets_path(own: &[&[u8]]) -> bool {
    let is_pair = |pair: &[&[u8]]| matches!(pair, [b"-u" | b"--unset", b"PYTHONPATH"]);
    own.windows(2).any(is_pair)
        || own.iter().any(|word| matches!(*word, b"-uPYTHONPATH" | b"--unset=PYTHONPATH"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::words;

    #[test]
    fn the_command_behind_wrappers_is_found() {
        let table = [
            ("python app.py", Some(0)),
            ("nohup python app.py", Some(1)),
            ("/usr/bin/nohup -- python app.py", Some(2)),
            ("nice python app.py", Some(1)),
            ("nice -n 5 python app.py", Some(3)),
            ("nice -n5 python app.py", Some(2)),
            ("nice -5 python app.py", Some(2)),
            ("nice --adjustment=5 python app.py", Some(2)),
            ("nice --adjustment 5 python app.py", Some(3)),
            ("timeout 60 python app.py", Some(2)),
            ("timeout -k 5 60 gunicorn -c x app:app", Some(4)),
            ("timeout --foreground -s INT 60 python app.py", Some(5)),
            ("env X=1 Y=2 python app.py", Some(3)),
            ("env -u LANG -i X=1 python app.py", Some(5)),
            ("env -uLANG python app.py", Some(2)),
            ("env -S python app.py", None),
            ("env --split-string=python app.py", None),
            ("setsid -w python app.py", Some(2)),
            ("stdbuf -oL -e 0 python app.py", Some(4)),
            ("taskset -c 0 python app.py", Some(3)),
            ("taskset 0x1 python app.py", Some(2)),
            ("xvfb-run -a -s x python app.py", Some(4)),
            ("nohup nice -n 5 timeout 60 python app.py", Some(6)),
            ("nohup", None),
            ("timeout 60", None),
            ("bash -c x", Some(0)),
            ("env - X=1 python app.py", Some(3)),
            ("sudo -u www -E X=1 python app.py", Some(5)),
            ("sudo --user=www -- python app.py", Some(3)),
            ("doas -u www python app.py", Some(3)),
            ("setpriv --reuid 1 --clear-groups python app.py", Some(4)),
            ("runuser -u www -g www -- python app.py", Some(6)),
            ("runuser --user=www python app.py", Some(2)),
            ("runuser www -c x", Some(0)),
            ("sudo runuser -l www -c x", Some(1)),
            ("pkexec --user www python app.py", Some(3)),
            ("tini -e 143 -- python app.py", Some(4)),
        ];
        for (line, expected) in table {
            let words = words(line);
            assert_eq!(command_index(&words), expected, "{line}");
        }
    }

    #[test]
    fn what_starts_a_display_is_left_out() {
        let table = [
            ("nohup xvfb-run -a -s x nice python app.py", 5),
            ("xvfb-run python app.py", 1),
            ("nohup python xvfb-run x", 0),
            ("xvfb-run", 0),
        ];
        for (line, expected) in table {
            let words = words(line);
            assert_eq!(behind_display(&words), expected, "{line}");
        }
    }

    #[test]
    fn the_directory_that_wrappers_go_to_is_found() {
        let table = [
            ("env -C api", Some("api")),
            ("env -Capi X=1", Some("api")),
            ("nohup env --chdir=api", Some("api")),
            ("/usr/bin/env --chdir api", Some("api")),
            ("sudo -D api -u www", Some("api")),
            ("nice -n 5", None),
            ("timeout -C api", None),
        ];
        for (line, expected) in table {
            let words = words(line);
            assert_eq!(directory(&words), expected.map(PathBuf::from), "{line}");
        }
    }

    #[test]
    fn the_text_of_a_login_shell_is_found() {
        let table = [
            ("su - root -c x", Some(4)),
            ("su -l root -c x", Some(4)),
            ("/bin/su --login --command x root", Some(3)),
            ("runuser -lc x www", Some(2)),
            ("su root -c x", None),
            ("su - root", None),
            ("su - root -c", None),
            ("su -w PYTHONPATH - root -c x", None),
            ("su - root -c heygem-run\u{9}app.py", None),
            ("bash -l -c x", None),
        ];
        for (line, expected) in table {
            let words = words(line);
            assert_eq!(login_text(&words), expected, "{line}");
        }
    }

    #[test]
    fn wrappers_that_take_the_path_away_are_found() {
        let table = [
            ("nohup python app.py", None),
            ("env X=1 python app.py", None),
            ("env -u LANG python app.py", None),
            ("env -C i python app.py", None),
            ("env - python app.py", Some(2)),
            ("env -i X=1 python app.py", Some(3)),
            ("env -0i python app.py", Some(2)),
            ("env --ignore-environment python app.py", Some(2)),
            ("env -u PYTHONPATH python app.py", Some(3)),
            ("env -uPYTHONPATH python app.py", Some(2)),
            ("env --unset=PYTHONPATH python app.py", Some(2)),
            ("env PYTHONPATH=. python app.py", Some(2)),
            ("sudo python app.py", Some(1)),
            ("sudo -E -u www python app.py", Some(4)),
            ("sudo --preserve-env=HOME,PYTHONPATH python app.py", None),
            ("nohup sudo nice python app.py", Some(2)),
            ("sudo env -i python app.py", Some(3)),
            ("setpriv --reuid 1 --reset-env python app.py", Some(4)),
            ("setpriv --reuid 1 python app.py", None),
            ("doas python app.py", Some(1)),
            ("pkexec --keep-cwd python app.py", Some(2)),
            ("runuser -u www -- python app.py", None),
            ("sudo", None),
            ("sudo -u www /usr/bin/heygem-run -- python app.py", None),
            ("sudo -E env X=1 heygem-run -- python app.py", None),
            ("env -i PATH=/bin nohup ./bin/heygem-run -- env PATH=/x python app.py", None),
            ("sudo bash -c cd\u{9}x;exec\u{9}heygem-run\u{9}app.py", None),
            ("sudo python heygem-run.py", Some(1)),
            ("bash -c sudo", None),
            ("python -E env -i x", None),
        ];
        for (line, expected) in table {
            let words = words(line);
            assert_eq!(command_without_path(&words), expected, "{line}");
        }
    }
}
