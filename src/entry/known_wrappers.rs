//! Programs that only run another, and their options that have a value.

/// A program that changes how a command runs, and not which one.
pub struct Wrapper {
    pub name: &'static str,
    /// Its one-letter options with a value, in the same word or the next.
    pub letters: &'static [u8],
    /// Its long options with a value in the next word where no `=` attaches it.
    pub long: &'static [&'static str],
    /// How many words stand between its options and the command, such as the duration of `timeout`.
    pub operands: usize,
}

/// Those of coreutils, util-linux and the like, and those that change the user, by their manuals.
pub const WRAPPERS: [Wrapper; 22] = [
    Wrapper { name: "nohup", letters: b"", long: &[], operands: 0 },
    Wrapper { name: "nice", letters: b"n", long: &["--adjustment"], operands: 0 },
    Wrapper { name: "timeout", letters: b"ks", long: &["--kill-after", "--signal"], operands: 1 },
    Wrapper { name: "setsid", letters: b"", long: &[], operands: 0 },
    Wrapper { name: "stdbuf", letters: b"ioe", long: &["--input", "--output", "--error"], operands: 0 },
    Wrapper { name: "env", letters: b"uC", long: &["--unset", "--chdir"], operands: 0 },
    Wrapper { name: "taskset", letters: b"", long: &[], operands: 1 },
    Wrapper { name: "ionice", letters: b"cn", long: &["--class", "--classdata"], operands: 0 },
    Wrapper {
        name: "chrt",
        letters: b"TPD",
        long: &["--sched-runtime", "--sched-period", "--sched-deadline"],
        operands: 1,
    },
    Wrapper {
        name: "numactl",
        letters: b"iNmClpP",
        long: &["--interleave", "--cpunodebind", "--membind", "--physcpubind", "--preferred"],
        operands: 0,
    },
    Wrapper {
        name: "xvfb-run",
        letters: b"efnpsw",
        long: &["--error-file", "--auth-file", "--server-num", "--xauth-protocol", "--server-args", "--wait"],
        operands: 0,
    },
    Wrapper { name: "time", letters: b"fo", long: &["--format", "--output"], operands: 0 },
    Wrapper { name: "unbuffer", letters: b"", long: &[], operands: 0 },
    Wrapper { name: "catchsegv", letters: b"", long: &[], operands: 0 },
    Wrapper { name: "tini", letters: b"pe", long: &[], operands: 0 },
    Wrapper { name: "dumb-init", letters: b"r", long: &["--rewrite"], operands: 0 },
    Wrapper { name: "prlimit", letters: b"p", long: &["--pid"], operands: 0 },
    Wrapper {
        name: "sudo",
        letters: b"CDghpRrTtUu",
        long: &[
            "--close-from",
            "--chdir",
            "--group",
            "--host",
            "--prompt",
            "--chroot",
            "--role",
            "--command-timeout",
            "--type",
            "--other-user",
            "--user",
        ],
        operands: 0,
    },
    Wrapper { name: "doas", letters: b"uCa", long: &[], operands: 0 },
    // With the option for the user only: without it, a shell reads the command, as with `su`.
    Wrapper {
        name: "runuser",
        letters: b"ugGw",
        long: &["--user", "--group", "--supp-group", "--whitelist-environment"],
        operands: 0,
    },
    Wrapper { name: "pkexec", letters: b"u", long: &["--user"], operands: 0 },
    Wrapper {
        name: "setpriv",
        letters: b"",
        long: &[
            "--ruid",
            "--euid",
            "--reuid",
            "--rgid",
            "--egid",
            "--regid",
            "--groups",
            "--inh-caps",
            "--ambient-caps",
            "--bounding-set",
            "--securebits",
            "--pdeathsig",
            "--selinux-label",
            "--apparmor-profile",
        ],
        operands: 0,
    },
];
