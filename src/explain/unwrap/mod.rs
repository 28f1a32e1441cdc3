//! A line of a log, taken out of what containers, supervisors and loggers put around it.
//!
//! ```text
//! ansi.rs          colours
//! log_record.rs    lines that are records: JSON, logfmt
//! prefix.rs        what stands before a message: a service, a pod, a process, a time
//! layer.rs         one of those
//! syslog.rs        what syslog, the kernel and the journal put there
//! relay.rs         what builds, CI and launchers of many processes put there, and who quotes or finds them
//! time.rs          the times
//! lead.rs          what stands there in a form that is not known
//! header.rs        what a logger puts before its message
//! level.rs         how bad a message is
//! bare_message.rs  what is left
//! parts.rs         messages that were cut into several records
//! export.rs        the journal's export format
//! ```

mod ansi;
mod bare_message;
pub mod export;
mod header;
mod layer;
mod lead;
mod level;
pub mod log_record;
pub mod parts;
mod prefix;
mod relay;
mod syslog;
mod time;

pub use ansi::strip;
pub use bare_message::Message;
pub use lead::Leads;
pub use level::Level;
pub use prefix::{container_entry, layers};

/// Takes all layers off a line without colours.
pub fn unwrap<'l>(line: &'l [u8], leads: &mut Leads) -> Message<'l> {
    let mut message = layers(line);
    if !leads.peel(&mut message) {
        header::peel(&mut message);
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(line: &str) -> (String, String) {
        let message = unwrap(line.as_bytes(), &mut Leads::default());
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(message.source), text(message.text))
    }

    #[test]
    fn a_message_is_found_in_whatever_is_around_it() {
        let table = [
            ("Killed", ""),
            ("svc-1  | Killed", "svc-1"),
            ("svc | 2025-05-25 23:02:14.634 | Killed", "svc"),
            ("svc-1  | 2024-05-05T10:00:00.123456789Z Killed", "svc-1"),
            ("2024-05-05T10:00:00.123456789Z Killed", ""),
            ("2024-05-05T10:00:00.1Z stderr F Killed", "stderr"),
            ("2025-06-11 18:02:07 Killed", ""),
            ("Nov 24 07:38:00 host run.sh[123]: Killed", "run.sh[123]"),
            ("2025-06-11T10:02:07+0800 host python[77]: Killed", "python[77]"),
            ("<34>1 2025-06-11T10:02:07.1Z host app 77 - - Killed", "app"),
            ("[pod/heygem-0/app] Killed", "pod/heygem-0/app"),
            ("(pid=77) Killed", "pid=77"),
            ("(Actor pid=77, ip=10.0.0.1) Killed", "Actor pid=77, ip=10.0.0.1"),
            ("[2025-06-11 10:02:07,118: WARNING/ForkPoolWorker-1] Killed", "ForkPoolWorker-1"),
            ("    | Killed", ""),
            ("[   12.345678] Killed", "kernel"),
            ("Jun 11 10:02:07 host kernel: [   12.345678] Killed", "kernel"),
            ("2025-06-11 10:02:07,118 ERROR Killed", ""),
            ("[2025-06-11 10:02:07 +0000] [7] [ERROR] Killed", ""),
            ("2025-06-11 10:02:07.118 | ERROR    | app:f:12 - Killed", ""),
            ("2025-06-11 10:02:07,118 - app - ERROR - Killed", ""),
            ("svc.1.x7k2m9q8v1bn@node-1    | Killed", "svc.1.x7k2m9q8v1bn@node-1"),
            ("0|app  | 2025-06-11T10:02:07: Killed", "0|app"),
            ("Wed 2025-06-11 10:02:07 CST host run.sh[123]: Killed", "run.sh[123]"),
            ("1749607327.118452 host run.sh[123]: Killed", "run.sh[123]"),
            ("[  123.456789] host run.sh[123]: Killed", "run.sh[123]"),
            ("[  123.456789 <    0.000123 >] host run.sh[123]: Killed", "run.sh[123]"),
            ("<30>Jun 11 10:02:07 run.sh[123]: Killed", "run.sh[123]"),
            ("#12 1.234 Killed", "#12"),
            ("12.34 Killed", ""),
            ("[rank0]: Killed", "rank0"),
            ("[1,0]<stderr>:Killed", "1,0"),
            ("0: Killed", "0"),
            ("[2025-06-11, 10:02:07 UTC] {subprocess.py:93} INFO - Killed", ""),
            ("2025-06-11T10:02:07.1184521Z ##[error]Killed", ""),
            ("build\tRun tests\t2025-06-11T10:02:07.1184521Z Killed", "build"),
            ("2025-06-11T10:02:07.118452Z 01E Killed", "01E"),
            ("web-7d4b9c5f6-x2k9p app Killed", "web-7d4b9c5f6-x2k9p"),
            ("web-0 heygem-tts Killed", "web-0"),
            ("> > Killed", ""),
            ("    12\tKilled", ""),
            ("123456\t2025-06-11 10:02:07,118 ERROR Killed", ""),
            ("│ Killed        │", ""),
        ];
        for (line, source) in table {
            assert_eq!(taken(line), (source.to_owned(), "Killed".to_owned()), "{line}");
        }
    }

    #[test]
    fn a_message_is_found_in_what_grep_shows() {
        let table = [
            ("123:Killed", ""),
            ("123:2025-06-11 10:02:07 Killed", ""),
            ("124-Killed", ""),
            ("app.log:123:Killed", "app.log"),
            ("./app.log:123:Killed", "./app.log"),
            ("/var/log/a-1.log-124-Killed", "/var/log/a-1.log"),
        ];
        for (line, source) in table {
            assert_eq!(taken(line), (source.to_owned(), "Killed".to_owned()), "{line}");
        }
    }

    #[test]
    fn text_that_resembles_a_layer_stays() {
        for line in [
            "  File \"x.py\", line 1, in f",
            "[mov,mp4,m4a,3gp,3g2,mj2 @ 0x1] moov atom not found",
            "| a | b |",
            "run.sh: line 4:    12 Killed                  python app.py",
            "[1]+  Killed                  nohup python app.py",
            "(base) user@host:~$ python app.py",
            "{'code': 10004}",
            "worker-12 was Killed",
            "task-12 failed Killed",
            "#12 [6/8] RUN python app.py",
            "│ a │ b │",
            "  │ exit code: 1",
            ">>> import x",
            "3.10.12 Killed",
            "10.0.0.7 Killed",
            "##[command]/usr/bin/docker run x",
            "conftest.c:12:10: fatal error: x",
            "main.go:12: x",
            "app.py:12 x",
            "heygem:8383:x",
            "127.0.0.1:8383:x",
            "12-bit video",
            "10:02 x",
        ] {
            assert_eq!(taken(line), (String::new(), line.to_owned()));
        }
    }
}
