//! A shell's script that another one, or a shell's text, reads or runs, and that keeps the launch from its Python.

use super::{app, files, python, warns};
use crate::support::place::LAUNCHER;
use crate::support::run::Run;
use crate::support::site::Site;

#[test]
fn the_script_behind_a_script_is_judged() {
    let outer = "#!/bin/sh\n";
    let path = "#!/bin/sh\nexport PYTHONPATH=.\n";
    let starting = "#!/bin/sh\nexport PYTHONPATH=.\nexec {python} app.py\n";
    let table: [(&[&str], &str, &str, &str); 7] = [
        (&["./start.sh"], ". ./env.sh\nexec {python} app.py\n", "env.sh", path),
        (
            &["bash", "start.sh"],
            "source $PWD/no.sh; source 'in/env.sh'\n{python} app.py\n",
            "in/env.sh",
            path,
        ),
        (&["./start.sh"], "cd in\nset -a; . ./env.sh; set +a\ncd ..\n{python} app.py\n", "in/env.sh", path),
        (&["./start.sh"], ". \"$(dirname \"$0\")/env.sh\" && {python} app.py\n", "env.sh", path),
        (&["sh", "-c", ". ./env.sh && exec {python} app.py"], "", "env.sh", path),
        (&["./start.sh"], "cd \"$(dirname \"$0\")\" || exit 1\nexec ./inner.sh\n", "inner.sh", starting),
        (&["nohup", "./start.sh"], "true\nnice sh -e in/inner.sh\n", "in/inner.sh", starting),
    ];
    for (words, text, name, inner) in table {
        let site = app();
        let name = format!("app/{name}");
        let filled_in = |text: &str| text.replace("{python}", python());
        site.place.write_program("app/in/no.sh", outer);
        site.place.write("app/no.sh", "");
        site.place.write_program("app/start.sh", filled_in(&[outer, text].concat()));
        site.place.write_program(&name, filled_in(inner));
        let advice = r#"takes the launch's PYTHONPATH away: write there export PYTHONPATH=.:"$PYTHONPATH""#;
        let told = |site: &Site| format!("{}, line 2, {advice}", site.at(&name));
        let healthy = inner.replace("PYTHONPATH=.", "PYTHONPATH=.:\"$PYTHONPATH\"");
        let (healthy, mended) = (filled_in(&healthy), name.clone());
        let mend = move |site: &Site| drop(site.place.write_program(&mended, &healthy));
        warns(site, words, told, files(mend)).check();
    }
}

#[test]
fn a_script_that_is_read_for_nothing_is_left_alone() {
    let table = [
        ". ./env.sh\necho ran\n",
        ". ./env.sh\nexec LAUNCHER -q -- {python} app.py\n",
        "P=$PYTHONPATH\n. ./env.sh\nPYTHONPATH=.:$P\nexec {python} app.py\n",
        "if false; then . ./env.sh; fi\nexec {python} app.py\n",
        "pushd in >/dev/null\npopd >/dev/null\n. ./other.sh\nexec {python} app.py\n",
        "heygem-run() { :; }\nheygem-run ./env.sh\nexec {python} app.py\n",
    ];
    for text in table {
        let site = app();
        let text = text.replace("{python}", python()).replace("LAUNCHER", LAUNCHER);
        for name in ["app/env.sh", "app/in/other.sh"] {
            site.place.write_program(name, "#!/bin/sh\nexport PYTHONPATH=.\n");
        }
        site.place.write("app/other.sh", "A=1\n");
        site.place.write_program("app/start.sh", ["#!/bin/sh\n", &text].concat());
        let outcome = site.launch(["bash", "start.sh"]).run();
        assert_eq!((outcome.code(), outcome.stderr()), (Some(0), String::new()), "{text}: {outcome}");
    }
}

#[test]
fn long_scripts_take_few_looks_and_little_time() {
    let table = [
        ("\\\n".repeat(30_000), "lines that go on"),
        ("sudo a\\\n".repeat(8_000), "a command that goes on"),
        // Of so many, the one that takes the path away is not looked at.
        (
            [&*". ./no.sh\n".repeat(6_000), ". ./env.sh\npython app.py\n"].concat(),
            "scripts that are not there",
        ),
    ];
    for (text, what) in table {
        let site = app();
        site.place.write("app/env.sh", "export PYTHONPATH=.\n");
        site.place.write_program("app/start.sh", format!("#!/bin/sh\nexit\n{text}"));
        // The limit is of the processor's time: how busy the machine is does not count.
        let mut command = site.place.command("prlimit");
        command.args(["--cpu=2", LAUNCHER, "--", "bash", "start.sh"]);
        let outcome = Run::new(command).within(site.place.path("app")).run();
        assert_eq!((outcome.code(), outcome.stderr()), (Some(0), String::new()), "{what}: {outcome}");
    }
}

#[test]
fn a_python_script_that_only_names_servers_and_files_is_left_alone() {
    let start = "import subprocess, sys\nfrom os import path\nHERE = path.dirname(path.abspath(__file__))\nprint('ran')\nif len(sys.argv) > 1:\n";
    let table = [
        ("subprocess.run(['uvicorn', 'app:app'])", true),
        ("subprocess.run([sys.executable, 'worker.py'])", true),
        (
            "print([x for x in ['uvicorn', 'uvicorn.access']]); subprocess.run(['ffmpeg', '-i', 'a.mp4'])",
            false,
        ),
        ("subprocess.run([sys.executable, path.join(HERE, 'worker.py')])", false),
        ("subprocess.run(['python3', path.join(HERE, 'worker.py')])", false),
        ("print(sys.executable); open('worker.py'); subprocess.run(['ffmpeg'])", false),
        ("subprocess.run(['docker', 'exec', 'web', 'python', 'worker.py'])", false),
        ("subprocess.run(['celery', '--version'])", false),
    ];
    for (line, is_warned_of) in table {
        let site = Site::beside().with("HEYGEM_PYTHON", python());
        site.place.write("work/worker.py", "");
        site.place.write("work/app.py", format!("{start}    {line}\n"));
        let outcome = site.launch(["-r", &site.at("sdk"), "app.py"]).run();
        assert_eq!(outcome.code(), Some(0), "{line}: {outcome}");
        assert_eq!(
            outcome.stderr().contains("starts programs that name files"),
            is_warned_of,
            "{line}: {outcome}"
        );
    }
}

#[test]
fn a_script_or_a_module_that_runs_sanic_itself() {
    let text = "Sanic = str  # as from sanic import Sanic\napp = Sanic('x')\nif len(app) > 1:\n    app.run(port=1)\nprint('ran')\n";
    let text = text.replace("# as ", "\nif 0:\n    ");
    for words in [&["app.py"][..], &["-m", "app"]] {
        let site = app();
        site.place.write("app/app.py", &text);
        let told = "sanic's workers are daemonic processes, which can't start child processes: add single_process=True to its app.run()";
        let healthy = text.replace("port=1", "port=1, single_process=True");
        let mend = move |site: &Site| drop(site.place.write("app/app.py", &healthy));
        warns(site, words, |_| told.to_owned(), files(mend)).check();
    }
}
