//! Files that a command makes or reads by a relative path after it has imported the app, and with it, maybe, the SDK: by then it is in
//! the root.

use std::ffi::{OsStr, OsString};
use std::ops::Range;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use super::python_line;
use super::runner;
use super::server::{Server, value_of, values};
use crate::path_list;
use crate::plain_path::last_name;

/// A word of a command line with relative paths that are used late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateWord {
    /// Its index.
    pub index: usize,
    /// Where the paths are in it.
    paths: Vec<Range<usize>>,
}

/// A file that a command makes late where no option names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateDefault {
    /// Its name.
    pub file: OsString,
    /// The option that names another one.
    pub option: &'static str,
    /// The word that the option must stand before; anywhere where there is none.
    pub before: Option<OsString>,
}

/// Programs that write what they found when the script has ended, and their options that name the file.
const PROFILERS: [(&str, &[&str]); 3] = [
    (KERNPROF, &["-o", "--outfile"]),
    ("trace", &["-f", "--file", "-C", "--coverdir"]),
    ("memray", &["-o", "--output"]),
];
const KERNPROF: &str = "kernprof";

/// The words of a command with relative paths that are used late.
pub fn late_words(words: &[OsString]) -> Vec<LateWord> {
    let (own, start, options) = match (Server::of(words), profiler(words)) {
        (Some((server, start)), _) => (words, start, options_of(server, words, start)),
        (None, Some(Profiler { own, start, options, .. })) => (own, start, options),
        (None, None) => return Vec::new(),
    };
    let late = values(own, start, options).into_iter().map(|(index, at)| {
        let paths = paths_in(own[index].as_bytes(), at);
        LateWord { index, paths }
    });
    late.filter(|late| !late.paths.is_empty()).collect()
}

/// The file that a command makes late by its own choice.
pub fn late_default(words: &[OsString]) -> Option<LateDefault> {
    match Server::of(words) {
        Some((Server::Celery, start)) => schedule_of_beat(words, start),
        _ => results_of_kernprof(words),
    }
}

fn schedule_of_beat(words: &[OsString], start: usize) -> Option<LateDefault> {
    let has = |name: &str| words[start..].iter().any(|word| word == name);
    let is_beat = has("beat") || has("-B") || has("--beat");
    // A scheduler that is named keeps its schedule in a database.
    let options = ["-s", "--schedule", "--schedule-filename", "-S", "--scheduler"];
    let is_named = value_of(words, start, &options).is_some();
    let file = "celerybeat-schedule".into();
    (is_beat && !is_named).then_some(LateDefault { file, option: "-s", before: None })
}

fn results_of_kernprof(words: &[OsString]) -> Option<LateDefault> {
    let Profiler { name, own, start, options, script } = profiler(words)?;
    if name != KERNPROF || value_of(own, start, options).is_some() {
        return None;
    }
    // Its letters may stand together: `-lo FILE`.
    let has = |letter: u8, long: &[u8]| {
        own[start..].iter().any(|word| match word.as_bytes() {
            [b'-', b'-', name @ ..] => name == long,
            [b'-', letters @ ..] => letters.contains(&letter),
            _ => false,
        })
    };
    if has(b'o', b"outfile") {
        return None;
    }
    let is_by_line = has(b'l', b"line-by-line");
    let mut file = last_name(script).to_owned();
    file.push(if is_by_line { ".lprof" } else { ".prof" });
    Some(LateDefault { file, option: "-o", before: Some(script.clone()) })
}

/// A profiler's own words.
struct Profiler<'w> {
    /// As [`PROFILERS`] has it.
    name: &'static str,
    /// Up to the script.
    own: &'w [OsString],
    /// The index of its first argument.
    start: usize,
    /// Its options that name a file which is written at the end.
    options: &'static [&'static str],
    script: &'w OsString,
}

fn profiler(words: &[OsString]) -> Option<Profiler<'_>> {
    let program = words.first()?;
    let (name, start) = match python_line::is_python(program) {
        true => (OsStr::new(python_line::module_name(words)?), python_line::parse(words).arguments),
        false => (last_name(program), 1),
    };
    let (name, options) = PROFILERS.into_iter().find(|(known, _)| name == *known)?;
    let script = runner::script_index(words)?;
    Some(Profiler { name, own: &words[..script], start, options, script: &words[script] })
}

