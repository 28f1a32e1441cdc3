//! What makes a cause none: a stop that somebody asked for, a program that says itself that it does without.

use super::cause::{Condition, Rule};

/// A message that excuses others.
#[derive(Debug)]
pub struct Excuse {
    /// The causes that are none.
    pub names: &'static [&'static str],
    /// Which of them.
    pub reach: Reach,
    /// Any of these is enough.
    pub rules: &'static [Rule],
}

/// Which messages an excuse reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// So many lines back; where the message names something, only those that are about it.
    Back(u64),
    /// Those that follow, for a while.
    Ahead,
    /// None: what others excuse ahead is no longer excused.
    Over,
}

const ANY: &[Condition] = &[Condition::AnyLevel];

/// All of them.
pub const EXCUSES: &[Excuse] = &[
    // TensorFlow, on a machine without a GPU.
    Excuse {
        names: &["cuda-library", "no-driver"],
        reach: Reach::Back(12),
        rules: &[("gnore above cudart dlerror", ANY)],
    },
    // TensorFlow and onnxruntime: what is missing was not needed.
    Excuse {
        names: &["cuda-library", "cpu-fallback", "tensorrt", "no-driver", "torch-no-gpu"],
        reach: Reach::Back(400),
        rules: &[
            ("Created device /job:localhost/replica:0/task:0/device:GPU:", ANY),
            ("Applied providers: ['CUDAExecutionProvider'", ANY),
            ("Applied providers: ['TensorrtExecutionProvider', 'CUDAExecutionProvider'", ANY),
        ],
    },
    // A service that was not there yet, and then was.
    Excuse {
        names: &["service-down", "unknown-host"],
        reach: Reach::Back(400),
        rules: &[(
            "nnected to {path}",
            &[Condition::AnyLevel, Condition::Lacks(&["ot connected", "n't connected"])],
        )],
    },
    // Who fetches something, and has an older copy of it.
    Excuse {
        names: &[
            "service-down",
            "unknown-host",
            "hub-unreachable",
            "proxy",
            "proxy-refuses",
            "certificate",
            "client-timeout",
        ],
        reach: Reach::Back(6),
        rules: &[
            ("sing the cached copy", ANY),
            ("sing a cached copy", ANY),
            ("sing cached copy", ANY),
            ("sing cached version", ANY),
            ("sing the cached version", ANY),
        ],
    },
    // docker compose and its user.
    Excuse {
        names: &["container-killed", "worker-killed", "service-killed"],
        reach: Reach::Ahead,
        rules: &[
            ("racefully stopping", ANY),
            ("racefully Stopping", ANY),
            ("^Container {word}{ }Stopping", ANY),
            ("Aborting on container exit", ANY),
            ("^Stopping {word}{ }... ", ANY),
            ("Handling signal: term", ANY),
            ("Handling signal: int", ANY),
            ("Handling signal: quit", ANY),
            ("^Killing {word}{ }...", ANY),
            ("^Container {word}{ }Killing", ANY),
            ("Stopping container {word}$", ANY),
            ("Sent signal SIGKILL to main process", ANY),
        ],
    },
    // Ctrl-C: children and queues end in the middle of something.
    Excuse {
        names: &["child-died", "no-work", "container-killed", "worker-killed"],
        reach: Reach::Ahead,
        rules: &[("^KeyboardInterrupt$", ANY), ("^Keyboard interrupt received", ANY)],
    },
    // A service starts, after whatever ended the one before.
    Excuse {
        names: &[],
        reach: Reach::Over,
        rules: &[
            ("^Starting gunicorn ", ANY),
            ("^Booting worker with pid: ", ANY),
            ("^Started server process [", ANY),
        ],
    },
];
