//! Interpreters that are named: by an option, by a variable, or as the command's own program.

use super::{Machine, SPOTS, Spot, warning};
use crate::support::interpreters::pairs;

#[test]
fn an_interpreter_that_is_named_beats_them_all() {
    for [old, new] in &pairs() {
        let mut machine = Machine::new(Some(&new.version));
        for spot in SPOTS {
            if spot != Spot::Versioned {
                machine.put(spot, old);
            }
        }
        let named = machine.site.place.link(&new.path, "app/my env/bin/python");
        let by_path = machine.site.place.link(&new.path, "bin/mine");
        let on_path = by_path.display().to_string();
        let table = [
            (format!("'{}'", named.display()), &named),
            ("'my env/bin/python'".into(), &named), // relative to where it was typed
            (r"./my\ env/bin/python -u -X dev".into(), &named),
            (on_path, &by_path),
            ("mine".into(), &by_path),
            ("mine -W 'ignore:a b'".into(), &by_path),
        ];
        for (python, path) in table {
            for words in [["show.py"].as_slice(), &["-m", "show"]] {
                println!("{python} {words:?}");
                machine.runs(&[&["--python", &python][..], words].concat(), |run| run, path, new, "");
                machine.runs(words, |run| run.env("HEYGEM_PYTHON", &python), path, new, "");
            }
        }
        let both = ["-p", "mine", "show.py"];
        machine.runs(&both, |run| run.env("HEYGEM_PYTHON", "/nowhere"), &by_path, new, "");
    }
}

#[test]
fn an_interpreter_that_is_named_is_checked_like_any_other() {
    for [old, new] in &pairs() {
        let mut machine = Machine::new(Some(&old.version));
        let path = machine.put(Spot::Versioned, new);
        let name = format!("python{}", new.version);
        let told = warning(format!(
            "{} is Python {}, and the SDK is compiled for {}: the import will fail with No module named 'service.trans_dh_service'",
            path.display(),
            new.version,
            old.version
        ));
        machine.runs(&["-p", &name, "show.py"], |run| run, &path, new, &told);
    }
}

#[test]
fn a_command_is_never_replaced() {
    for [old, new] in pairs().iter().filter(|[_, new]| new.is_real()) {
        let mut machine = Machine::new(None);
        machine.put(Spot::VirtualEnv, old);
        let path = machine.put(Spot::OnPath("python"), new);
        let expected = format!("{} {}\n", path.display(), new.version);
        machine.site.launch(["python", "show.py"]).prints(&expected);
        // The variable is for those that need it; the option was typed for this one.
        machine.site.launch(["python", "show.py"]).env("HEYGEM_PYTHON", "/nowhere").prints(&expected);
        let told =
            warning("--python has no effect on a command: python runs as it is; leave --python out".into());
        machine.site.launch(["-p", "/nowhere", "python", "show.py"]).prints_and_warns(&expected, told);
    }
}
