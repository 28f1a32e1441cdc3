//! A login shell drops the variables: the launcher says where it belongs, and that line works.

use crate::support::place::LAUNCHER;
use crate::support::run::Run;
use crate::support::site::Site;

/// Stands in for what asks for a password: it knows this form only.
const SU: &str = "#!/bin/sh\nexec env -i SHELL=/bin/sh PATH=/usr/bin:/bin /bin/sh -c \"$4\"\n";

#[test]
fn what_a_login_shell_runs_is_told_where_the_launcher_belongs() {
    let site = Site::in_app();
    site.place.write_program("app/su", SU);
    let text = "cd / && X='a b' && echo \"$X $HEYGEM_DIR\"";
    let outcome = site.launch(["--", "./su", "-", "root", "-c", text]).run();
    assert_eq!(outcome.stdout(), "a b \n", "{outcome}");
    let stderr = outcome.stderr();
    let told = stderr.strip_prefix("heygem-run: warning: a login shell drops PYTHONPATH: do: heygem-run ");
    let typed = format!("{LAUNCHER} {}", told.expect("a line to type"));
    let mut shell = site.place.command("sh");
    shell.args(["-c", &typed]);
    Run::new(shell).within(&site.cwd).prints(format!("a b {}\n", site.root.display()));
}
