use super::*;
use crate::doctor::process::{Executable, Stat};

/// Nothing is found on it.
struct Bare;

impl Disk for Bare {
    fn same(&self, a: &Path, b: &Path) -> bool {
        a == b
    }

    fn sees_root(&self, _: u32) -> bool {
        true
    }

    fn is_gone(&self, _: u32, _: &Path) -> bool {
        false
    }
}

fn judged(command: &str, environment: &str) -> Finding {
    let process = Process {
        pid: 7,
        stat: Stat { parent: 1, name: "python".into(), is_zombie: false, started: 1, words_at: 0 },
        command: Ok(command.into()),
        environment: Ok(environment.into()),
        executable: Ok(Executable { path: "/usr/bin/python3".into(), fate: Fate::There }),
        directory: Ok("/sdk".into()),
    };
    let launch = Launch { root: "/sdk".into(), parent: None, bridge: None };
    one(&process, None, &launch, &Bare)
}

/// Found by inspecting a Ray node whose worker was starting a child.
#[test]
fn a_process_in_the_middle_of_its_exec_lacks_nothing_for_certain() {
    let finding = judged("", "");
    assert_eq!((finding.verdict, finding.missing), (Verdict::Unknown, vec![]));
    assert_eq!(finding.unknown, ["it is just starting", "it shows no variables yet"]);
}

#[test]
fn a_process_without_variables_lacks_them() {
    let finding = judged("python3\0app.py\0", "");
    assert_eq!(finding.verdict, Verdict::Fail);
    assert_eq!(finding.missing, [Missing::Directory("/sdk".into())]);
}
