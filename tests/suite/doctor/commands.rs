//! What a command's own words and `#!` line do to the launch.

use super::Subject;
use super::staged::{Mends, PLAIN, Staged, all};
use crate::support::place::LAUNCHER;
use crate::support::run::Run;

/// `APP/start`, with this `#!` line.
const START: &str = "sed \"1i $LINE\" app.py > start; chmod +x start";

#[test]
fn programs_whose_python_is_not_the_one() {
    let start = |line: &str| START.replace("$LINE", line).leak() as &str;
    all(&[
        Staged {
            name: "start_gone",
            stage: start("#!/opt/gone/venv/bin/python3"),
            words: "./start --x",
            says: &["start begins with #!/opt/gone/venv/bin/python3"],
            remedy: Mends::Line("heygem-run -- $PY $APP/start --x"),
            ..PLAIN
        },
        Staged {
            name: "start_env_gone",
            stage: start("#!/usr/bin/env python3.77"),
            words: "./start",
            says: &["start begins with #!/usr/bin/env python3.77", "is not there"],
            remedy: Mends::Line("heygem-run -- $PY $APP/start"),
            ..PLAIN
        },
        Staged {
            name: "start_wrapped_gone",
            stage: start("#!/usr/bin/env python3.77"),
            words: "nohup ./start",
            says: &["start begins with #!/usr/bin/env python3.77"],
            remedy: Mends::Line("heygem-run -- nohup $PY $APP/start"),
            ..PLAIN
        },
        Staged {
            name: "start_other",
            stage: start("#!$OTHER -u"),
            words: "./start",
            says: &["compiled modules are for"],
            remedy: Mends::Line("heygem-run -- $PY -u $APP/start"),
            ..PLAIN
        },
        Staged {
            name: "start_of_windows",
            stage: "printf '#!/usr/bin/env %s\\r\\n' $PY | cat - app.py > start; chmod +x start",
            words: "./start",
            says: &["start can't be run: its #! interpreter", "is missing"],
            remedy: Mends::Line("sed -i 's/\\r$//' $APP/start"),
            ..PLAIN
        },
        Staged {
            name: "server_gone",
            stage: "printf '#!/opt/gone/bin/python\\nimport sys\\n' > $BIN/uvicorn; chmod +x $BIN/uvicorn",
            words: "uvicorn app:app",
            says: &["#!/opt/gone/bin/python"],
            remedy: Mends::Words("heygem-run -m uvicorn app:app"),
            ..PLAIN
        },
        Staged {
            name: "wrapped_nowhere",
            stage: "ln -s $(command -v nohup) $BIN/nohup; ln -s $PYTHON $BIN/python3",
            set: &[("PATH", "$BIN")],
            words: "nohup python $APP/app.py",
            says: &["python is not on PATH"],
            remedy: Mends::Line("heygem-run -- nohup python3 $APP/app.py"),
            ..PLAIN
        },
        Staged {
            name: "shell_script_of_windows",
            stage: "printf 'exec $PY app.py\\r\\n' > start.sh",
            words: "nohup bash -x start.sh",
            says: &["the lines of $APP/start.sh end as on Windows"],
            remedy: Mends::Line("sed -i 's/\\r$//' $APP/start.sh"),
            ..PLAIN
        },
        Staged {
            name: "loop_of_links",
            stage: "ln -s run.py run.py",
            words: "$PY run.py",
            says: &["$APP/run.py is a loop of links"],
            remedy: Mends::Words("$APP/run.py"),
            ..PLAIN
        },
    ]);
}

#[test]
fn files_in_place_of_modules() {
    all(&[
        Staged {
            name: "m_file",
            words: "-m app.py --x",
            says: &["-m takes the name of a module, and app.py is a file"],
            remedy: Mends::Line("heygem-run app.py --x"),
            ..PLAIN
        },
        Staged {
            name: "m_file_of_python",
            words: "$PY -u -m app.py",
            says: &["-m takes the name of a module, and app.py is a file"],
            remedy: Mends::Line("heygem-run -- $PY -u app.py"),
            ..PLAIN
        },
        Staged {
            name: "m_path",
            stage: "mkdir api; cp app.py api/main.py",
            words: "-m api/main.py",
            says: &["-m takes the name of a module, and api/main.py is a file"],
            remedy: Mends::Line("heygem-run api/main.py"),
            ..PLAIN
        },
    ]);
}