/// gunicorn's files are made by its master, which the bridge lets return from the root; only what its workers watch is theirs. uvicorn's
/// main process makes the socket for others, and imports no app; hypercorn makes its sockets first of all.
fn options_of(server: Server, words: &[OsString], start: usize) -> &'static [&'static str] {
    let is_alone = || {
        let workers =
            value_of(words, start, &["--workers"]).and_then(|value| str::from_utf8(value).ok()?.parse().ok());
        workers.unwrap_or(1) < 2 && !words.iter().any(|word| word == "--reload")
    };
    match server {
        Server::Uvicorn if is_alone() => &["--uds"],
        Server::Daphne => &["-u", "--unix-socket", "-e", "--endpoint"],
        Server::Celery => {
            &["--pidfile", "--logfile", "-f", "--schedule", "--schedule-filename", "-s", "--statedb"]
        }
        Server::Hypercorn => &[
            "--access-log",
            "--access-logfile",
            "--error-log",
            "--error-logfile",
            "--certfile",
            "--keyfile",
            "--ca-certs",
        ],
        Server::Waitress => &["--unix-socket"],
        Server::Gunicorn => &["--reload-extra-file"],
        Server::Uwsgi => &["--touch-reload", "--safe-pidfile"],
        _ => &[],
    }
}

/// The relative paths in a word whose value begins at `at`: the value itself, or those in a description of Twisted's
/// (`ssl:443:privateKey=key.pem:certKey=crt.pem`).
fn paths_in(word: &[u8], at: usize) -> Vec<Range<usize>> {
    const KEYS: [&[u8]; 6] =
        [b"address", b"privateKey", b"certKey", b"extraCertChain", b"dhParameters", b"lockfile"];
    let value = &word[at..];
    let kinds: [&[u8]; 3] = [b"unix:", b"ssl:", b"tls:"];
    let mut paths = Vec::new();
    if kinds.into_iter().any(|kind| value.starts_with(kind)) {
        let mut start = at;
        for (number, piece) in value.split(|&byte| byte == b':').enumerate() {
            let end = start + piece.len();
            match piece.iter().position(|&byte| byte == b'=') {
                Some(equals) if KEYS.contains(&&piece[..equals]) => paths.push(start + equals + 1..end),
                None if number == 1 && value.starts_with(b"unix:") => paths.push(start..end),
                _ => {}
            }
            start = end + 1;
        }
    } else if !is_description(value) {
        paths.push(at..word.len());
    }
    paths.retain(|path| {
        let path = &word[path.clone()];
        !path.is_empty() && !path.starts_with(b"/") && path != b"-"
    });
    paths
}

/// Of a socket without a file: `tcp:8000`, `systemd:domain=INET:index=0`.
fn is_description(value: &[u8]) -> bool {
    let kinds: [&[u8]; 4] = [b"tcp:", b"tcp6:", b"systemd:", b"fd:"];
    kinds.into_iter().any(|kind| value.starts_with(kind))
}

