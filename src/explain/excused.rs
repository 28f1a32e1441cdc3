//! Causes that are none for a while: somebody asked for a stop, and the service has not been started again since.

use super::finding::{Finding, Place};

/// What comes so many lines later has another reason.
const LINES: u64 = 200;

/// What is excused, and by whom.
#[derive(Default)]
pub struct Excused {
    all: Vec<Stop>,
}

/// A message that excuses what comes behind it.
struct Stop {
    names: &'static [&'static str],
    source: Vec<u8>,
    place: Place,
}

impl Excused {
    /// These causes are none from here on, where they are of this source.
    pub fn add(&mut self, names: &'static [&'static str], source: &[u8], place: Place) {
        self.all.retain(|stop| stop.reaches(place) && (stop.names != names || stop.source != source));
        self.all.push(Stop { names, source: source.to_owned(), place });
    }

    /// The service starts: what was asked of the one before is over.
    pub fn end(&mut self, source: &[u8]) {
        self.all.retain(|stop| !is_of(&stop.source, source));
    }

    /// Whether a cause is none.
    pub fn has(&self, finding: &Finding) -> bool {
        self.all.iter().any(|stop| {
            stop.names.contains(&finding.cause.name)
                && stop.reaches(finding.place)
                && is_of(&stop.source, finding.source)
        })
    }
}

impl Stop {
    fn reaches(&self, place: Place) -> bool {
        self.place.input == place.input && place.line <= self.place.line + LINES
    }
}

/// Whether two sources may be of one service. Who has no name speaks of all, as `docker compose` does.
fn is_of(one: &[u8], other: &[u8]) -> bool {
    let (one, other) = (service(one), service(other));
    one.is_empty() || other.is_empty() || one == other
}

/// A source without its process; a stream has no name.
fn service(source: &[u8]) -> &[u8] {
    if source == b"stdout" || source == b"stderr" {
        return &[];
    }
    let process = source.strip_suffix(b"]").and_then(|inside| {
        let open = inside.iter().rposition(|byte| !byte.is_ascii_digit())?;
        (inside[open] == b'[').then_some(open)
    });
    &source[..process.unwrap_or(source.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::judge_output;

    /// What is found in such lines.
    fn found(lines: &[&str]) -> Vec<&'static str> {
        judge_output((lines.join("\n") + "\n").as_bytes()).iter().map(|known| known.name).collect()
    }

    const STOP: &str = "[2025-06-11 10:02:09 +0000] [1] [INFO] Handling signal: term";
    const KILLED: &str =
        "[2025-06-11 10:02:39 +0000] [1] [ERROR] Worker (pid:7) was sent SIGKILL! Perhaps out of memory?";

    #[test]
    fn a_stop_excuses_what_comes_soon() {
        let wait = |lines: u64| "fine\n".repeat(usize::try_from(lines).expect("few"));
        assert_eq!(found(&[STOP, &(wait(LINES - 2) + "fine"), KILLED]), [""; 0]);
        assert_eq!(found(&[STOP, &(wait(LINES - 1) + "fine"), KILLED]), ["worker-killed"]);
        assert_eq!(found(&[STOP, "fine", STOP, KILLED]), [""; 0]);
    }

    #[test]
    fn a_start_ends_what_a_stop_excuses() {
        let starts = [
            "[2025-06-11 10:03:00 +0000] [1] [INFO] Starting gunicorn 20.1.0\n\
             [2025-06-11 10:03:00 +0000] [7] [INFO] Booting worker with pid: 7",
            "INFO:     Started server process [7]",
        ];
        for start in starts {
            assert_eq!(found(&[STOP, start, KILLED]), ["worker-killed"], "{start}");
            let interrupted = ["KeyboardInterrupt", start, "_queue.Empty"];
            assert_eq!(found(&interrupted), ["child-died"], "{start}");
        }
        assert_eq!(found(&["KeyboardInterrupt", "_queue.Empty"]), [""; 0]);
    }

    #[test]
    fn a_stop_is_of_one_service() {
        let by = |source: &str, line: &str| format!("{source}{line}");
        let table = [
            ("a  | ", "a  | ", true),
            ("a  | ", "b  | ", false),
            ("", "b  | ", true),
            ("a  | ", "", true),
            ("Jun 11 10:02:07 h g[7]: ", "Jun 11 10:02:07 h g[8]: ", true),
            ("Jun 11 10:02:07 h g[7]: ", "Jun 11 10:02:07 h h[7]: ", false),
            ("2025-06-11T10:02:07.118Z stdout F ", "2025-06-11T10:02:07.118Z stderr F ", true),
        ];
        for (stopped, killed, is_excused) in table {
            let found = found(&[&by(stopped, STOP), &by(killed, KILLED)]);
            assert_eq!(found.is_empty(), is_excused, "{stopped}, then {killed}: {found:?}");
        }
    }
}