#[test]
fn commands_that_drop_pythonpath() {
    all(&[
        Staged {
            name: "env_i",
            words: "env -i $BIN/$PY $APP/app.py",
            says: &["env -i drops the variables"],
            remedy: Mends::Line("heygem-run -- $BIN/$PY $APP/app.py"),
            ..PLAIN
        },
        Staged {
            name: "env_u",
            words: "env -u PYTHONPATH -u LC_ALL A=b $PY $APP/app.py",
            says: &["drops the variables"],
            remedy: Mends::Line("heygem-run -- env -u LC_ALL 'A=b' $PY $APP/app.py"),
            ..PLAIN
        },
        Staged {
            name: "env_set",
            words: "nice -n 1 env PYTHONPATH=/x $PY $APP/app.py",
            says: &["drops the variables"],
            remedy: Mends::Line("heygem-run -- nice -n 1 $PY $APP/app.py"),
            ..PLAIN
        },
        Staged {
            name: "sudo",
            stage: "printf '#!/bin/sh\\n' > $BIN/sudo; chmod +x $BIN/sudo",
            words: "sudo -u www $PY $APP/app.py",
            status: "warn",
            says: &["sudo -u www drops the variables"],
            ..PLAIN
        },
        Staged {
            name: "sudo_of_named_root",
            stage: "printf '#!/bin/sh\\n' > $BIN/sudo; chmod +x $BIN/sudo",
            set: &[("HEYGEM_DIR", "$ROOT")],
            words: "sudo $PY $APP/app.py",
            status: "warn",
            says: &["sudo drops the variables"],
            remedy: Mends::Words("-r $ROOT -- $PY $APP/app.py"),
            ..PLAIN
        },
        Staged {
            name: "shell_unsets",
            words: "sh -c 'unset PYTHONPATH; exec $PY app.py'",
            says: &["unset PYTHONPATH drops the PYTHONPATH that heygem-run sets"],
            remedy: Mends::Line("heygem-run -- sh -c 'exec $PY app.py'"),
            ..PLAIN
        },
        Staged {
            name: "shell_sets",
            words: "bash -c 'cd /tmp && export PYTHONPATH=/x && $PY $APP/app.py'",
            says: &["export PYTHONPATH=/x drops the PYTHONPATH"],
            remedy: Mends::Line(
                "heygem-run -- bash -c 'cd /tmp && export PYTHONPATH=/x:\"$PYTHONPATH\" && $PY $APP/app.py'",
            ),
            ..PLAIN
        },
        Staged {
            name: "script_sets",
            stage: "printf '#!/bin/sh\\ncd .\\nexport PYTHONPATH=/x\\nexec $PY app.py\\n' > start.sh; chmod +x start.sh",
            words: "./start.sh",
            says: &["$APP/start.sh, line 3, drops the PYTHONPATH"],
            remedy: Mends::Line("sed -i 3d $APP/start.sh"),
            ..PLAIN
        },
        Staged {
            name: "script_sets_inline",
            stage: "printf 'PYTHONPATH=/x exec $PY app.py\\n' > start.sh",
            words: "bash start.sh",
            says: &["$APP/start.sh, line 1, drops the PYTHONPATH"],
            remedy: Mends::Words("write in line 1 of $APP/start.sh: PYTHONPATH=/x:"),
            ..PLAIN
        },
    ]);
}

#[test]
fn flags_in_odd_places() {
    all(&[
        Staged {
            name: "env_split",
            words: "env -S '$PY -I' $APP/app.py",
            says: &["-I", "ignore PYTHONPATH"],
            remedy: Mends::Line("heygem-run -- env $PY $APP/app.py"),
            ..PLAIN
        },
        Staged {
            name: "isolated_with_a_path_of_its_own",
            stage: "rm $ROOT/service/trans_dh_service.*; echo 'class TransDhTask: pass' > $ROOT/service/trans_dh_service.py; sed -i \"1i import sys; sys.path.insert(0, '$ROOT')\" app.py",
            words: "$PY -I app.py",
            says: &["-I", "ignore PYTHONPATH"],
            remedy: Mends::Line("heygem-run -- $PY $APP/app.py"),
            ..PLAIN
        },
        Staged {
            name: "behind_options_with_values",
            stage: "printf '#!/bin/sh\\nshift 4\\nexec \"$@\"\\n' > $BIN/numactl; chmod +x $BIN/numactl",
            words: "numactl --cpunodebind 0 --membind 0 $PY -E $APP/app.py",
            says: &["-E", "ignore PYTHONPATH"],
            remedy: Mends::Line("heygem-run -- numactl --cpunodebind 0 --membind 0 $PY $APP/app.py"),
            ..PLAIN
        },
        Staged {
            name: "no_user_site",
            stage: "base=$HOME/.local/lib/$PY/site-packages; mkdir -p $base; echo > $base/flask_x.py; sed -i '1i import flask_x' app.py",
            words: "$PY -us app.py",
            says: &["-s keeps", "off the path, which has flask_x"],
            remedy: Mends::Line("heygem-run -- $PY -u $APP/app.py"),
            ..PLAIN
        },
        Staged {
            name: "warnings_flag",
            stage: "echo 'import warnings; warnings.warn(\"old\", DeprecationWarning)' > $ROOT/service/__init__.py",
            words: "$PY -u -W error app.py",
            says: &["-W makes an error of a warning"],
            remedy: Mends::Line("heygem-run -- $PY -u app.py"),
            ..PLAIN
        },
        Staged {
            name: "warnings_flag_attached",
            stage: "echo 'import warnings; warnings.warn(\"old\", DeprecationWarning)' > $ROOT/service/__init__.py",
            words: "$PY -uWerror::DeprecationWarning app.py",
            says: &["-W makes an error of a warning"],
            remedy: Mends::Line("heygem-run -- $PY -u app.py"),
            ..PLAIN
        },
    ]);
}