impl LateWord {
    /// The word with absolute paths in it.
    pub fn absolute(&self, word: &OsStr, cwd: &Path) -> OsString {
        let word = word.as_bytes();
        let (mut all, mut end) = (Vec::with_capacity(word.len()), 0);
        for path in &self.paths {
            all.extend_from_slice(&word[end..path.start]);
            let written = Path::new(OsStr::from_bytes(&word[path.clone()]));
            let absolute = path_list::absolute(written, Some(cwd)).unwrap_or_default();
            all.extend_from_slice(absolute.as_os_str().as_bytes());
            end = path.end;
        }
        all.extend_from_slice(&word[end..]);
        OsString::from_vec(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::words;

    #[test]
    fn relative_paths_that_are_used_late_are_found() {
        let table = [
            ("uvicorn app:app --uds run.sock", "/x/run.sock"),
            ("uvicorn app:app --uds=run.sock", "--uds=/x/run.sock"),
            ("uvicorn app:app --uds /run/x.sock", ""),
            ("uvicorn app:app --log-config x.json", ""),
            ("uvicorn app:app --uds x.sock --workers 1", "/x/x.sock"),
            ("uvicorn app:app --uds x.sock --workers=2", ""),
            ("uvicorn app:app --uds x.sock --reload", ""),
            ("gunicorn --preload --pid x.pid -b unix:x.sock app:app", ""),
            ("gunicorn --reload --reload-extra-file x.yml app:app", "/x/x.yml"),
            ("uwsgi --master --touch-reload=app.py", "--touch-reload=/x/app.py"),
            ("celery -A tasks worker --pidfile=w.pid", "--pidfile=/x/w.pid"),
            ("celery -A tasks worker -f w.log", "/x/w.log"),
            ("celery -A tasks worker -fw.log", "-f/x/w.log"),
            ("celery -A tasks worker -B --schedule-filename w", "/x/w"),
            ("hypercorn -w 0 -b unix:x.sock app:app", ""),
            ("hypercorn -w 0 --access-logfile x.log app:app", "/x/x.log"),
            ("hypercorn -w 0 --access-logfile - app:app", ""),
            ("waitress-serve --unix-socket=x.sock app:app", "--unix-socket=/x/x.sock"),
            ("python -m waitress --unix-socket=x.sock app:app", "--unix-socket=/x/x.sock"),
            ("daphne -u x.sock app:app", "/x/x.sock"),
            ("daphne -e unix:run/x.sock app:app", "unix:/x/run/x.sock"),
            (
                "daphne --endpoint=unix:address=x.sock:mode=666 app:app",
                "--endpoint=unix:address=/x/x.sock:mode=666",
            ),
            ("daphne -e unix:/x.sock app:app", ""),
            ("daphne -e tcp:8000:interface=0.0.0.0 app:app", ""),
            (
                "daphne -e ssl:443:privateKey=k.pem:certKey=c.pem:interface=x app:app",
                "ssl:443:privateKey=/x/k.pem:certKey=/x/c.pem:interface=x",
            ),
            ("kernprof -l -o out.lprof app.py -o x", "/x/out.lprof"),
            ("python -m kernprof -lo out.lprof app.py", ""),
            ("memray run -f -o m.bin app.py -o x", "/x/m.bin"),
            ("memray run -o /y/m.bin app.py", ""),
            ("python -m trace --count -C cover app.py -C x", "/x/cover"),
            ("python -m trace --count --file=x app.py", "--file=/x/x"),
            ("python -m cProfile -o out.prof app.py", ""),
            ("trace", ""),
        ];
        for (line, expected) in table {
            let words = words(line);
            let found = late_words(&words);
            let found = found.first().map(|late| late.absolute(&words[late.index], Path::new("/x")));
            assert_eq!(found.unwrap_or_default(), *expected, "{line}");
        }
    }

    #[test]
    fn files_that_nobody_named_are_known() {
        let table = [
            ("celery -A tasks beat", "celerybeat-schedule -s "),
            ("python -m celery -A tasks worker -B", "celerybeat-schedule -s "),
            ("celery -A tasks worker --beat -s x", ""),
            ("celery -A tasks beat --schedule=x", ""),
            ("celery -A tasks beat -S django", ""),
            ("celery -A tasks worker", ""),
            ("kernprof api/app.py", "app.py.prof -o api/app.py"),
            ("kernprof -lv app.py", "app.py.lprof -o app.py"),
            ("kernprof -l -o x app.py", ""),
            ("kernprof -lo x app.py", ""),
            ("kernprof -l -m app", ""),
            ("python -m trace --count app.py", ""),
            ("python app.py", ""),
        ];
        for (line, expected) in table {
            let found = late_default(&words(line)).map(|LateDefault { file, option, before }| {
                let text = |word: &OsStr| word.to_str().expect("text").to_owned();
                format!("{} {option} {}", text(&file), text(&before.unwrap_or_default()))
            });
            assert_eq!(found.unwrap_or_default(), expected, "{line}");
        }
    }
}
