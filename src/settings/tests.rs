use super::*;
use std::ffi::CStr;

fn decided(line: &str, variables: &[&'static CStr]) -> Result<(Action, Settings), String> {
    let words: Vec<OsString> =
        shell_words::split(line).expect("quotes").into_iter().map(OsString::from).collect();
    let cli = crate::reader::read(&words).map_err(|error| error.to_string())?;
    decide(cli, &Environment::new(variables.iter().copied())).map_err(|error| error.to_string())
}

fn settings(line: &str, variables: &[&'static CStr]) -> Settings {
    decided(line, variables).expect(line).1
}

fn action_of(line: &str) -> Action {
    decided(line, &[]).expect(line).0
}

fn error(line: &str, variables: &[&'static CStr]) -> String {
    decided(line, variables).expect_err("an error")
}

fn os(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

#[test]
fn the_target_starts_at_the_first_word_that_is_no_option() {
    use Action::{DryRun, Launch};
    let table = [
        ("h app.py --help", Launch(Words::Script(os(&["app.py", "--help"])))),
        ("h -- app.py", Launch(Words::Script(os(&["app.py"])))),
        ("h python app.py", Launch(Words::Command(os(&["python", "app.py"])))),
        ("h -- -- x", Launch(Words::Command(os(&["--", "x"])))),
        ("h cmd -- x", Launch(Words::Command(os(&["cmd", "--", "x"])))),
        ("h -r d cmd -r e", Launch(Words::Command(os(&["cmd", "-r", "e"])))),
        ("h -- -m x", Launch(Words::Command(os(&["-m", "x"])))),
        ("h - x", Launch(Words::Command(os(&["-", "x"])))),
        ("h -m uv --help -- x -r q", Launch(Words::Module(os(&["uv", "--help", "--", "x", "-r", "q"])))),
        ("h -qm uv -q", Launch(Words::Module(os(&["uv", "-q"])))),
        ("h -muv a -q", Launch(Words::Module(os(&["uv", "a", "-q"])))),
        ("h -muv -mx -q", Launch(Words::Module(os(&["uv", "-mx", "-q"])))),
        ("h -r d --python p -qmuv --port 1", Launch(Words::Module(os(&["uv", "--port", "1"])))),
        ("h -rmuv x -mx", Launch(Words::Command(os(&["x", "-mx"])))),
        ("h -n cmd -n", DryRun(Words::Command(os(&["cmd", "-n"])))),
        ("h --dry-run -- cmd ''", DryRun(Words::Command(os(&["cmd", ""])))),
    ];
    for (line, expected) in table {
        assert_eq!(action_of(line), expected, "{line}");
    }
}

#[test]
fn forms_take_no_command_and_launches_need_one() {
    assert_eq!(action_of("h --print-env"), Action::PrintEnv(EnvFormat::Sh));
    assert_eq!(action_of("h --print-env=json"), Action::PrintEnv(EnvFormat::Json));
    assert_eq!(action_of("h --prepare"), Action::Prepare);
    assert_eq!(action_of("h --inspect"), Action::Inspect(None, ReportFormat::Text));
    assert_eq!(action_of("h --format json --inspect=1"), Action::Inspect(Some(1), ReportFormat::Json));
    let doctor = |words, format, seconds| Action::Doctor(words, format, Duration::from_secs(seconds));
    assert_eq!(action_of("h --doctor"), doctor(None, ReportFormat::Text, 30));
    let words = Some(Words::Script(os(&["a.py", "--format"])));
    assert_eq!(
        action_of("h --doctor --timeout 5 --format json -- a.py --format"),
        doctor(words, ReportFormat::Json, 5)
    );
    let table = [
        ("h", "no command to run"),
        ("h -n", "no command to run"),
        ("h --print-env json", "--print-env takes no command"),
        ("h --prepare app.py", "--prepare takes no command"),
        ("h --explain a.log", "--explain takes no command"),
        ("h --explain=", "--explain is empty"),
        ("h --explain -n", "cannot be used with"),
        ("h --prepare -n x", "cannot be used with"),
        ("h --inspect 1", "--inspect takes no command"),
        ("h --inspect --prepare", "cannot be used with"),
        ("h --inspect=", "invalid value ''"),
        ("h --inspect=0", "invalid value '0'"),
        ("h --format=json x", "--format is for --doctor, --inspect and --explain"),
        ("h --format=json --print-env", "--format is for --doctor, --inspect and --explain"),
        ("h --timeout=5 x", "--timeout is for --doctor"),
        ("h --doctor --timeout=0", "invalid value '0'"),
        ("h --doctor --inspect", "cannot be used with"),
        ("h -q -v x", "cannot be used with"),
        ("h -C d --no-chdir x", "cannot be used with"),
        ("h --quite x", "similar argument exists: '--quiet'"),
    ];
    for (line, message) in table {
        assert!(error(line, &[]).contains(message), "{line}: {}", error(line, &[]));
    }
}

#[test]
fn an_option_beats_its_variable_and_an_empty_variable_is_unset() {
    let root = |line: &str, variables: &[&'static CStr]| settings(line, variables).root;
    let by_option = Some(Sourced { value: PathBuf::from("/a"), source: Origin::Option("--root") });
    let by_variable = Some(Sourced { value: PathBuf::from("/b"), source: Origin::Variable("HEYGEM_DIR") });
    assert_eq!(root("h -r /a x", &[c"HEYGEM_DIR=/b"]), by_option);
    assert_eq!(root("h x", &[c"HEYGEM_DIR=/b"]), by_variable);
    assert_eq!(root("h x", &[c"HEYGEM_DIR="]), None);
    let dirs = |line: &str| {
        settings(line, &[c"HEYGEM_LIBRARY_PATH=/b::c: "]).library_dirs.map(|dirs| (dirs.source, dirs.value))
    };
    let listed = |source, dirs: [&str; 2]| Some((source, dirs.map(PathBuf::from).to_vec()));
    assert_eq!(dirs("h -L /a -L d x"), listed(Origin::Option("--library-dir"), ["/a", "d"]));
    assert_eq!(dirs("h x"), listed(Origin::Variable("HEYGEM_LIBRARY_PATH"), ["/b", "c"]));
}

#[test]
fn falsey_words_are_false() {
    for (value, expected) in [
        (c"HEYGEM_STRICT=", WarningPolicy::Print),
        (c"HEYGEM_STRICT=0", WarningPolicy::Print),
        (c"HEYGEM_STRICT=False", WarningPolicy::Print),
        (c"HEYGEM_STRICT=no", WarningPolicy::Print),
        (c"HEYGEM_STRICT=OFF", WarningPolicy::Print),
        (c"HEYGEM_STRICT=1", WarningPolicy::Fail),
        (c"HEYGEM_STRICT=yes", WarningPolicy::Fail),
    ] {
        assert_eq!(settings("h x", &[value]).warnings, expected, "{value:?}");
    }
    assert_eq!(settings("h -q x", &[]).warnings, WarningPolicy::Hide);
    assert_eq!(settings("h -q --strict x", &[]).warnings, WarningPolicy::Fail);
}

#[test]
fn python_is_split_as_a_shell_would() {
    let python = settings("h x", &[c"HEYGEM_PYTHON='/a b/python' -u"]).python;
    assert_eq!(
        python,
        Some(Sourced { value: os(&["/a b/python", "-u"]), source: Origin::Variable("HEYGEM_PYTHON") })
    );
    assert!(error("h x", &[c"HEYGEM_PYTHON='a"]).starts_with("HEYGEM_PYTHON has a quote that is not closed"));
    assert!(error("h x", &[c"HEYGEM_PYTHON= "]).starts_with("HEYGEM_PYTHON names no program"));
    assert!(error("h x", &[c"HEYGEM_PYTHON=\xff"]).contains(r"$'\xff' is not UTF-8"));
    assert!(error("h --prepare", &[c"HEYGEM_PYTHON= "]).starts_with("HEYGEM_PYTHON names no program"));
    for form in ["--explain", "--inspect=1", "--print-env"] {
        assert_eq!(settings(&format!("h {form}"), &[c"HEYGEM_PYTHON='a"]).python, None, "{form}");
        assert!(error(&format!("h -p '\"' {form}"), &[]).starts_with("--python has a quote"), "{form}");
    }
    assert!(error("h -p '' x", &[]).starts_with("--python is empty"));
    assert!(error("h -r '' x", &[]).starts_with("--root is empty"));
}
