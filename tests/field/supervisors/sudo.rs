//! `examples/sudo/heygem`: sudo itself, with the recipe as its sudoers, in a mount namespace where nobody else sees them. It
//! starts the bundled example, whose workers show what the variables are worth.

use std::process::Command;

use super::app::{by_root, recipe};
use crate::support::place::{LAUNCHER, Place, copy_example};
use crate::support::run::{Outcome, Run};

const RECIPE: &str = "sudo/heygem";

/// Installs sudoers and runs a script as an operator: somebody who is neither root nor the service's user.
const INSTALL: &str = r#"
set -eu
mount -t tmpfs -o mode=755 none /etc/sudoers.d
install -m 440 sudoers /etc/sudoers.d/main
install -m 440 heygem /etc/sudoers.d/heygem
mount --bind /etc/sudoers.d/main /etc/sudoers
exec setpriv --reuid=daemon --regid=daemon --init-groups sh -c "$1"
"#;

struct Machine(Place);

impl Machine {
    fn new(changes: &[(&str, &str)]) -> Self {
        let place = Place::new();
        let app = copy_example(&place, "app").join("fastapi_app.py");
        let app_text = std::fs::read_to_string(&app).expect("the app");
        let shows =
            "import os\nif __name__ == '__main__': print('GPU', os.environ.get('CUDA_VISIBLE_DEVICES'))\n";
        place.write("app/fastapi_app.py", format!("{shows}{app_text}"));
        place.copy_program(LAUNCHER, "bin/heygem-run");
        let here = place.dir.display().to_string();
        let app = format!("{here}/app");
        place.launch(["-r", "app/HeyGem-Linux-Python-Hack", "--prepare"]).run().succeeded();
        place.write(
            "heygem",
            recipe(
                RECIPE,
                &[
                    changes,
                    &[
                        ("/usr/local/bin", &*format!("{here}/bin")),
                        // The service's user can't look where the tests' own Python may lie.
                        ("/app/.venv/bin/python", "/usr/bin/python3"),
                        ("/app", &*app),
                        ("%operators", "%daemon"),
                        ("(heygem)", "(nobody)"),
                        ("-u heygem", "-u nobody"),
                    ],
                ]
                .concat(),
            ),
        );
        // As Debian has them, and what the control asks for.
        place.write("sudoers", format!(
            "Defaults env_reset, use_pty, secure_path=\"{here}/bin:/usr/bin:/bin\"\n@include /etc/sudoers.d/heygem\n\
             daemon ALL = (nobody) NOPASSWD: /usr/bin/python3\n"
        ));
        Self(place)
    }

    /// The command that the recipe tells.
    fn told(&self) -> String {
        let text = std::fs::read_to_string(self.0.path("heygem")).expect("the recipe");
        let told = text.lines().find_map(|line| line.strip_prefix("#   sudo -u ")).expect("a command");
        format!("sudo -n -u {told}")
    }

    fn run(&self, script: &str) -> Outcome {
        let mut command = self.0.command("unshare");
        command.args(["-m", "sh", "-c", INSTALL, "sh", script]);
        command.env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
        Run::new(by_root(command)).run()
    }
}

#[test]
fn visudo_has_nothing_to_say_and_would_say_it() {
    let place = Place::new();
    let check = |text: String| {
        let mut command = Command::new("/usr/sbin/visudo");
        command.arg("-cf").arg(place.write("heygem", text));
        Run::new(command).run()
    };
    let good = check(recipe(RECIPE, &[]));
    assert!(good.succeeded().ends_with("parsed OK\n"), "{good}");
    assert_eq!(good.stderr(), "");
    let bad = check(recipe(RECIPE, &[("NOPASSWD: ", "NOPASSWD ")]));
    assert_eq!(bad.code(), Some(1), "{bad}");
}

#[test]
fn sudo_starts_the_service_as_its_user() {
    let machine = Machine::new(&[]);
    let outcome = machine.run(&format!("CUDA_VISIBLE_DEVICES=1 {}", machine.told()));
    let stdout = outcome.succeeded();
    assert!(stdout.starts_with("GPU 1"), "{outcome}");
    assert_eq!(stdout.lines().filter(|line| line.contains(" returned Video(")).count(), 3, "{outcome}");
}

#[test]
fn what_sudo_starts_behind_the_launcher_has_lost_the_variables() {
    let machine = Machine::new(&[]);
    let app = machine.0.path("app");
    let sudo = format!("cd {} && heygem-run -- sudo -n -u nobody python3 {0}/fastapi_app.py", app.display());
    let outcome = machine.run(&format!("PATH={}/bin:$PATH; {sudo}", machine.0.dir.display()));
    assert_eq!(outcome.code(), Some(1), "{outcome}");
    let all = outcome.stdout() + &outcome.stderr(); // on sudo's terminal they are one
    assert!(all.contains("No module named 'trans_dh_service'"), "{outcome}");
}

#[test]
fn an_operator_can_run_nothing_else() {
    let machine = Machine::new(&[]);
    let told = machine.told();
    let others = [
        "sudo -n -u nobody heygem-run -- id -un".to_owned(),
        format!("{told} --more"),
        told.replace("-u nobody ", ""),
        told.replace("/app/fastapi_app.py", "/app/other.py"),
        told.replace("heygem-run ", "PYTHONPATH=/tmp heygem-run "),
    ];
    for other in others {
        let outcome = machine.run(&other);
        assert_eq!((outcome.code(), &*outcome.stdout()), (Some(1), ""), "{outcome}");
    }
}

/// Which the caller would have run as the service's user.
#[test]
fn code_of_the_callers_own_is_kept_out() {
    let attack = |machine: &Machine| {
        let evil = machine.0.make_dir("evil");
        machine.0.write("evil/sitecustomize.py", "print('evil')");
        let (evil, told) = (evil.display(), machine.told());
        machine
            .run(&format!("cd {evil}; HEYGEM_DIR={evil} HEYGEM_PYTHON=/bin/false PYTHONPATH={evil} {told}"))
    };
    let outcome = attack(&Machine::new(&[]));
    assert!(!outcome.succeeded().contains("evil"), "{outcome}");
    let outcome = attack(&Machine::new(&[("CUDA_VISIBLE_DEVICES", "PYTHONPATH")]));
    assert!(outcome.stdout().contains("evil"), "{outcome}");
}
