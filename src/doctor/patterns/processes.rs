//! What is said of processes and memory.

use super::When::{Above, Alone, Lacks};
use super::{Cause, Weight};

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "start-method",
        weight: Weight::Stops,
        rows: &[29],
        title: "the start method of multiprocessing was set twice",
        means: "the app or a library sets it without force, and the SDK has set spawn",
        remedy: "drop the app's own set_start_method, or give it force=True",
        patterns: &[("context has already been set", &[])],
    },
    Cause {
        name: "main-guard",
        weight: Weight::Stops,
        rows: &[30],
        title: "the app starts its service while a child imports it",
        means: "spawn children import the main script again, and it has no guard",
        remedy: "put what starts the service below: if __name__ == \"__main__\":",
        patterns: &[("attempt has been made to start a new process before", &[])],
    },
    Cause {
        name: "out-of-memory",
        weight: Weight::Stops,
        rows: &[33],
        title: "the kernel killed a process, most likely for want of memory",
        means: "the container's limit or the machine's memory was used up (exit code 137 is signal 9)",
        remedy: "raise the limit (docker run --memory …) or use fewer workers; dmesg names what was killed",
        patterns: &[
            ("Killed", &[Alone]),
            ("Out of memory: Killed process", &[]),
            ("with code 137", &[]),
            ("exit code 137", &[]),
            ("exit status 137", &[]),
            ("status=9/KILL", &[]),
            ("OOMKilled", &[Lacks(&["alse"])]),
            ("SIGKILL! Perhaps out of memory", &[]),
            ("Signals.SIGKILL: 9", &[]),
            ("Cannot allocate memory", &[]),
        ],
    },
    Cause {
        name: "crashed",
        weight: Weight::Stops,
        rows: &[],
        title: "native code crashed, and its process with it",
        means: "most often two libraries do not fit each other: CUDA, cuDNN, onnxruntime, torch, the driver (exit code 139 is signal 11)",
        remedy: "PYTHONFAULTHANDLER=1 heygem-run … says where; heygem-run --doctor looks at the libraries",
        patterns: &[
            ("Segmentation fault", &[]),
            ("with code 139", &[]),
            ("exit code 139", &[]),
            ("exit status 139", &[]),
            ("status=11/SEGV", &[]),
            ("was sent SIGSEGV", &[]),
            ("Signals.SIGSEGV: 11", &[]),
        ],
    },
    Cause {
        name: "child-died",
        weight: Weight::Follows,
        rows: &[3],
        title: "the service waited in vain for a child that is dead",
        means: "a child died earlier, and its own traceback is further up in the log",
        remedy: "look at the first child's traceback: what is found before this line is the cause",
        patterns: &[
            ("_queue.Empty", &[Alone]),
            ("queue.Empty", &[Alone]),
            ("A process in the process pool was terminated abruptly", &[]),
            ("Ran out of input", &[Above(&["from_parent"])]),
        ],
    },
];