/// What a launch warns of, the doctor finds: with the same command.
#[test]
fn isolation_flags_are_left_out_as_the_warning_says() {
    let mut site = Subject::new();
    let python = site.python.path.display().to_string();
    site.place.write_program("bin/tool", format!("#!{python} -uI\nprint('ran')\n"));
    let version = site.versioned();
    let lines: [&[&str]; 5] = [
        &[&version, "-Em", "app"],
        &[&version, "-X", "m", "-BIc", "print('ran')", "-E"],
        &["nohup", &version, "-uE", "--", "app.py"],
        &["tool", "-E"],
        &["nohup", "tool"],
    ];
    for words in lines {
        let mut command = site.place.command(LAUNCHER);
        command.args(["--dry-run", "--"]).args(words).current_dir(&site.app);
        let stderr = site.with_variables(Run::new(command)).run().stderr();
        let (_, warned) = stderr.trim_end().split_once(" do: ").expect("a warning");
        site.words(words.iter().copied());
        let faults = site.faults();
        let isolation = faults.iter().find(|fault| fault.check == "isolation").expect("a fault");
        assert_eq!(isolation.remedy, warned, "{words:?}: {faults:#?}");
    }
}

#[test]
fn scripts_that_can_not_work() {
    all(&[
        Staged {
            name: "foreign_bytes",
            stage: "printf '# \\326\\320\\n' | cat - app.py > a; mv a app.py",
            says: &["$APP/app.py, line 1: SyntaxError", "Non-UTF-8"],
            ..PLAIN
        },
        Staged {
            name: "no_guard_main",
            stage: "printf 'import multiprocessing as m\\ndef start():\\n    m.get_context(\"spawn\").Process(target=print).start()\\ndef main():\\n    start()\\nmain()\\n' > app.py",
            says: &["app.py, line 6, starts a process", "__name__"],
            remedy: Mends::Words("__main__"),
            ..PLAIN
        },
        Staged {
            name: "no_guard_if",
            stage: "printf 'import multiprocessing as m\\ndef main():\\n    m.set_start_method(\"spawn\")\\n    m.Process(target=print).start()\\nif True:\\n    main()\\n' > app.py",
            says: &["app.py, line 6, starts a process", "__name__"],
            remedy: Mends::Words("__main__"),
            ..PLAIN
        },
        Staged {
            name: "no_guard_context",
            stage: "printf 'import multiprocessing as m\\nspawn = m.get_context(\"spawn\")\\nchild = spawn.Process(target=print)\\nchild.start()\\n' > app.py",
            says: &["app.py, line 4, starts a process", "__name__"],
            remedy: Mends::Words("__main__"),
            ..PLAIN
        },
        Staged {
            name: "getopt_parses",
            stage: "printf 'import getopt, sys\\ngetopt.getopt(sys.argv[1:], \"x:\")\\n' > $ROOT/service/__init__.py",
            words: "$PY app.py --workers 2",
            says: &["sys.argv", "--workers 2"],
            remedy: Mends::Words("sys.argv"),
            ..PLAIN
        },
        Staged {
            name: "argv_read",
            stage: "printf 'import sys\\nPORT = int(sys.argv[1]) if sys.argv[1:] else 1\\n' > $ROOT/service/__init__.py",
            words: "$PY app.py --workers 2",
            says: &["sys.argv", "--workers 2"],
            remedy: Mends::Words("sys.argv"),
            ..PLAIN
        },
    ]);
}

/// A gunicorn that is never run, with a configuration.
const GUNICORN: &str = "printf '#!%s\\nimport sys\\n' $PYTHON > $BIN/gunicorn; chmod +x $BIN/gunicorn; ";

#[test]
fn files_that_configure_gunicorn() {
    let stage = |text: &str| format!("{GUNICORN}{text}").leak() as &str;
    all(&[
        Staged {
            name: "preload_in_file",
            stage: stage("printf 'workers = 2\\npreload_app = True\\n' > gunicorn.conf.py"),
            words: "gunicorn app:app",
            status: "warn",
            says: &["$APP/gunicorn.conf.py, line 2", "preload"],
            remedy: Mends::Line("sed -i 2d $APP/gunicorn.conf.py"),
            ..PLAIN
        },
        Staged {
            name: "gevent_in_file",
            stage: stage("printf 'worker_class = \"gevent\"\\n' > conf.py"),
            words: "gunicorn -c conf.py app:app",
            status: "warn",
            says: &["$APP/conf.py, line 1", "gevent"],
            remedy: Mends::Line("sed -i 1d $APP/conf.py"),
            ..PLAIN
        },
    ]);
}
